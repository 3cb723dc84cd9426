//! Stored event as it is in the database.

/// Stored event as it is in the database, whether the program can read it or not.
///
/// ```no_run
/// # use eventsource_core::{Error, Event, EventStore, UnreadableEvent};
/// # async fn example<E: Event>(tasks: EventStore<E>, event: UnreadableEvent) -> Result<(), Error> {
/// if let Some(raw) = tasks.event_raw(event.id).await? {
///     println!("{:?} {} {}", raw.event_type, raw.payload, raw.metadata);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawEvent {
    /// Id of the event.
    pub id: String,
    /// Id of the entity, not in the format of the machine.
    pub entity_id: String,
    /// Sequence of the event within its entity.
    pub seq: i64,
    /// Log sequence.
    pub log_seq: i64,
    /// Code of the event type.
    pub event_type_code: i64,
    /// Name that the database has registered for the code; `None` if there is none.
    pub event_type: Option<String>,
    /// State before the event: a bit for the code of each event type in it.
    pub prior_state: i64,
    /// State after the event.
    pub state: i64,
    /// Generation of the entity after the event.
    pub generation: i64,
    /// Time of recording, as the database writes it.
    pub recorded_at: String,
    /// Text of the payload.
    pub payload: String,
    /// Text of the metadata.
    pub metadata: String,
}

/// Event that is asked for as it is in the database.
#[derive(Clone, Copy, Debug)]
pub(crate) enum RawEventKey {
    /// By its id.
    Id(uuid::Uuid),
    /// By its entity and its sequence.
    Place(uuid::Uuid, crate::Seq),
}
