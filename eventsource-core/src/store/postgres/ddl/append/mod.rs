//! Functions that append events: they know the rules, have the rights of the owner, and are all that
//! a writer may call to change the log, the heads, the keys and the counter.
//!
//! * `expressions`: the rules of a machine as SQL expressions.
//! * `one`: the function for a single event.
//! * `each`: the function for one event of each of several entities.
//! * `batch`: the function for any number of events of any number of requests.
//! * `lock`: the function that locks heads before several machines append.
//! * `answered`: the function that returns the answer to an idempotency key.
//! * `by_name`: the function for people and programs in other languages.
//! * `outcomes`: what a call answers about a request.
//! * `settings`: the settings and the marker that all of them share.
//! * `create`: the SQL that creates or replaces all of them, and grants the rights to call them.

pub(crate) mod answered;
pub(crate) mod batch;
pub(crate) mod by_name;
pub(crate) mod create;
pub(crate) mod each;
pub(crate) mod expressions;
pub(crate) mod lock;
pub(crate) mod one;
pub(crate) mod outcomes;
pub(crate) mod settings;
