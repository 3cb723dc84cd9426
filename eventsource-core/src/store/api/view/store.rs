//! Reads of a view.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use serde_json::Value;

use crate::store::api::store::Store;
use crate::store::api::view::query::{Condition, ViewQuery};
use crate::store::api::view::value::key_text;
use crate::{Error, InputProblem, InvalidInput, Position, View, ViewKey};

/// Reads of a [`View`]: its values by key, in order of their keys, or by a field.
///
/// A read is answered by one generation of the view, never by two. By default it is as far as the view
/// has come; [`fresh`](ViewGet::fresh) waits until it has all events that were committed before.
///
/// Whoever has the store reads all values: `read_by` and policies of machines hold for their events.
///
/// ```no_run
/// # use eventsource_core::{Error, Store, View};
/// # async fn example<Day: View<Key = String>>(store: Store) -> Result<(), Error> {
/// let days = store.view::<Day>();
/// let today = days.get(&"2026-11-30".to_owned()).fresh().await?;
/// let first = days.list().limit(100).await?;
/// # let _ = (today, first);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ViewStore<V> {
    store: Store,
    view: PhantomData<fn() -> V>,
}

impl Store {
    /// Returns the reads of a view, which a [`Runtime`] or the appends of a machine fill.
    ///
    /// [`Runtime`]: https://docs.rs/eventsource-runtime
    #[must_use]
    pub fn view<V: View>(&self) -> ViewStore<V> {
        ViewStore {
            store: self.clone(),
            view: PhantomData,
        }
    }
}

impl<V: View> ViewStore<V> {
    /// Reads the value of a key; `None` if there is none.
    pub fn get(&self, key: &V::Key) -> ViewGet<V> {
        ViewGet {
            query: ViewQuery::new(self.store.clone()),
            key: key_text::<V>(key),
        }
    }

    /// Reads the values in the order of the texts of their keys: 100 unless told otherwise.
    pub fn list(&self) -> ViewList<V> {
        ViewList {
            query: ViewQuery::new(self.store.clone()),
            condition: Ok(None),
            after: Ok(None),
            limit: DEFAULT_LIMIT,
        }
    }

    /// Reads the values whose JSON has this text, number, boolean or null in a field, in the order of
    /// the texts of their keys.
    ///
    /// The field is one of [`View::INDEXED`]. Numbers are compared as serde writes them: 1 is not 1.0.
    pub fn matching(&self, field: &str, value: impl Into<Value>) -> ViewList<V> {
        ViewList {
            condition: condition::<V>(field, value.into()).map(Some),
            ..self.list()
        }
    }
}

/// Values of a page, if there is no limit.
const DEFAULT_LIMIT: u32 = 100;

/// Most values of a page.
const MAX_LIMIT: u32 = 1000;

/// Read of the value of a key; await it.
#[derive(Debug)]
#[must_use = "a view is read when it is awaited"]
pub struct ViewGet<V: View> {
    query: ViewQuery<V>,
    key: Result<String, InvalidInput>,
}

/// Read of a page of values; await it.
#[derive(Debug)]
#[must_use = "a view is read when it is awaited"]
pub struct ViewList<V: View> {
    query: ViewQuery<V>,
    condition: Result<Option<Condition>, InvalidInput>,
    after: Result<Option<String>, InvalidInput>,
    limit: u32,
}

/// Values of a view in the order of the texts of their keys.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ViewPage<V: View> {
    /// Values; fewer than asked for if they are large.
    pub rows: Vec<ViewRow<V>>,
    /// Whether there are more after the last of these.
    pub has_more: bool,
}

/// Value of a view with its key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ViewRow<V: View> {
    /// Key of the value.
    pub key: V::Key,
    /// Value.
    pub value: V,
    /// Position of the last event that was applied to it; [`Position::START`] if that was applied with
    /// its append, where it has none yet.
    pub position: Position,
}

