//! Probe of a type: runs its `Deserialize` until nothing more is to be learned.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::de::{Error as _, Visitor};
use serde_json::{Value, json};

use crate::payload::trace::texts::TEXTS;

/// A type that holds itself is followed this far.
const DEPTH: usize = 6;
/// A type that still has something to tell after as many runs is left half told.
const RUNS: usize = 500;

type Error = serde_json::Error;

/// What has been learned: a JSON Schema, and a value that the type takes, unless none was found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traced {
    pub(crate) schema: Value,
    pub(crate) sample: Option<Value>,
}

impl Traced {
    pub(crate) fn new(schema: Value, sample: impl Into<Value>) -> Self {
        Self {
            schema,
            sample: Some(sample.into()),
        }
    }
}

/// Which text a type takes and which variants an enum has are found by trying, each try a run.
/// Both are remembered by the place in the value.
#[derive(Default)]
pub(crate) struct Discoveries {
    texts: BTreeMap<String, usize>,
    pub(crate) variants: BTreeMap<String, Vec<Option<Traced>>>,
    last_text: Option<String>,
    rerun: bool,
}

/// Runs `deserialize` until it has nothing more to tell.
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
            // What took the text as such refused it later: a check of its own.
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
    fn next_text(&mut self) -> bool {
        let Some(path) = self.last_text.take() else {
            return false;
        };
        let text = self.texts.entry(path).or_default();
        *text += 1;
        *text < TEXTS.len()
    }

    /// There is more to learn in another run.
    pub(crate) fn rerun(&mut self) {
        self.rerun = true;
    }

    pub(crate) fn is_rerun(&self) -> bool {
        self.rerun
    }
}

/// Gives a type what it asks for, and notes what that was.
pub(crate) struct Probe<'a> {
    pub(crate) discoveries: &'a RefCell<Discoveries>,
    pub(crate) found: &'a mut Traced,
    pub(crate) path: String,
    depth: usize,
}

impl<'a> Probe<'a> {
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

    pub(crate) fn too_deep(&self) -> bool {
        self.depth > DEPTH
    }

    pub(crate) fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut discoveries = self.discoveries.borrow_mut();
        let tried = *discoveries.texts.entry(self.path.clone()).or_default();
        let Some(text) = TEXTS.get(tried) else {
            self.found.schema = json!({"type": "string"});
            return Err(Error::custom("no text fits"));
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
