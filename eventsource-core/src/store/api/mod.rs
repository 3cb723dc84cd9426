//! Public API: [`Store`](store::Store), [`EventStore`](event_store::EventStore) and their builders.
//!
//! Turns typed events into the rows of [`contract`](super::contract) and back, and calls the driver
//! through [`database`](super::database). May use every other layer of the store; none of them
//! uses this one.
//!
//! * `store`, `event_store`: the two handles.
//! * `append`, `append_event`: the builder of an append, which checks roles and texts before it is sent.
//! * `execute`: commands, which decide what to append.
//! * `together`, `joint_request`: appends to several machines in one transaction.
//! * `reading`: for whom a handle reads; every read of a driver is made there.
//! * `repeat`: what an earlier request with the same idempotency key has stored.
//! * `head`, `history`, `fold`, `snapshots`: reading one entity.
//! * `search`, `entities`: searching events and entities.
//! * `feed`: all events in one order.
//! * `export`, `import`: moving whole logs.
//! * `generations`: the tables of read models, version by version.
//! * `inline`: read models that are written with each append.
//! * `ddl`, `verify`: the tables as SQL text, and the check of a database.
//! * `stored_payloads`: the check that a program reads what is stored.
//! * `decode`: typed events and heads from rows.

pub(crate) mod append;
pub(crate) mod append_event;
pub mod ddl;
pub(crate) mod decode;
pub(crate) mod entities;
pub(crate) mod event_store;
pub(crate) mod execute;
pub(crate) mod export;
pub(crate) mod feed;
pub(crate) mod fold;
pub(crate) mod generations;
pub(crate) mod head;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod inline;
pub(crate) mod joint_request;
pub(crate) mod reading;
pub(crate) mod repeat;
pub(crate) mod search;
pub(crate) mod snapshots;
pub(crate) mod store;
pub(crate) mod stored_payloads;
pub(crate) mod together;
pub(crate) mod transaction;
pub(crate) mod verify;
pub(crate) mod view;
