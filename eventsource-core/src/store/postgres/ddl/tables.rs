//! Tables of heads and events.
//!
//! Every unique key contains the id of the entity, so that the tables can be partitioned by it; no
//! constraint is deferrable. The rules of one event are those of a [`domain`]. That each event continues
//! where the one before it ended is ensured by the functions that append, and for other statements by
//! triggers ([`guards`](super::guards)).

use crate::store::contract::migration::{Migration, MigrationSteps};
use crate::store::contract::names::{Names, literal};
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::ddl::domain;
use crate::store::sql::statements::LOG_SEQ;

/// Returns the SQL of both tables.
pub(crate) fn create(migration: &Migration, steps: &MigrationSteps) -> String {
    let (names, options) = (&migration.names, &migration.options);
    let (heads, log) = (create_heads(names, options), create_log(migration, steps));
    let distribute = if options.citus {
        distribute(names)
    } else {
        String::new()
    };
    let states = index_states(names, options);
    format!("{heads}{states}{log}{distribute}")
}

/// Returns the SQL of the index of states, if the options ask for it.
///
/// The id is its second column, for pages in the order of ids.
pub(crate) fn index_states(names: &Names, options: &SchemaOptions) -> String {
    if !options.indexes_states {
        return String::new();
    }
    format!(
        "CREATE INDEX IF NOT EXISTS {} ON {} (state, id);\n",
        names.of_log(STATE_INDEX),
        names.heads()
    )
}

/// Returns the SQL of the unique key of the event ids for existing tables, if it is to exist.
pub(crate) fn index_event_ids(migration: &Migration) -> String {
    if !has_event_ids(migration) {
        return String::new();
    }
    let names = &migration.names;
    format!(
        "DO $$ BEGIN
    IF to_regclass({index}) IS NULL THEN
        ALTER TABLE {log} ADD {unique};
    END IF;
END $$;
",
        index = literal(&names.qualified(&names.of_log_unquoted(EVENT_IDS))),
        log = names.log(),
        unique = unique_event_ids(names),
    )
}

/// Returns whether the event ids are to have a unique key.
pub(crate) fn has_event_ids(migration: &Migration) -> bool {
    migration.names.has_event_ids(migration.counts)
}

/// Returns the unique key of the event ids.
fn unique_event_ids(names: &Names) -> String {
    format!(
        "CONSTRAINT {} UNIQUE (event_id, {})",
        names.of_log(EVENT_IDS),
        names.id_column()
    )
}

/// Suffix of the name of the unique key of the event ids.
pub(crate) const EVENT_IDS: &str = "event_id";

/// Suffix of the name of the index of states.
pub(crate) const STATE_INDEX: &str = "heads_by_state";

/// Space of a page of heads that stays free, so that a head is updated within its page: then no
/// index gets an entry.
const HEADS_STORAGE: &str = " WITH (fillfactor = 80)";

/// Returns the SQL of the table of heads.
fn create_heads(names: &Names, options: &SchemaOptions) -> String {
    format!(
        "
-- Where each entity stands: its last event.
CREATE TABLE {heads} (
    id uuid PRIMARY KEY,
    seq integer NOT NULL,
    version integer NOT NULL,
    state bigint NOT NULL,
    last_event_type smallint NOT NULL,
    last_event_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
){by};
{partitions}",
        heads = names.heads(),
        by = match options.partitions {
            // A partitioned table has no storage of its own.
            Some(_) => partitioned_by(options, "id"),
            None => HEADS_STORAGE.to_owned(),
        },
        partitions = partitions(
            names,
            options,
            names.entity().to_owned(),
            &names.heads(),
            HEADS_STORAGE
        ),
    )
}

/// Returns the SQL that lets existing heads leave space in their pages.
pub(crate) fn set_storage_of_heads(names: &Names, options: &SchemaOptions) -> String {
    let mut tables: Vec<String> =
        partition_names(names, options, names.entity().to_owned()).collect();
    if tables.is_empty() {
        tables.push(names.heads());
    }
    tables
        .iter()
        .map(|table| format!("ALTER TABLE {table} SET (fillfactor = 80);\n"))
        .collect()
}

/// Returns the SQL of the table of events.
fn create_log(migration: &Migration, steps: &MigrationSteps) -> String {
    let names = &migration.names;
    let keys = format!(
        "PRIMARY KEY ({id}, seq){event_ids},\n    ",
        id = names.id_column(),
        event_ids = if has_event_ids(migration) {
            format!(",\n    {}", unique_event_ids(names))
        } else {
            String::new()
        },
    );
    let rules = domain::create(names, steps);
    let log = log_with(migration, steps, &keys, &names.shared(LOG_SEQ));
    format!("{rules}{log}{}", indexes(migration))
}

