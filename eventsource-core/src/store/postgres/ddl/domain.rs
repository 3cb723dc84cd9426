//! Rules of one event: a domain over the columns that they are about, and the CHECK of the log.
//!
//! The log has one CHECK, by which its columns are a value of the domain; the domain has a constraint
//! for each rule, which an error names. Postgres parses the CHECKs of a table for each statement, but
//! those of a domain once a session. Other rules are another domain, with the beginning of their
//! fingerprint in its name.

use crate::store::contract::migration::MigrationSteps;
use crate::store::contract::names::{Names, literal, quoted};

/// Suffix of the name of the CHECK of the log.
pub(crate) const CHECK: &str = "legal";

/// Suffix of the name of the composite type.
const ROW: &str = "row";

/// Suffix of the names of the domains, before the beginning of the fingerprint.
const RULES: &str = "rules";

/// Columns that the rules are about, with their types.
const COLUMNS: [(&str, &str); 8] = [
    ("event_type", "smallint"),
    ("prior_state", "bigint"),
    ("state", "bigint"),
    ("seq", "integer"),
    ("version", "integer"),
    ("prior_version", "integer"),
    ("data", "json"),
    ("metadata", "json"),
];

/// Condition that the payload is an object.
///
/// The cast refuses what is no `jsonb`, such as U+0000, so that a cast of stored data never fails.
const DATA: &str = "jsonb_typeof((VALUE).data::jsonb) = 'object'";

/// Condition that the metadata have the types that a program reads, where they are not empty.
///
/// In strict mode a member that does not exist is in no condition.
const METADATA: &str = "CASE WHEN (VALUE).metadata::text = '{}' THEN TRUE
        ELSE NOT jsonb_path_exists((VALUE).metadata::jsonb, 'strict $ ? (@.type() != \"object\"
            || exists(@.actor ? (@.type() != \"string\" && @.type() != \"null\"))
            || exists(@.correlation_id ? (@.type() != \"string\" && @.type() != \"null\"))
            || exists(@.causation_id ? (@.type() != \"string\" && @.type() != \"null\"))
            || exists(@.idempotency_key ? (@.type() != \"string\" && @.type() != \"null\"))
            || @.roles.type() != \"array\" || exists(@.roles[*] ? (@.type() != \"string\")))') END";

/// Returns the SQL of the composite type and the domain.
pub(crate) fn create(names: &Names, steps: &MigrationSteps) -> String {
    let columns = COLUMNS.map(|(column, sql_type)| format!("{column} {sql_type}"));
    format!(
        "
-- The rules of one event, by number. A state is a set of event types, one bit each by number.
CREATE TYPE {row} AS ({columns});
{domain}",
        row = row(names),
        columns = columns.join(", "),
        domain = create_domain(names, steps),
    )
}

/// Returns the SQL of the domain.
pub(crate) fn create_domain(names: &Names, steps: &MigrationSteps) -> String {
    let of_json = [("data_check", DATA), ("metadata_check", METADATA)];
    let of_rules = steps
        .checks
        .iter()
        .map(|(suffix, condition)| (suffix.as_str(), condition.as_str()));
    let constraints: String = of_json
        .into_iter()
        .chain(of_rules)
        .map(|(suffix, condition)| {
            // A condition that is NULL would be met.
            format!(
                "\n    CONSTRAINT {} CHECK (coalesce({condition}, FALSE))",
                names.of_log(suffix)
            )
        })
        .collect();
    format!(
        "CREATE DOMAIN {domain} AS {row}{constraints};\n",
        domain = domain(names, &steps.fingerprint),
        row = row(names),
    )
}

/// Returns the condition of the CHECK for the rules with this fingerprint.
pub(crate) fn is_legal(names: &Names, fingerprint: &str) -> String {
    let columns = COLUMNS.map(|(column, _)| column).join(", ");
    format!(
        "ROW({columns})::{row}::{domain} IS DISTINCT FROM NULL",
        row = row(names),
        domain = domain(names, fingerprint),
    )
}

/// Returns the SQL that drops the domains which no CHECK of a table uses.
pub(crate) fn drop_unused(names: &Names) -> String {
    let (prefix, _) = names.marked(RULES, "");
    let schema = literal(&names.schema().map_or_else(String::new, quoted));
    format!(
        "DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT format('%s.%I', {schema}, typname) FROM pg_type AS domain
        WHERE typtype = 'd' AND typnamespace = to_regnamespace({schema})
            AND starts_with(typname, {prefix}) AND length(typname) = {length}
            AND NOT EXISTS (SELECT FROM pg_depend JOIN pg_constraint AS used ON used.oid = objid
                WHERE classid = 'pg_constraint'::regclass AND refclassid = 'pg_type'::regclass
                    AND refobjid = domain.oid AND conrelid <> 0)
    LOOP
        EXECUTE format('DROP DOMAIN %s', name);
    END LOOP;
END $$;
",
        length = prefix.len() + MARK,
        prefix = literal(&prefix),
    )
}

/// Number of characters of the fingerprint in the name of a domain.
const MARK: usize = 8;

/// Returns the domain of the rules with this fingerprint.
pub(crate) fn domain(names: &Names, fingerprint: &str) -> String {
    let mark: String = fingerprint.chars().take(MARK).collect();
    let (_, domain) = names.marked(RULES, &mark);
    names.qualified(&domain)
}

/// Returns the composite type.
pub(crate) fn row(names: &Names) -> String {
    names.qualified(&names.of_log_unquoted(ROW))
}
