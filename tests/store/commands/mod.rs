//! Commands: what is decided, stored and answered, and what happens between several of them.

mod accounts;
mod archive;
mod at_once;
mod basics;
mod cached;
mod kit;
mod support;