/// Returns the SQL of the table of events without keys and indexes, which draws log sequences from
/// this database sequence.
pub(crate) fn log_without_keys(
    migration: &Migration,
    steps: &MigrationSteps,
    log_seq: &str,
) -> String {
    log_with(migration, steps, "", log_seq)
}

/// Returns the SQL of the keys and indexes of a table of events without them.
pub(crate) fn log_keys(migration: &Migration) -> String {
    let names = &migration.names;
    let event_ids = match has_event_ids(migration) {
        true => format!(", ADD {}", unique_event_ids(names)),
        false => String::new(),
    };
    format!(
        "ALTER TABLE {log} ADD PRIMARY KEY ({id}, seq){event_ids};\n{indexes}",
        log = names.log(),
        id = names.id_column(),
        indexes = indexes(migration),
    )
}

/// Returns whether each event has the id of the transaction that wrote it, by which the feed finds it.
///
/// On Citus each node has ids of its own.
fn has_xids(options: &SchemaOptions) -> bool {
    !options.citus && !options.has_outbox()
}

/// Returns the SQL of the indexes that are no keys.
fn indexes(migration: &Migration) -> String {
    let names = &migration.names;
    let log = names.log();
    let by_xid = match has_xids(&migration.options) {
        true => format!("CREATE INDEX {} ON {log} (xid);\n", names.of_log("by_xid")),
        false => String::new(),
    };
    format!(
        "CREATE INDEX {by_clock} ON {log} (clock);\n{by_xid}",
        by_clock = names.of_log("by_clock"),
    )
}

/// Returns the SQL of the table of events with these keys.
fn log_with(migration: &Migration, steps: &MigrationSteps, keys: &str, log_seq: &str) -> String {
    let (names, options) = (&migration.names, &migration.options);
    let xid = match has_xids(options) {
        true => "\n    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),",
        false => "",
    };
    format!(
        "
-- What happened, never changed. A state is a set of event types, one bit each by number.
CREATE TABLE {log} (
    {id} uuid NOT NULL,
    seq integer NOT NULL,
    version integer NOT NULL,
    clock bigint NOT NULL DEFAULT nextval({log_seq}),{xid}
    event_id uuid NOT NULL,
    prior_state bigint NOT NULL,
    state bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    prior_version integer NOT NULL,
    event_type smallint NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    {keys}CONSTRAINT {legal} CHECK ({is_legal})
){by};
{partitions}",
        log = names.log(),
        id = names.id_column(),
        log_seq = literal(log_seq),
        legal = names.of_log(domain::CHECK),
        is_legal = domain::is_legal(names, &steps.fingerprint),
        by = partitioned_by(options, &names.id_column()),
        partitions = partitions(names, options, names.log_unquoted(), &names.log(), ""),
    )
}

/// Returns the clause of a partitioned table.
fn partitioned_by(options: &SchemaOptions, column: &str) -> String {
    match options.partitions {
        Some(_) => format!(" PARTITION BY HASH ({column})"),
        None => String::new(),
    }
}

/// Returns the names of the partitions of a table.
pub(crate) fn partition_names<'a>(
    names: &'a Names,
    options: &SchemaOptions,
    table: String,
) -> impl Iterator<Item = String> + use<'a> {
    let count = options.partitions.map_or(0, std::num::NonZeroU16::get);
    (0..count).map(move |number| names.qualified(&format!("{table}_p{number}")))
}

/// Returns the SQL of the partitions of a table, each with this clause of its storage.
fn partitions(
    names: &Names,
    options: &SchemaOptions,
    table: String,
    parent: &str,
    storage: &str,
) -> String {
    let count = options.partitions.map_or(0, std::num::NonZeroU16::get);
    partition_names(names, options, table)
        .enumerate()
        .map(|(number, partition)| {
            format!(
                "CREATE TABLE {partition} PARTITION OF {parent}
    FOR VALUES WITH (MODULUS {count}, REMAINDER {number}){storage};\n"
            )
        })
        .collect()
}

/// Returns the SQL that distributes both tables by entity, on Citus.
fn distribute(names: &Names) -> String {
    let (heads, log) = (literal(&names.heads()), literal(&names.log()));
    let column = names.id_column_unquoted();
    format!(
        "
-- Citus: both tables on the same nodes, by entity.
SELECT create_distributed_table({heads}, 'id');
SELECT create_distributed_table({log}, {column}, colocate_with => {heads});
",
        column = literal(&column),
    )
}
