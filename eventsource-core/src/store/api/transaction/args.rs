//! Values that a statement is given, in the order of its placeholders.

use crate::store::api::transaction::value::{Arg, Value};

/// Values of a statement for `$1`, `$2` and so on: a tuple of up to twelve [`Arg`]s, or a list.
///
/// ```
/// use eventsource_core::{Args, EntityId};
///
/// let values = (EntityId::new(), "ann", Some(7_i64)).values();
/// assert_eq!(values.len(), 3);
/// assert!(().values().is_empty());
/// ```
pub trait Args {
    /// Returns the values.
    fn values(self) -> Vec<Value>;
}

impl Args for Vec<Value> {
    fn values(self) -> Self {
        self
    }
}

macro_rules! args {
    ($($name:ident)*) => {
        impl<$($name: Arg),*> Args for ($($name,)*) {
            #[allow(non_snake_case, reason = "a value has the name of its type")]
            fn values(self) -> Vec<Value> {
                let ($($name,)*) = self;
                vec![$(Arg::value(Some($name))),*]
            }
        }
    };
}

args! {}
args! { A }
args! { A B }
args! { A B C }
args! { A B C D }
args! { A B C D E }
args! { A B C D E F }
args! { A B C D E F G }
args! { A B C D E F G H }
args! { A B C D E F G H I }
args! { A B C D E F G H I J }
args! { A B C D E F G H I J K }
args! { A B C D E F G H I J K L }
