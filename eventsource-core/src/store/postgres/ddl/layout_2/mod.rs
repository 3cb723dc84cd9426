//! Step from layout 1 to layout 2: a copy of the log takes its place, while programs go on writing.
//!
//! In layout 1 payloads and metadata are `jsonb`, and the rules are CHECKs of the log. To change the
//! type of a column would rewrite the log under a lock that stops everybody. The log is append-only,
//! so a copy needs no trigger: what was committed is copied once, in order of the log sequence, and
//! the few events that have come since are copied under a short lock before the copy takes over.
//!
//! * `statements`: the statements in their order.
//! * `step`: the tables and those of the copy.
//! * `begin`: checks, and the empty copy in a schema of its own, where names are final already.
//! * `copy`: batches, each in a transaction of its own.
//! * `replace`: the last transaction.
//! * `shared_rights`: rights to shared tables, once no machine of the schema has layout 1.

mod begin;
mod copy;
mod replace;
pub(crate) mod shared_rights;
pub(crate) mod statements;
mod step;
