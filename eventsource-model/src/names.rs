//! Names that tables, URL paths and request bodies reserve.

/// Longest name of an entity, in characters.
///
/// Tables and constraints are named after it, and Postgres keeps 63 bytes of a name.
///
/// ```
/// assert_eq!(eventsource_model::names::MAX_ENTITY, 32);
/// ```
pub const MAX_ENTITY: usize = 32;

/// Explains why an entity cannot have this name; `None` if it can.
///
/// ```
/// use eventsource_model::names::reserved_entity;
///
/// assert_eq!(reserved_entity("task"), None);
/// assert!(reserved_entity("task_event").is_some());
/// ```
#[must_use]
pub fn reserved_entity(name: &str) -> Option<&'static str> {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
    match name {
        "event" | "parent" => Some("the column of its id would have the name of another column"),
        _ if name.ends_with("_event") => Some("it could be the table of another entity's events"),
        _ if begins(&["eventsource_"]) => Some("names with this prefix are reserved for the store"),
        _ if begins(&["sqlite_", "pg_"]) => {
            Some("names with this prefix are reserved for the database")
        }
        _ => None,
    }
}

/// Returns whether every event of `entity` has a field of this name beside its payload, so that a
/// payload cannot.
///
/// Names are compared without regard to case and underscores, since request bodies spell them in
/// camelCase.
///
/// ```
/// use eventsource_model::names::is_reserved_field;
///
/// assert!(is_reserved_field("task", "task_id"));
/// assert!(is_reserved_field("task", "version") && is_reserved_field("task", "metadata"));
/// assert!(is_reserved_field("task", "id_") && is_reserved_field("task", "parentId"));
/// assert!(!is_reserved_field("task", "assignee"));
/// ```
#[must_use]
pub fn is_reserved_field(entity: &str, field: &str) -> bool {
    const OWN: [&str; 9] = [
        "clock",
        "createdtimestamp",
        "eventtype",
        "id",
        "metadata",
        "parentid",
        "sequence",
        "unreadable",
        "version",
    ];
    let bare = bare(field);
    OWN.contains(&bare.as_str()) || bare.strip_suffix("id") == Some(&self::bare(entity))
}

/// Normalizes a name: without case and underscores.
fn bare(name: &str) -> String {
    let letters = name.chars().filter(|c| *c != '_');
    letters.flat_map(char::to_lowercase).collect()
}

/// Finds two fields that have the same name in request bodies.
///
/// ```
/// use eventsource_model::names::clash;
///
/// assert_eq!(clash(&["line_1", "city", "line1"]), Some(("line_1", "line1")));
/// ```
#[must_use]
pub fn clash<'a>(fields: &[&'a str]) -> Option<(&'a str, &'a str)> {
    fields.iter().enumerate().find_map(|(position, field)| {
        let other = fields[position + 1..]
            .iter()
            .find(|other| bare(other) == bare(field))?;
        Some((*field, *other))
    })
}
