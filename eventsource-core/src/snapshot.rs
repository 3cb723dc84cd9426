//! Snapshots: stored values of a fold, from which a later read continues.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Event, Fold};

/// [`Fold`] whose value can be stored, so that a later read folds only the events since then: see
/// [`with_snapshots`](crate::FoldQuery::with_snapshots).
///
/// **Raise `VERSION` with every change of what [`apply`](Fold::apply) does.** Otherwise a value
/// that the old `apply` computed is used as if the new one had computed it, and stays wrong as long
/// as it is stored. Changes of types are detected: a snapshot is used only if serde still describes
/// the type of the value and the payloads of the events as it did when the snapshot was taken.
///
/// The events remain the source of truth. Snapshots may be deleted at any time, with
/// [`forget_snapshots`](crate::EventStore::forget_snapshots) or by SQL. A snapshot that cannot be
/// read, that has another version, or whose last event the entity does not have, is ignored and
/// replaced.
///
/// Serde must write the whole value: a skipped field has its default after a snapshot. A value that
/// serde cannot write as JSON and read back is not stored.
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
/// // Reads 61 events and stores the value; later reads fold only the events after them.
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
    message = "the fold `{Self}` of `{E}` cannot be stored as a snapshot",
    label = "does not implement `Snapshot<{E}>`",
    note = "implement `Snapshot` for a fold of your own; the data that the derive writes is one if \
            all of its fields are `Deserialize`"
)]
pub trait Snapshot<E: Event>: Fold<E> + Serialize + DeserializeOwned + 'static {
    /// Name of the fold in the table of snapshots, 1 to 100 bytes, unique among the folds of a
    /// machine.
    const NAME: &'static str;

    /// Version of [`apply`](Fold::apply): change it with every change of what `apply` does.
    const VERSION: u32;

    /// Number of events after the last snapshot from which a reader stores a new one; 1 or more.
    ///
    /// A smaller number makes reads faster, a larger one makes writes rarer.
    const EVERY: u32 = 100;
}

/// Returns whether a fold may have this name: 1 to 100 bytes, no NUL.
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

/// Computes the fingerprint of a fold: its version, the traced type of its value and the schemas of
/// the payloads.
///
/// A snapshot with another fingerprint is ignored.
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

/// FNV-1a hash, which does not differ between builds, unlike the standard library's hasher.
#[cfg(feature = "_store")]
struct Fnv(u64);

#[cfg(feature = "_store")]
impl Fnv {
    /// Creates the hash of nothing.
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds a text and a terminator, so that the boundaries of texts count.
    fn add(&mut self, text: &str) {
        for byte in text.bytes().chain([0]) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
