//! Probe of a type: runs its `Deserialize` until another run would discover nothing more.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::de::{Error as _, Visitor};
use serde_json::{Value, json};

use crate::payload::trace::texts::TEXTS;

/// Depth to which a recursive type is traced.
const DEPTH: usize = 6;
/// Number of runs after which tracing stops, complete or not.
const RUNS: usize = 500;

type Error = serde_json::Error;

/// Result of tracing: a JSON Schema, and a value that the type accepts, unless none was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traced {
    pub(crate) schema: Value,
    pub(crate) sample: Option<Value>,
}

impl Traced {
    /// Creates a result with a sample.
    pub(crate) fn new(schema: Value, sample: impl Into<Value>) -> Self {
        Self {
            schema,
            sample: Some(sample.into()),
        }
    }
}

/// Discoveries that are kept from run to run, by the path within the value.
///
/// Which sample text a type accepts, and what each variant of an enum holds, takes a run for each
/// try.
#[derive(Default)]
pub(crate) struct Discoveries {
    /// Index of the sample text to try next.
    texts: BTreeMap<String, usize>,
    /// Traces of the variants; `None` for those not tried yet.
    pub(crate) variants: BTreeMap<String, Vec<Option<Traced>>>,
    /// Path of the last sample text that a type accepted.
    last_text: Option<String>,
    /// Whether another run would discover more.
    rerun: bool,
}

/// Runs `deserialize` until another run would discover nothing more, and returns the result.
pub(crate) fn trace(mut deserialize: impl FnMut(Probe<'_>) -> Result<(), Error>) -> Traced {
    let discoveries = RefCell::new(Discoveries::default());
    let mut found = Traced::default();
    for _ in 0..RUNS {
        found = Traced::default();
        discoveries.borrow_mut().rerun = false;
        let result = deserialize(Probe {
            discoveries: &discoveries,
            found: &mut found,
            path: String::new(),
            depth: 0,
        });
        let mut discoveries = discoveries.borrow_mut();
        if result.is_err() {
            found.sample = None;
            // The type accepted the text and failed later, by a check of its own: try another text.
            if !discoveries.rerun && !discoveries.next_text() {
                break;
            }
        } else if !discoveries.rerun {
            break;
        }
    }
    if found.schema.is_null() {
        found.schema = json!({});
    }
    found
}

impl Discoveries {
    /// Moves on to the next sample text at the path of the last one; returns whether there is one.
    fn next_text(&mut self) -> bool {
        let Some(path) = self.last_text.take() else {
            return false;
        };
        let text = self.texts.entry(path).or_default();
        *text += 1;
        *text < TEXTS.len()
    }

    /// Requests another run.
    pub(crate) fn rerun(&mut self) {
        self.rerun = true;
    }

    /// Returns whether another run has been requested.
    pub(crate) fn is_rerun(&self) -> bool {
        self.rerun
    }
}

/// Deserializer that provides the value that a type asks for, and notes its schema in `found`.
pub(crate) struct Probe<'a> {
    pub(crate) discoveries: &'a RefCell<Discoveries>,
    pub(crate) found: &'a mut Traced,
    pub(crate) path: String,
    depth: usize,
}

impl<'a> Probe<'a> {
    /// Creates the probe of a part, which notes its schema in `found`.
    pub(crate) fn inside<'b>(&self, step: &str, found: &'b mut Traced) -> Probe<'b>
    where
        'a: 'b,
    {
        Probe {
            discoveries: self.discoveries,
            found,
            path: format!("{}/{step}", self.path),
            depth: self.depth + 1,
        }
    }

    /// Returns whether the probe is deeper than a recursive type is traced.
    pub(crate) fn too_deep(&self) -> bool {
        self.depth > DEPTH
    }

    /// Provides the next sample text, and requests another run if the type does not accept it.
    pub(crate) fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut discoveries = self.discoveries.borrow_mut();
        let tried = *discoveries.texts.entry(self.path.clone()).or_default();
        let Some(text) = TEXTS.get(tried) else {
            self.found.schema = json!({"type": "string"});
            return Err(Error::custom("no sample text is accepted"));
        };
        *self.found = Traced::new(text.schema(), text.sample);
        discoveries.last_text = Some(self.path.clone());
        let value = visitor.visit_str(text.sample);
        if value.is_err() {
            discoveries.texts.insert(self.path.clone(), tried + 1);
            discoveries.rerun = true;
        }
        value
    }
}
