//! One order of all events in a store.

mod ahead;
mod event;
mod follow;
mod news;
mod page;
mod sequencer;
mod source;

pub use event::FeedEvent;
pub use follow::Follow;
pub use page::{Feed, FeedPage};
pub use sequencer::Sequencer;
pub use source::FeedSource;

pub(crate) use news::{News, Subscription};
pub use source::Window;
