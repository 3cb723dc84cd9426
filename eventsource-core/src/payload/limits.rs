//! Limits of a payload, within which every reader reads it.

/// Deepest nesting of a payload, that of the payload itself included.
///
/// An append of a deeper one fails with [`Error::InvalidInput`](crate::Error::InvalidInput). Readers of
/// JSON in Rust accept this much, and no more.
///
/// ```
/// assert_eq!(eventsource_core::MAX_PAYLOAD_DEPTH, 127);
/// ```
pub const MAX_PAYLOAD_DEPTH: usize = 127;

/// Largest payload, in bytes of its JSON: 16 MiB.
///
/// An append of a larger one fails with [`Error::InvalidInput`](crate::Error::InvalidInput).
///
/// ```
/// assert_eq!(eventsource_core::MAX_PAYLOAD_BYTES, 16_777_216);
/// ```
pub const MAX_PAYLOAD_BYTES: usize = 16 << 20;

/// Largest sum of the payloads of one append, in bytes of their JSON: 256 MiB.
///
/// A message to Postgres has at most 1 GiB, and so has a list in it. An append of more fails with
/// [`Error::InvalidInput`](crate::Error::InvalidInput); an import has no such limit.
///
/// ```
/// assert_eq!(eventsource_core::MAX_APPEND_BYTES, 16 * eventsource_core::MAX_PAYLOAD_BYTES);
/// ```
pub const MAX_APPEND_BYTES: usize = 16 * MAX_PAYLOAD_BYTES;
