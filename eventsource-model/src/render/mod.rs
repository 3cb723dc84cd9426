//! Pictures and tables of a machine, as text.

mod markdown;
mod mermaid;
mod text;
mod transition_tests;

pub use markdown::markdown_table;
pub use mermaid::mermaid;
pub use text::text;
pub use transition_tests::{TransitionTests, transition_tests};

use crate::{Exploration, Machine};

/// Pictures of more states than this say nothing; tables of the rules stand in for them.
///
/// ```
/// assert_eq!(eventsource_model::render::MAX_DRAWN_STATES, 40);
/// ```
pub const MAX_DRAWN_STATES: usize = 40;

/// The machine's states if there are few enough to draw.
fn drawable(machine: &Machine) -> Option<Exploration> {
    // One more than the picture holds: the empty state is drawn as the start.
    let exploration = machine.explore(MAX_DRAWN_STATES + 1);
    exploration.is_complete().then_some(exploration)
}
