//! Commands: what is decided, stored and answered, and what happens between several of them.

mod basics;
mod support;
