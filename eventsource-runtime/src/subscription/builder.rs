//! Subscription that a runtime runs.

use std::sync::Arc;

use crate::contract::kind::Kind;
use crate::contract::source::Source;
use crate::error::BuildMistake;
use crate::subscription::consumer::Consumer;

/// Subscription: what is done with the events of some machines.
///
/// [`projection`](crate::projection) begins one.
#[must_use = "a subscription does nothing until a runtime runs it"]
pub struct Subscription {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) consumer: Arc<dyn Consumer>,
    /// Tables of its own, if it is a read model.
    pub(crate) model: Option<Arc<dyn Model>>,
    pub(crate) sources: Vec<Arc<dyn Source>>,
    pub(crate) shards: u16,
    pub(crate) start: Start,
    /// Most events of a batch.
    pub(crate) batch: usize,
    /// What is wrong with it, as far as it can be told without a database.
    pub(crate) mistakes: Vec<BuildMistake>,
}

/// Read model with tables of its own.
pub(crate) trait Model: Send + Sync + 'static {
    /// Returns the model as its generations are made.
    fn definition(&self) -> eventsource_core::Model<'_>;

    /// Tells whether its shards are those of keys, so that any number of them gives the same rows.
    fn is_keyed(&self) -> bool {
        false
    }
}

/// Position from which a new subscription begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// First event of the store.
    #[default]
    Beginning,
    /// First event after the subscription was made.
    Now,
    /// First event after this position.
    After(eventsource_core::Position),
}

impl Subscription {
    /// Creates a subscription, which begins with the first event and has one shard.
    pub(crate) fn new(name: impl Into<String>, consumer: Arc<dyn Consumer>) -> Self {
        Self {
            name: name.into(),
            version: 1,
            consumer,
            model: None,
            sources: Vec::new(),
            shards: 1,
            start: Start::Beginning,
            batch: 500,
            mistakes: Vec::new(),
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells whether it is a model of keyed values.
    pub(crate) fn is_keyed(&self) -> bool {
        self.model.as_ref().is_some_and(|model| model.is_keyed())
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.consumer.kind()
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entities: Vec<_> = self.sources.iter().map(|source| source.entity()).collect();
        f.debug_struct("Subscription")
            .field("name", &self.name)
            .field("kind", &self.kind())
            .field("version", &self.version)
            .field("reads", &entities)
            .field("shards", &self.shards)
            .finish_non_exhaustive()
    }
}
