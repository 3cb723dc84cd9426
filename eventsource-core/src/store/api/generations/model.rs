//! Read model as its generations are made, and a generation as it is registered.

use chrono::{DateTime, Utc};

use crate::store::api::view::table::ViewTable;
use crate::store::contract::tables::Tables;
use crate::{InputProblem, InvalidInput, Position, Projection, View};

/// Kind of an inline model in the table of subscriptions.
pub(crate) const INLINE: &str = "inline";

/// Most shards of a model.
const MAX_SHARDS: u16 = 256;

/// Read model as its generations are made: name, version, tables, and the machines that it reads.
///
/// ```no_run
/// # use eventsource_core::{Error, Model, Store, View};
/// # async fn example<Day: View>(store: Store) -> Result<(), Error> {
/// let model = Model::view::<Day>().reads("task");
/// let generation = store.create_generation(&model, 1).await?;
/// // .. fill it ..
/// store.switch_generation(model.name(), generation).await?;
/// # Ok(())
/// # }
/// ```
pub struct Model<'m> {
    pub(super) name: &'static str,
    pub(super) version: u32,
    pub(super) kind: &'static str,
    pub(super) reads: Vec<String>,
    pub(super) start: Position,
    pub(super) schema: Box<dyn Fn(&Tables) -> String + Send + Sync + 'm>,
}

impl Model<'_> {
    /// Returns the model of a view that catches up with the feed.
    #[must_use]
    pub fn view<V: View>() -> Self {
        Self {
            name: V::NAME,
            version: V::VERSION,
            kind: "view",
            reads: Vec::new(),
            start: Position::START,
            schema: Box::new(ViewTable::<V>::schema),
        }
    }

    /// Adds a machine that the model reads, by the name of its entity type.
    #[must_use]
    pub fn reads(mut self, entity: impl Into<String>) -> Self {
        self.reads.push(entity.into());
        self
    }

    /// Sets the position after which the first generation begins; later ones begin with the first event.
    #[must_use]
    pub fn starting_after(mut self, position: Position) -> Self {
        self.start = position;
        self
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }
}

impl<'m> Model<'m> {
    /// Returns a model that the appends of one machine write.
    pub(crate) fn inline(
        name: &'static str,
        version: u32,
        entity: &str,
        schema: impl Fn(&Tables) -> String + Send + Sync + 'm,
    ) -> Self {
        Self {
            name,
            version,
            kind: INLINE,
            reads: vec![entity.to_owned()],
            start: Position::START,
            schema: Box::new(schema),
        }
    }

    /// Checks whether the appends of a machine write it.
    pub(super) fn is_inline(&self) -> bool {
        self.kind == INLINE
    }

    /// Returns the model of a projection that catches up with the feed.
    #[must_use]
    pub fn projection<P: Projection>(projection: &'m P) -> Self {
        Self {
            name: P::NAME,
            version: P::VERSION,
            kind: "projection",
            reads: Vec::new(),
            start: Position::START,
            schema: Box::new(|tables| projection.schema(tables)),
        }
    }
}

impl std::fmt::Debug for Model<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("kind", &self.kind)
            .field("reads", &self.reads)
            .finish_non_exhaustive()
    }
}

/// Generation of a read model, as it is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generation {
    /// Number of the generation, from 1.
    pub generation: u32,
    /// Version of the program that fills it.
    pub version: u32,
    /// Number of its shards.
    pub shards: u16,
    /// Whether it is the live one.
    pub is_live: bool,
    /// Whether it is being built, and lacks rows.
    pub is_building: bool,
    /// Time at which it was created.
    pub created_at: DateTime<Utc>,
}

/// Checks whether a text may be the name of a read model.
pub(crate) fn is_name(name: &str) -> bool {
    let is_letter = |first: char| first.is_ascii_lowercase();
    let mut letters = name.bytes();
    name.len() <= 48
        && name.starts_with(is_letter)
        && letters.all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

/// Checks what does not depend on the database.
pub(super) fn check(model: &Model<'_>, shards: u16) -> Result<(), InvalidInput> {
    if !is_name(model.name) {
        let input = format!("the name '{}' of a read model", model.name);
        return Err(InvalidInput::new(input, InputProblem::NoName));
    }
    if !shards.is_power_of_two() || shards > MAX_SHARDS {
        let input = format!("the number of shards, {shards},");
        return Err(InvalidInput::new(input, InputProblem::NoPowerOfTwo));
    }
    Ok(())
}
