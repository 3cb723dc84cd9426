//! Read model of keyed values, and what it makes of the events of a machine.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::view::key::ViewKey;
use crate::view::keys::Keys;
use crate::{Event, RecordedEvent};

/// Read model: a table of values by key, each computed from events by [`Reads`].
///
/// A view has no SQL and no side effects. So it is the same on every database, is filled inline with
/// each append or catching up behind it, and can be built anew from the log at any time.
///
/// The value is stored as JSON. Serde must write the whole of it: a value that is not equal to what
/// is read back from its JSON is refused.
///
/// **Raise `VERSION` with every change of what [`keys`](Reads::keys), [`apply`](Reads::apply) or
/// [`ends`](Reads::ends) do, and of the type.** Programs of the old version go on with the old rows,
/// while new ones are computed beside them.
///
/// ```
/// # mod example {
/// use chrono::NaiveDate;
/// use eventsource_core::{Event, Keys, Reads, RecordedEvent, View};
/// use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     Lit { watts: u32 },
///     #[event(follows = Lit, terminal)]
///     PutOut,
/// }
///
/// /// How many lights were lit on a day.
/// #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
/// pub struct LitPerDay {
///     pub lights: u32,
/// }
///
/// impl View for LitPerDay {
///     const NAME: &'static str = "lit_per_day";
///     const VERSION: u32 = 1;
///     type Key = NaiveDate;
/// }
///
/// impl Reads<LightEvent> for LitPerDay {
///     fn keys(event: &RecordedEvent<LightEvent>) -> Keys<NaiveDate> {
///         match event.event {
///             LightEvent::Lit { .. } => event.recorded_at.date_naive().into(),
///             LightEvent::PutOut => Keys::none(),
///         }
///     }
///
///     fn apply(&mut self, _event: &RecordedEvent<LightEvent>) {
///         self.lights += 1;
///     }
/// }
/// # }
/// ```
pub trait View:
    Default + Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Name of the view, unique in its store: a lower-case letter, then up to 47 lower-case letters,
    /// digits and underscores.
    const NAME: &'static str;

    /// Version of the computation, from 1.
    const VERSION: u32;

    /// What the values are found by.
    type Key: ViewKey;

    /// Fields of the value that [`ViewStore::matching`](crate::ViewStore::matching) may be asked for;
    /// each has an index.
    const INDEXED: &'static [&'static str] = &[];
}

/// What a [`View`] makes of the events of one machine; a view may read several.
///
/// All functions must depend on nothing but their arguments, so that a view that is built anew is
/// equal to the one that followed the events.
#[diagnostic::on_unimplemented(
    message = "the view `{Self}` does not read the events of `{E}`",
    label = "does not implement `Reads<{E}>`"
)]
pub trait Reads<E: Event>: View {
    /// Returns the keys of the values that the event changes: none, one or several.
    fn keys(event: &RecordedEvent<E>) -> Keys<Self::Key>;

    /// Applies the event to the value of one of its keys, which is the default if there was none.
    ///
    /// Events of one entity come in the order of their sequences.
    fn apply(&mut self, event: &RecordedEvent<E>);

    /// Returns whether the values of its keys are deleted with the event, after
    /// [`apply`](Self::apply).
    fn ends(_event: &RecordedEvent<E>) -> bool {
        false
    }
}
