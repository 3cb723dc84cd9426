//! Payloads of stored events, read to find out whether the program still reads them.

/// Payload of a stored event, with its place; a value that somebody has removed is `None`.
#[derive(Clone, Debug)]
pub(crate) struct StoredPayload {
    /// Id of the entity, as text.
    pub(crate) entity_id: Option<String>,
    pub(crate) seq: Option<i64>,
    /// Code of the event type.
    pub(crate) event_type: Option<i64>,
    /// Payload as JSON.
    pub(crate) data: Option<String>,
}

/// Columns of a [`StoredPayload`], in their order.
pub(crate) type StoredPayloadColumns = (Option<String>, Option<i64>, Option<i64>, Option<String>);

impl From<StoredPayloadColumns> for StoredPayload {
    fn from((entity_id, seq, event_type, data): StoredPayloadColumns) -> Self {
        Self {
            entity_id,
            seq,
            event_type,
            data,
        }
    }
}

/// Part of a log, of which the first and the last event of each type are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LogPart {
    /// Log sequence from which on events are looked at.
    pub(crate) from: i64,
    /// Number of events that are looked at.
    pub(crate) events: i64,
}
