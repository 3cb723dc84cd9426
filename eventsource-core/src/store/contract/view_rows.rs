//! Rows of a view, as columns.

/// Rows that are written to a view, by column: each has a key, a value as JSON and a position.
#[derive(Clone, Debug, Default)]
pub(crate) struct ViewRows {
    pub(crate) keys: Vec<String>,
    pub(crate) values: Vec<String>,
    pub(crate) positions: Vec<i64>,
}

impl ViewRows {
    pub(crate) fn push(&mut self, key: &str, value: String, position: i64) {
        self.keys.push(key.to_owned());
        self.values.push(value);
        self.positions.push(position);
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}
