//! Table of snapshots.

use sqlx::PgConnection;

use crate::store::contract::migration::Migration;
use crate::store::contract::names::quoted;
use crate::store::sql::snapshots::SNAPSHOTS;

/// Returns the SQL that creates the table unless it exists, and grants the rights to it.
///
/// The value is `json` and not `jsonb`, which would change the order of keys and the form of
/// numbers.
pub(crate) fn create(migration: &Migration) -> String {
    let snapshots = migration.names.shared(SNAPSHOTS);
    let roles = &migration.options.roles;
    let grant = |rights: &str, role: &Option<String>| match role {
        Some(role) => format!("GRANT {rights} ON {snapshots} TO {};\n", quoted(role)),
        None => String::new(),
    };
    format!(
        "
-- What folds have made of entities up to some event. It saves reading, and may be emptied at any time.
CREATE TABLE IF NOT EXISTS {snapshots} (
    entity_id uuid NOT NULL,
    entity text NOT NULL,
    fold text NOT NULL,
    fingerprint bigint NOT NULL,
    seq integer NOT NULL CHECK (seq >= 1),
    event_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    taken_at timestamptz NOT NULL,
    value json NOT NULL,
    PRIMARY KEY (entity_id, entity, fold)
);
REVOKE ALL ON {snapshots} FROM PUBLIC;
{write}{read}",
        write = grant("SELECT, INSERT, UPDATE, DELETE", &roles.writer),
        read = grant("SELECT", &roles.reader),
    )
}

/// Checks whether the table, or a right to it, is missing and this connection can create it.
///
/// A program without the table, or the right, works without snapshots.
pub(crate) async fn needs_upgrade(
    connection: &mut PgConnection,
    migration: &Migration,
) -> Result<bool, sqlx::Error> {
    let options = &migration.options;
    let writer = options.roles.writer.iter().flat_map(|writer| {
        let rights = ["SELECT", "INSERT", "UPDATE", "DELETE"];
        rights.map(|right| (writer.as_str(), right))
    });
    let reader = options.roles.reader.iter();
    let due = writer.chain(reader.map(|reader| (reader.as_str(), "SELECT")));
    let (roles, rights): (Vec<&str>, Vec<&str>) = due.unzip();
    let missing: Option<bool> = sqlx::query_scalar(NEEDS_UPGRADE)
        .bind(migration.names.shared(SNAPSHOTS))
        .bind(options.schema_or_public())
        .bind(&options.roles.owner)
        .bind(roles)
        .bind(rights)
        .fetch_optional(connection)
        .await?;
    Ok(missing.unwrap_or(false))
}

/// Query whether the table or a right to it is missing, and whether this role can create it.
const NEEDS_UPGRADE: &str = "SELECT CASE
    WHEN found.oid IS NULL THEN has_schema_privilege(me.oid, $2, 'CREATE')
    ELSE pg_has_role(me.oid, found.relowner, 'USAGE') AND EXISTS (
        SELECT FROM unnest($4, $5) AS due (role, privilege)
        JOIN pg_roles ON rolname = due.role
        WHERE NOT has_table_privilege(pg_roles.oid, found.oid, due.privilege))
    END
FROM pg_roles AS me LEFT JOIN pg_class AS found ON found.oid = to_regclass($1)
WHERE me.rolname = coalesce($3, current_user) AND pg_has_role(me.oid, 'MEMBER')";
