//! Tables: migrations, rights, views, indexes, and what plain SQL may not do to them.

pub mod constraints;
pub mod data_indexes;
pub mod forgery;
pub mod heads;
pub mod migration;
pub mod roles;
pub mod rules;
pub mod state_index;
pub mod text;
pub mod views;
