//! Names of the tables, columns, constraints and indexes of an entity type.

use crate::store::contract::identifier::identifier;
#[cfg(feature = "postgres")]
use crate::store::contract::identifier::{MAX_IDENTIFIER, hash, shortened};
use crate::store::contract::schema_options::SchemaOptions;

/// Names of one entity type, quoted for SQL unless a method is called `.._unquoted`.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    schema: Option<String>,
    entity: &'static str,
    /// Whether the options ask for an index of the event ids.
    #[cfg(feature = "postgres")]
    event_ids: bool,
}

impl Names {
    /// Creates the names in a schema, or without one.
    pub(crate) fn new(schema: Option<&str>, entity: &'static str) -> Self {
        Self {
            schema: schema.map(str::to_owned),
            entity,
            #[cfg(feature = "postgres")]
            event_ids: true,
        }
    }

    /// Creates the names for tables with these options.
    pub(crate) fn of_tables(options: &SchemaOptions, entity: &'static str) -> Self {
        Self {
            #[cfg(feature = "postgres")]
            event_ids: !options.omits_event_ids,
            ..Self::new(Some(options.schema_or_public()), entity)
        }
    }

    /// Returns whether the event ids have an index; those of counted entities always do.
    #[cfg(feature = "postgres")]
    pub(crate) fn has_event_ids(&self, counts: bool) -> bool {
        self.event_ids || counts
    }

    /// Creates the names of the tables that all entity types share.
    pub(crate) fn of_schema(schema: Option<&str>) -> Self {
        Self::new(schema, "")
    }

    /// Returns the name of the entity type.
    pub(crate) fn entity(&self) -> &'static str {
        self.entity
    }

    /// Returns the schema.
    #[cfg(feature = "postgres")]
    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// Returns the table of heads, which has one row for each entity.
    pub(crate) fn heads(&self) -> String {
        self.qualified(self.entity)
    }

    /// Returns the log: the table of events.
    pub(crate) fn log(&self) -> String {
        self.qualified(&self.log_unquoted())
    }

    /// Returns the log without schema and quotes.
    pub(crate) fn log_unquoted(&self) -> String {
        format!("{}_event", self.entity)
    }

    /// Returns the table of who has which value of a unique field.
    pub(crate) fn unique(&self) -> String {
        self.qualified(&self.unique_unquoted())
    }

    /// Returns the table of unique fields without schema and quotes.
    pub(crate) fn unique_unquoted(&self) -> String {
        format!("{}_unique", self.entity)
    }

    /// Returns the column of the entity id in the log, such as `task_id`.
    pub(crate) fn id_column(&self) -> String {
        quoted(&self.id_column_unquoted())
    }

    /// Returns the column of the entity id without quotes.
    pub(crate) fn id_column_unquoted(&self) -> String {
        format!("{}_id", self.entity)
    }

    /// Returns the view of the log with readable columns.
    #[cfg(feature = "postgres")]
    pub(crate) fn view(&self) -> String {
        self.qualified(&format!("{}_event_view", self.entity))
    }

    /// Returns the view of the entities with readable columns.
    #[cfg(feature = "postgres")]
    pub(crate) fn entity_view(&self) -> String {
        self.qualified(&format!("{}_view", self.entity))
    }

    /// Returns the qualified name of a function of the entity.
    #[cfg(feature = "postgres")]
    pub(crate) fn function(&self, suffix: &str) -> String {
        self.qualified(&self.function_unquoted(suffix))
    }

    /// Returns the name of a function of the entity, without schema and quotes.
    #[cfg(feature = "postgres")]
    pub(crate) fn function_unquoted(&self, suffix: &str) -> String {
        identifier(&format!("{}_{suffix}", self.entity))
    }

    /// Returns the name of a constraint, index, trigger or sequence of the log.
    pub(crate) fn of_log(&self, suffix: &str) -> String {
        quoted(&self.of_log_unquoted(suffix))
    }

    /// Returns the name of a constraint, index, trigger or sequence of the log without quotes.
    pub(crate) fn of_log_unquoted(&self, suffix: &str) -> String {
        identifier(&format!("{}_event_{suffix}", self.entity))
    }

    /// Returns the name of an object that is recreated when `text` changes: the prefix of all
    /// versions, and the name of this one.
    #[cfg(feature = "postgres")]
    pub(crate) fn hashed(&self, suffix: &str, text: &str) -> (String, String) {
        self.marked(suffix, &format!("{:08x}", hash(text)))
    }

    /// Returns the name of an object of which there are several versions: the prefix of all
    /// versions, and the name of the one with this mark of eight characters.
    #[cfg(feature = "postgres")]
    pub(crate) fn marked(&self, suffix: &str, mark: &str) -> (String, String) {
        let name = format!("{}_event_{suffix}", self.entity);
        let prefix = format!("{}_", shortened(&name, MAX_IDENTIFIER - 9));
        let own = format!("{prefix}{mark}");
        (prefix, own)
    }

    /// Returns a table that all entity types share.
    pub(crate) fn shared(&self, table: &str) -> String {
        self.qualified(table)
    }

    /// Returns the name with its schema, quoted.
    pub(crate) fn qualified(&self, name: &str) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
            None => quoted(name),
        }
    }
}

/// Quotes a text as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Quotes an identifier.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_words_are_quoted() {
        let names = Names::new(Some("public"), "order");
        assert_eq!(names.heads(), "\"public\".\"order\"");
        assert_eq!(names.id_column(), "\"order_id\"");
    }
}
