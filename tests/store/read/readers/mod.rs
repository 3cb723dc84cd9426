//! Reads for a reader: roles of machines and events, and policies of the application.

mod changes;
mod claims;
mod every_read;
