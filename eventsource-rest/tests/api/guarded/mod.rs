//! Who may read and write what: roles, event types and endpoints, cell by cell.
//!
//! What is expected is computed in `claims` from the rules as a person reads them, and not from the
//! machine. `routes` has the one table of routes, and fails on a route that it does not list.

mod claims;
mod reads;
mod routes;
mod writes;
