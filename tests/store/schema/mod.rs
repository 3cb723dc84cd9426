//! Tables: migrations, rights, views and indexes, and what plain SQL may not do to them.

mod concurrent_migration;
mod constraints;
mod data_indexes;
mod event_id_index;
mod forgery;
mod heads;
mod migration;
mod names;
mod roles;
mod rules;
mod state_index;
mod statements;
mod text;
mod views;
