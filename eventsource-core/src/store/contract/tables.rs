//! Names of the tables of a read model, and their place in SQL.

use crate::store::contract::dialect::Dialect;
use crate::store::contract::identifier::identifier;
use crate::store::contract::names::quoted;

/// Prefix of the tables of this crate, which are the same for all generations.
const OWN: &str = "eventsource_";

/// Names of the tables of one generation of a read model.
///
/// ```
/// use eventsource_core::{Dialect, Tables};
///
/// let tables = Tables::new(Dialect::Postgres, Some("public")).of_generation(3);
/// assert_eq!(tables.name("user_email"), r#""public"."user_email__3""#);
/// assert_eq!(tables.name("eventsource_shard"), r#""public"."eventsource_shard""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    dialect: Dialect,
    schema: Option<String>,
    generation: Option<u32>,
}

impl Tables {
    /// Creates the names of the tables of a schema that have no generations.
    #[must_use]
    pub fn new(dialect: Dialect, schema: Option<&str>) -> Self {
        Self {
            dialect,
            schema: schema.map(str::to_owned),
            generation: None,
        }
    }

    /// Returns the names of the tables of a generation.
    #[must_use]
    pub fn of_generation(&self, generation: u32) -> Self {
        Self {
            generation: Some(generation),
            ..self.clone()
        }
    }

    /// Returns the name of a table for use in SQL: with its schema and its generation, quoted.
    ///
    /// Names that begin with `eventsource_` are those of this crate's own tables, without a
    /// generation. A name that is too long is shortened to its beginning and a hash.
    #[must_use]
    pub fn name(&self, table: &str) -> String {
        let table = quoted(&self.name_unquoted(table));
        match &self.schema {
            Some(schema) => format!("{}.{table}", quoted(schema)),
            None => table,
        }
    }

    /// Returns the name of a table or index with its generation, without schema and quotes.
    #[must_use]
    pub fn name_unquoted(&self, table: &str) -> String {
        match self.generation {
            Some(generation) if !table.starts_with(OWN) => {
                identifier(&format!("{table}__{generation}"))
            }
            _ => identifier(table),
        }
    }

    /// Returns the database.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns the schema; `None` on SQLite.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// Returns the SQL with each `{name}` replaced by the [name](Self::name) of that table.
    ///
    /// Texts in single quotes and comments stay as they are, and so does everything else in braces.
    ///
    /// ```
    /// # use eventsource_core::{Dialect, Tables};
    /// let tables = Tables::new(Dialect::Sqlite, None).of_generation(1);
    /// let sql = tables.sql("INSERT INTO {tag} VALUES ('{red}')");
    /// assert_eq!(sql, r#"INSERT INTO "tag__1" VALUES ('{red}')"#);
    /// ```
    #[must_use]
    pub fn sql(&self, text: &str) -> String {
        let mut sql = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some(at) = rest.find(['{', '\'', '-']) {
            sql.push_str(&rest[..at]);
            rest = &rest[at..];
            let verbatim = if let Some(text) = rest.strip_prefix('\'') {
                text.find('\'').map_or(rest.len(), |end| end + 2)
            } else if rest.starts_with("--") {
                rest.find('\n').unwrap_or(rest.len())
            } else if let Some(table) = placeholder(rest) {
                sql.push_str(&self.name(table));
                rest = &rest[table.len() + 2..];
                continue;
            } else {
                1
            };
            sql.push_str(&rest[..verbatim]);
            rest = &rest[verbatim..];
        }
        sql + rest
    }
}

/// Returns the name in the braces that the text begins with.
fn placeholder(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(text: &str) -> String {
        Tables::new(Dialect::Sqlite, None)
            .of_generation(2)
            .sql(text)
    }

    #[test]
    fn names_in_braces_become_tables() {
        assert_eq!(sql("{a}{b_1}"), r#""a__2""b_1__2""#);
        assert_eq!(sql("SELECT 1 - 2"), "SELECT 1 - 2");
    }

    #[test]
    fn quotes_comments_and_other_braces_stay() {
        for text in [
            "SELECT 'it''s {a}'",
            "SELECT '{a}",
            "-- it's {a}",
            "{",
            "{a",
            "{A}",
            "{}",
            "{1}",
            "ARRAY['{\"k\": 1}']",
        ] {
            assert_eq!(sql(text), text);
        }
        assert_eq!(sql("-- it's\n{a}"), "-- it's\n\"a__2\"");
        assert_eq!(sql("'{a}'{a}''{a}"), "'{a}'\"a__2\"''\"a__2\"");
    }
}
