//! Layout of the tables: their columns and functions, whatever the rules are.
//!
//! On Postgres its number is registered before the fingerprint of the rules, so that a program of an
//! earlier layout finds other rules than its own. The first layout has none. On SQLite the tables that
//! are there tell it.

use crate::Error;

/// Layout that this version of the crate reads and writes.
pub(crate) const LAYOUT: u32 = 3;

/// Last layout in which idempotency keys have no actor.
pub(crate) const KEYS_OF_ALL: u32 = 2;

/// Layout whose fingerprints are registered without a number.
#[cfg(feature = "postgres")]
pub(crate) const FIRST: u32 = 1;

/// Returns the text that is registered for rules in a layout.
#[cfg(feature = "postgres")]
pub(crate) fn registered_text(layout: u32, fingerprint: &str) -> String {
    match layout {
        FIRST => fingerprint.to_owned(),
        _ => format!("layout {layout}: {fingerprint}"),
    }
}

/// Splits a registered text into layout and fingerprint.
#[cfg(feature = "postgres")]
pub(crate) fn parse(registered: &str) -> (u32, &str) {
    let numbered = registered.strip_prefix("layout ");
    let numbered = numbered.and_then(|rest| rest.split_once(": "));
    numbered
        .and_then(|(layout, fingerprint)| Some((layout.parse().ok()?, fingerprint)))
        .unwrap_or((FIRST, registered))
}

/// Creates the error for tables with another layout than the program's.
pub(crate) fn mismatch(entity: &'static str, layout: u32) -> Error {
    Error::LayoutMismatch {
        entity,
        program: LAYOUT,
        database: layout,
    }
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;

    #[test]
    fn layout_of_registered_text_is_read_back() {
        for layout in [FIRST, 2, LAYOUT, 10] {
            assert_eq!(parse(&registered_text(layout, "89e2")), (layout, "89e2"));
        }
        assert_eq!(
            parse("layout of a house: 1"),
            (FIRST, "layout of a house: 1")
        );
    }
}
