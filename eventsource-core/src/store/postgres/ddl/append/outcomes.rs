//! What a call of an append function answers about a request.

/// Code of a request whose events were stored.
pub(crate) const STORED: i16 = 0;

/// Code of a request that the rules, or its expected sequence, refuse.
pub(crate) const REFUSED: i16 = 1;

/// Code of a request whose entity another transaction has locked, or is creating.
pub(crate) const BUSY: i16 = 2;

/// Code of a request whose idempotency key, or first event, is stored already.
pub(crate) const REPEATED: i16 = 3;

/// Code of a single event after which an auto transition follows: the batch function stores both.
pub(crate) const AUTO_FOLLOWS: i16 = 4;
