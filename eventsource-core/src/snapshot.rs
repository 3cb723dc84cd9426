//! What a fold has made of an entity so far, kept for the next time.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Event, Fold};

/// A [`Fold`] whose value can be kept, so that the next one who asks for it reads only the events
/// that came since: [`with_snapshots`](crate::FoldQuery::with_snapshots).
///
/// **Raise `VERSION` with every change of what [`apply`](Fold::apply) does.** A value that the old
/// `apply` has made is otherwise taken for one that the new one would make, and stays wrong for as
/// long as it is kept. Everything else is noticed without: a snapshot counts only for the type whose
/// fields serde describes as it did, of events whose payloads it describes as it did.
///
/// A snapshot is never the truth. It may be deleted at any time, with
/// [`forget_snapshots`](crate::EventStore::forget_snapshots) or by SQL; one that cannot be read, that
/// is of another version, or that is of events which the entity does not have, is passed over and
/// replaced.
///
/// What serde writes of the value must be all of it: a field that is skipped is at its default after
/// a snapshot. A value that serde cannot write as JSON and read back is not kept.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Fold, RecordedEvent, Snapshot, Store};
/// use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "account")]
/// pub enum AccountEvent {
///     Opened,
///     #[event(follows = any_state, accumulate = keep())]
///     Deposited { cents: i64 },
/// }
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Balance { cents: i64 }
///
/// impl Fold<AccountEvent> for Balance {
///     fn apply(&mut self, event: &RecordedEvent<AccountEvent>) {
///         if let AccountEvent::Deposited { cents } = event.event {
///             self.cents += cents;
///         }
///     }
/// }
///
/// impl Snapshot<AccountEvent> for Balance {
///     const NAME: &'static str = "balance";
///     const VERSION: u32 = 1;
///     const EVERY: u32 = 50;
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// # let accounts = Store::connect("sqlite::memory:").await?.migrate::<AccountEvent>().await?;
/// # let id = EntityId::new();
/// let mut append = accounts.append(id, AccountEvent::Opened);
/// for _ in 0..60 {
///     append = append.event(AccountEvent::Deposited { cents: 100 });
/// }
/// append.await?;
/// // Reads 61 events and keeps what they gave; from then on only what comes after them is read.
/// let balance = accounts.fold::<Balance>(id).with_snapshots().await?.unwrap();
/// assert_eq!(balance.value.cents, 6000);
/// let again = accounts.fold::<Balance>(id).with_snapshots().await?.unwrap();
/// assert_eq!((again.value.cents, again.head.seq.get()), (6000, 61));
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "what `{Self}` makes of the events of `{E}` cannot be kept",
    label = "is no `Snapshot<{E}>`",
    note = "implement `Snapshot` for a fold of your own; the data that the derive writes is one if \
            all of its fields are `Deserialize`"
)]
pub trait Snapshot<E: Event>: Fold<E> + Serialize + DeserializeOwned + 'static {
    /// What the fold is called where snapshots are kept, in 1 to 100 bytes: no other fold of the
    /// same events may be called so.
    const NAME: &'static str;

    /// Which way of [`apply`](Fold::apply) the value is made by: another number with every change of
    /// what it does.
    const VERSION: u32;

    /// A snapshot is taken by whoever has read at least so many events beyond the last one; 1 or
    /// more. Fewer are read faster, more are written less often.
    const EVERY: u32 = 100;
}

/// Whether a fold may be called so.
#[cfg(feature = "_store")]
pub(crate) const fn is_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == 0 {
            return false;
        }
        at += 1;
    }
    matches!(at, 1..=100)
}

/// What makes two values of a fold comparable: its version, what serde says of its type, and what it
/// says of the payloads that the fold is given.
#[cfg(feature = "_store")]
pub(crate) fn fingerprint<E: Event, F: Snapshot<E>>() -> u64 {
    use crate::payload::trace::trace;
    use crate::{EventType, payload_schema};

    let mut hash = Fnv::new();
    hash.add(&F::VERSION.to_string());
    let value = trace(|probe| F::deserialize(probe).map(drop));
    hash.add(&value.schema.to_string());
    for event_type in <E::Type as EventType>::ALL {
        hash.add(event_type.name());
        hash.add(&payload_schema::<E>(*event_type).to_string());
    }
    hash.0
}

/// FNV-1a: a guard against mistakes, the same in every build.
#[cfg(feature = "_store")]
struct Fnv(u64);

#[cfg(feature = "_store")]
impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// A text, and that it ends here.
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
