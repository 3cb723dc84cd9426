//! Checks of histories and tables that somebody has changed behind the store's back.

mod history;
mod tables;
