//! Append on Postgres: one call of a function in the database, which knows the rules and decides.
//!
//! * `run`: the entry point, with retries.
//! * `together`: appends to several machines, and conditions on other entities, in one transaction.
//! * `arguments`: a request as the arguments of a call.
//! * `calls`, `each`, `batch`, `answer`: the calls, and what they answer.
//! * `accompanied`: calls with what is written in their transaction, such as inline models.
//! * `group`, `queue`: group commit: requests that gather while a call is in flight go into the next.
//! * `refusal`: why a request was refused, by the planner.
//! * `repeat`: the answer to an idempotency key that is stored.
//! * `attempt`, `lost_answer`: why an attempt failed, and whether a lost one was committed.

pub(crate) mod accompanied;
pub(crate) mod answer;
pub(crate) mod arguments;
pub(crate) mod attempt;
pub(crate) mod batch;
pub(crate) mod calls;
pub(crate) mod each;
pub(crate) mod group;
pub(crate) mod lost_answer;
pub(crate) mod queue;
pub(crate) mod refusal;
pub(crate) mod repeat;
pub(crate) mod run;
pub(crate) mod together;
