//! Keys of the attributes.

/// Keys of an attribute.
pub(super) struct Vocabulary {
    pub(super) attribute: &'static str,
    /// Example for an attribute without keys.
    pub(super) example: &'static str,
    pub(super) keys: &'static [&'static str],
    /// Keys that may be given several times.
    pub(super) repeatable: &'static [&'static str],
    /// Keys that are planned and not supported yet.
    pub(super) not_yet: &'static [&'static str],
}

/// Keys of `#[event(..)]` on a variant.
pub(super) const EVENT: Vocabulary = Vocabulary {
    attribute: "event",
    example: "follows = Created",
    keys: &[
        "follows",
        "accumulate",
        "requires",
        "by",
        "read_by",
        "restarting",
        "auto_transition",
        "terminal",
        "internal",
        "rejection",
        "after",
        "at",
        "rename",
        "feeds",
        "allow",
    ],
    repeatable: &["allow"],
    not_yet: &[
        "status",
        "next",
        "sets",
        "gate",
        "corrects",
        "other",
        "renamed_from",
    ],
};

/// Keys of `#[machine(..)]` on the enum.
pub(super) const MACHINE: Vocabulary = Vocabulary {
    attribute: "machine",
    example: "entity = \"task\"",
    keys: &[
        "entity",
        "rename_all",
        "id",
        "roles",
        "read_by",
        "public",
        "unique",
        "never",
        "always",
        "eventually",
        "allow",
        "warn",
        "deny",
        "fingerprint",
        "typestate",
        "data",
        "max_states",
        "crate",
    ],
    repeatable: &["never", "always", "eventually", "allow", "warn", "deny"],
    not_yet: &[],
};
