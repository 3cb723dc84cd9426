//! Appends to several machines in one transaction, and conditions on other entities.

mod conditions;
mod inline;
mod machines;
mod races;
