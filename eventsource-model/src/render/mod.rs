//! Pictures and tables of a machine, as text.
//!
//! A picture is a [`Drawing`] first, then Mermaid, DOT, SVG or plain text.

mod coordinates;
mod dot;
mod drawing;
mod geometry;
mod layers;
mod markdown;
mod mermaid;
mod svg;
mod text;
mod transition_tests;
mod words;

pub use dot::dot;
pub use drawing::{Drawing, RenderError};
pub use markdown::{markdown_event, markdown_table};
pub use mermaid::mermaid;
pub use svg::svg;
pub use text::text;
pub use transition_tests::{TransitionTests, transition_tests};

/// Largest number of boxes in a picture.
///
/// In a picture of a machine with more states, those that behave alike are merged.
///
/// ```
/// assert_eq!(eventsource_model::render::MAX_DRAWN_STATES, 40);
/// ```
pub const MAX_DRAWN_STATES: usize = 40;

/// Largest number of arrows in a picture.
///
/// ```
/// assert_eq!(eventsource_model::render::MAX_DRAWN_ARROWS, 160);
/// ```
pub const MAX_DRAWN_ARROWS: usize = 160;

/// Largest number of states that are explored for a picture.
///
/// ```
/// assert_eq!(eventsource_model::render::MAX_EXPLORED_STATES, 4096);
/// ```
pub const MAX_EXPLORED_STATES: usize = 4096;
