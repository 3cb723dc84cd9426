//! The names of an entity's tables and constraints.

use crate::store::contract::schema_options::SchemaOptions;

/// The longest identifier that Postgres keeps whole, in bytes.
const MAX_IDENTIFIER: usize = 63;

/// Names, quoted for SQL where they stand in statements.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    schema: Option<String>,
    entity: &'static str,
    /// Whether the database has triggers on the entity's tables.
    #[cfg(feature = "postgres")]
    triggers: bool,
}

impl Names {
    pub(crate) fn new(schema: Option<&str>, entity: &'static str) -> Self {
        Self {
            schema: schema.map(str::to_owned),
            entity,
            #[cfg(feature = "postgres")]
            triggers: true,
        }
    }

    /// In a database with schemas.
    pub(crate) fn of_tables(options: &SchemaOptions, entity: &'static str) -> Self {
        Self {
            #[cfg(feature = "postgres")]
            triggers: !options.citus,
            ..Self::new(Some(options.schema_or_public()), entity)
        }
    }

    /// Whether the log moves the heads; else whoever inserts into it does.
    #[cfg(feature = "postgres")]
    pub(crate) fn has_triggers(&self) -> bool {
        self.triggers
    }

    /// Of what all entities share, and of no entity.
    pub(crate) fn of_schema(schema: Option<&str>) -> Self {
        Self::new(schema, "")
    }

    pub(crate) fn entity(&self) -> &'static str {
        self.entity
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// The table of heads, one row an entity.
    pub(crate) fn heads(&self) -> String {
        self.qualified(self.entity)
    }

    /// The table of events.
    pub(crate) fn log(&self) -> String {
        self.qualified(&self.log_unquoted())
    }

    pub(crate) fn log_unquoted(&self) -> String {
        format!("{}_event", self.entity)
    }

    /// The column that names the entity, such as `task_id`.
    pub(crate) fn id_column(&self) -> String {
        quoted(&self.id_column_unquoted())
    }

    pub(crate) fn id_column_unquoted(&self) -> String {
        format!("{}_id", self.entity)
    }

    /// The log as people read it.
    #[cfg(feature = "postgres")]
    pub(crate) fn view(&self) -> String {
        self.qualified(&format!("{}_event_view", self.entity))
    }

    /// The entities as people read them.
    #[cfg(feature = "postgres")]
    pub(crate) fn entity_view(&self) -> String {
        self.qualified(&format!("{}_view", self.entity))
    }

    /// A name for a constraint, index, trigger or sequence of the log.
    pub(crate) fn of_log(&self, suffix: &str) -> String {
        quoted(&self.of_log_unquoted(suffix))
    }

    pub(crate) fn of_log_unquoted(&self, suffix: &str) -> String {
        identifier(&format!("{}_event_{suffix}", self.entity))
    }

    /// The same of something that is made anew when `text` changes: what the names of all of its kind
    /// begin with, and its own.
    #[cfg(feature = "postgres")]
    pub(crate) fn hashed(&self, suffix: &str, text: &str) -> (String, String) {
        let name = format!("{}_event_{suffix}", self.entity);
        let prefix = format!("{}_", shortened(&name, MAX_IDENTIFIER - 9));
        let own = format!("{prefix}{:08x}", hash(text));
        (prefix, own)
    }

    /// A table that all entities share.
    pub(crate) fn shared(&self, table: &str) -> String {
        self.qualified(table)
    }

    /// The same name for something that lives in the schema.
    pub(crate) fn qualified(&self, name: &str) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(name)),
            None => quoted(name),
        }
    }
}

/// A text as SQL writes it.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn identifier(name: &str) -> String {
    shortened(name, MAX_IDENTIFIER)
}

/// `name`, or when it is too long its beginning and a hash of the whole.
fn shortened(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let mut end = most - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{:08x}", &name[..end], hash(name))
}

fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_postgres_would_cut_stays_distinct() {
        let long = "requires_".repeat(9);
        let (one, other) = (
            identifier(&format!("{long}a")),
            identifier(&format!("{long}b")),
        );
        assert_eq!((one.len(), other.len()), (63, 63));
        assert_ne!(one, other);
        assert_eq!(identifier("task_event_rules"), "task_event_rules");
    }

    #[test]
    fn a_reserved_word_is_an_entity_like_any_other() {
        let names = Names::new(Some("public"), "order");
        assert_eq!(names.heads(), "\"public\".\"order\"");
        assert_eq!(names.id_column(), "\"order_id\"");
    }
}
