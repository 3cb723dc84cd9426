//! Function that locks heads before the others append: for transactions with appends to several
//! machines, or with conditions on other entities.

use crate::store::contract::migration::Migration;
use crate::store::postgres::ddl::append::settings::SETTINGS;

/// Suffix of the name of the function.
pub(crate) const LOCK: &str = "lock";

/// Types of the arguments.
pub(crate) const LOCK_ARGUMENTS: &str = "uuid[], boolean[]";

/// Returns the SQL that creates the function.
///
/// Everybody locks in the order of the ids. It returns the sequence of each entity, 0 if there is none.
pub(crate) fn create(migration: &Migration) -> String {
    format!(
        "
CREATE OR REPLACE FUNCTION {lock}(entity_ids uuid[], appends boolean[])
RETURNS integer[] LANGUAGE plpgsql VOLATILE {SETTINGS} AS $$
#variable_conflict use_variable
DECLARE
    seqs integer[] NOT NULL := array_fill(0, ARRAY[cardinality(entity_ids)]);
    found_seq integer;
    place integer;
BEGIN
    FOR place IN SELECT ordinality FROM unnest(entity_ids) WITH ORDINALITY AS entity (id, ordinality)
        ORDER BY entity.id
    LOOP
        IF appends[place] THEN
            SELECT head.seq INTO found_seq FROM {heads} AS head WHERE head.id = entity_ids[place] FOR UPDATE;
        ELSE
            SELECT head.seq INTO found_seq FROM {heads} AS head WHERE head.id = entity_ids[place] FOR SHARE;
        END IF;
        seqs[place] := coalesce(found_seq, 0);
    END LOOP;
    RETURN seqs;
END $$;
",
        lock = migration.names.function(LOCK),
        heads = migration.names.heads(),
    )
}
