//! Contract between the public API and the databases: rows, requests, filters, options, errors, and
//! the traits of a driver.
//!
//! Uses nothing of the other layers of the store: no rules, no SQL but quoted names, no database.
//!
//! * Traits of a driver: `driver` (append, read, feed, bulk, snapshot, schema), `bulk` (one import
//!   or export).
//! * Machine of an entity type in one database: `entity_context`, `names`, `identifier`, `codes`,
//!   `plan_rules`, `snapshot_state`.
//! * Rows, requests and their results: `rows`, `read_row`, `unreadable_event`, `raw_event`, `request`,
//!   `stream_range`, `snapshot`, `feed`, `feed_notifier`, `suspects`, `stored_payload`.
//! * What is written with an append: `companion`.
//! * Filters and points: `filters`, `entity_cursor`, `as_of`.
//! * Schema: `schema_options`, `schema_version`, `schema_difference`, `migration`, `layout`.
//! * Import and export: `exported_event`, `payload_json`, `import_report`, `import_violation`.
//! * Options and errors: `options`, `clock`, `error`, `cause`, `invalid_input`, `text_checks`, `untrusted_json`,
//!   `violation`.

pub(crate) mod as_of;
pub(crate) mod bulk;
pub(crate) mod cause;
pub(crate) mod clock;
pub(crate) mod codes;
pub(crate) mod companion;
pub(crate) mod dialect;
pub(crate) mod driver;
pub(crate) mod entity_context;
pub(crate) mod entity_cursor;
pub(crate) mod error;
pub(crate) mod exported_event;
pub(crate) mod feed;
pub(crate) mod feed_notifier;
pub(crate) mod filters;
pub(crate) mod identifier;
pub(crate) mod import_report;
pub(crate) mod import_violation;
pub(crate) mod invalid_input;
pub(crate) mod layout;
pub(crate) mod migration;
pub(crate) mod names;
pub(crate) mod options;
pub(crate) mod payload_json;
pub(crate) mod plan_rules;
pub(crate) mod raw_event;
pub(crate) mod read_row;
pub(crate) mod request;
pub(crate) mod rows;
pub(crate) mod schema_difference;
pub(crate) mod schema_options;
pub(crate) mod schema_version;
pub(crate) mod snapshot;
pub(crate) mod snapshot_state;
pub(crate) mod stored_payload;
pub(crate) mod stream_range;
pub(crate) mod suspects;
pub(crate) mod tables;
pub(crate) mod text_checks;
pub(crate) mod together;
pub(crate) mod unreadable_event;
pub(crate) mod untrusted_json;
pub(crate) mod view_rows;
pub(crate) mod violation;