macro_rules! freshness {
    ($query:ident) => {
        impl<V: View> $query<V> {
            /// Waits until the values have all events that were committed before this call, by whatever
            /// program: 5 s unless told otherwise.
            ///
            /// A view that no committed event changes is never waited for, however far behind it is.
            /// With [`Store::read_from_replica`], waits until the replica has the values too.
            ///
            /// # Errors
            /// [`Error::Behind`] if it takes longer, [`Error::Halted`] at once if it would for ever,
            /// [`Error::CannotSequence`] if this role or server cannot tell which events are committed:
            /// such as the reader, or a standby.
            pub fn fresh(mut self) -> Self {
                self.query.is_fresh = true;
                self
            }

            /// Sets how long a [`fresh`](Self::fresh) read waits.
            pub fn within(mut self, limit: Duration) -> Self {
                self.query.within = limit;
                self
            }
        }
    };
}

freshness!(ViewGet);
freshness!(ViewList);

impl<V: View> ViewGet<V> {
    /// Reads the value with its key, and the position of the last event that was applied to it.
    ///
    /// ```no_run
    /// # use eventsource_core::{Error, Store, View};
    /// # async fn example<Day: View<Key = String>>(store: Store) -> Result<(), Error> {
    /// let days = store.view::<Day>();
    /// if let Some(row) = days.get(&"2026-11-30".to_owned()).row().await? {
    ///     println!("{} as of position {}", row.key, row.position);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of the read itself.
    pub async fn row(self) -> Result<Option<ViewRow<V>>, Error> {
        let text = self.key?;
        let found = self.query.get(text.clone()).await?;
        found
            .map(|(value, position)| {
                let key = key_of_text::<V>(&text)?;
                Ok(ViewRow {
                    key,
                    value,
                    position,
                })
            })
            .transpose()
    }
}

impl<V: View> ViewList<V> {
    /// Begins after this key, which need not exist.
    pub fn after(mut self, key: &V::Key) -> Self {
        self.after = key_text::<V>(key).map(Some);
        self
    }

    /// Reads this many values at most: 1 to 1000.
    pub fn limit(mut self, values: u32) -> Self {
        self.limit = values;
        self
    }
}

impl<V: View> IntoFuture for ViewGet<V> {
    type Output = Result<Option<V>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let key = self.key?;
            let found = self.query.get(key).await?;
            Ok(found.map(|(value, _)| value))
        })
    }
}

impl<V: View> IntoFuture for ViewList<V> {
    type Output = Result<ViewPage<V>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (condition, after) = (self.condition?, self.after?);
            if !(1..=MAX_LIMIT).contains(&self.limit) {
                let max = MAX_LIMIT as usize;
                let problem = match self.limit {
                    0 => InputProblem::Empty,
                    _ => InputProblem::TooMany { max },
                };
                return Err(InvalidInput::new("the page", problem).into());
            }
            let limit = self.limit as usize;
            let found = self.query.list(condition, after, limit).await?;
            let mut rows = Vec::with_capacity(found.rows.len());
            for (key, value, position) in found.rows {
                rows.push(ViewRow {
                    key: key_of_text::<V>(&key)?,
                    value,
                    position,
                });
            }
            Ok(ViewPage {
                rows,
                has_more: found.has_more,
            })
        })
    }
}

/// Reads the key of a row.
fn key_of_text<V: View>(text: &str) -> Result<V::Key, Error> {
    V::Key::from_text(text).ok_or_else(|| {
        Error::database(format!("a row of the view '{}' has a foreign key", V::NAME))
    })
}

/// Checks a condition on a field.
fn condition<V: View>(field: &str, value: Value) -> Result<Condition, InvalidInput> {
    if !V::INDEXED.contains(&field) {
        let input = format!("the field '{field}' of the view '{}'", V::NAME);
        return Err(InvalidInput::new(input, InputProblem::NotIndexed));
    }
    if value.is_array() || value.is_object() {
        let input = format!("the value of '{field}' that is looked for");
        return Err(InvalidInput::new(input, InputProblem::NotScalar));
    }
    if value.as_str().is_some_and(|text| text.contains('\0')) {
        let input = format!("the value of '{field}' that is looked for");
        return Err(InvalidInput::new(input, InputProblem::ContainsNul));
    }
    Ok(Condition {
        field: field.to_owned(),
        value,
    })
}
