//! Formats of entity ids: UUIDs, prefixed ULIDs and counted numbers.

use uuid::Uuid;

use crate::{EntityId, InvalidId};

/// Format of the entity ids of a machine: how new ids are made, and how they are written as text.
///
/// `#[machine(id = ..)]` sets it as [`Event::ID`](crate::Event::ID). In every format an
/// [`EntityId`] is 128 bits and is stored as a UUID: a ULID uses all of them, and a counted id is a
/// UUID of version 8 that holds the number and sorts like it. [`EntityId`] itself displays and
/// parses as a UUID; use [`format`](Self::format) and [`parse`](Self::parse) for the text that
/// people see.
///
/// ```
/// use eventsource_core::{EntityId, IdFormat};
///
/// let shipments = IdFormat::Counter { prefix: "SHP-", width: 10 };
/// let first = shipments.parse("SHP-0000000001").unwrap();
/// assert_eq!(shipments.format(first), "SHP-0000000001");
///
/// let campaigns = IdFormat::Ulid { prefix: "cmp_" };
/// let id = EntityId::new();
/// assert_eq!(campaigns.format(id).len(), 4 + 26);
/// assert_eq!(campaigns.parse(&campaigns.format(id)), Ok(id));
/// assert_eq!(
///     campaigns.parse("cmp_1").unwrap_err().to_string(),
///     "not an entity id: expected 'cmp_' followed by a ULID"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdFormat {
    /// UUID, of version 7 for new entities.
    #[default]
    Uuid,
    /// ULID with a prefix: 26 characters of Crockford's base 32.
    ///
    /// New ids begin with the time in milliseconds, so that later ones sort after earlier ones.
    Ulid {
        /// Text before the ULID or number.
        prefix: &'static str,
    },
    /// Number with a prefix: 1, 2, 3, without a gap.
    ///
    /// The store takes the next number in the transaction that creates the entity, so that
    /// concurrent creations wait for each other.
    Counter {
        /// Text before the ULID or number.
        prefix: &'static str,
        /// Minimum number of digits, padded with zeros; a larger number has more.
        width: u8,
    },
}

/// Digits of Crockford's base 32, which leaves out the letters I, L, O and U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Length of a ULID without prefix, in characters.
const ULID_LENGTH: usize = 26;

/// Highest number that a counted id can hold.
const MAX_NUMBER: u64 = (1 << 62) - 1;

impl IdFormat {
    /// Formats the id as text for people.
    ///
    /// An id that is not of this format, which no store allocates, is written as a UUID.
    #[must_use]
    pub fn format(&self, id: EntityId) -> String {
        match (self, number(id)) {
            (Self::Ulid { prefix }, _) => format!("{prefix}{}", ulid(id.uuid().as_u128())),
            (Self::Counter { prefix, width }, Some(number)) => {
                let width = usize::from(*width);
                format!("{prefix}{number:0width$}")
            }
            _ => id.to_string(),
        }
    }

    /// Parses the text of an id.
    ///
    /// Besides the text that [`format`](Self::format) writes, it accepts a UUID in any form that
    /// the [`Uuid`] crate parses, and a ULID in lower case. The prefix must match exactly, and a
    /// number must have exactly as many leading zeros as the width requires.
    ///
    /// # Errors
    /// [`InvalidId`], which names the expected format.
    pub fn parse(&self, text: &str) -> Result<EntityId, InvalidId> {
        let id = match self {
            Self::Uuid => return text.parse(),
            Self::Ulid { prefix } => text.strip_prefix(prefix).and_then(read_ulid),
            Self::Counter { prefix, width } => text
                .strip_prefix(prefix)
                .and_then(|digits| read_number(digits, usize::from(*width))),
        };
        id.ok_or_else(|| InvalidId::new("an entity id", self.description()))
    }

    /// Returns a regular expression for the texts that [`format`](Self::format) writes, in the
    /// common subset of ECMA 262 and JSON Schema.
    ///
    /// ```
    /// use eventsource_core::IdFormat;
    ///
    /// let shipments = IdFormat::Counter { prefix: "SHP-", width: 10 };
    /// assert_eq!(shipments.pattern(), "^SHP-([0-9]{10}|[1-9][0-9]{10,})$");
    /// ```
    #[must_use]
    pub fn pattern(&self) -> String {
        match self {
            Self::Uuid => {
                "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$".to_owned()
            }
            Self::Ulid { prefix } => format!("^{prefix}[0-7][0-9A-HJKMNP-TV-Z]{{25}}$"),
            Self::Counter { prefix, width } => {
                format!("^{prefix}([0-9]{{{width}}}|[1-9][0-9]{{{width},}})$")
            }
        }
    }

    /// Returns whether the ids come from a counter of the store.
    #[cfg(feature = "_store")]
    pub(crate) fn is_counter(&self) -> bool {
        matches!(self, Self::Counter { .. })
    }

    /// Describes the format for an error message.
    fn description(&self) -> String {
        match self {
            Self::Uuid => "a UUID".to_owned(),
            Self::Ulid { prefix } => format!("'{prefix}' followed by a ULID"),
            Self::Counter { prefix, width } => {
                format!("'{prefix}' followed by a number of at least {width} digits")
            }
        }
    }
}

/// Returns the id that holds this number, from 1; `None` if the number is too large.
pub(crate) fn counted(number: u64) -> Option<EntityId> {
    /// UUID version 8, which RFC 9562 leaves to applications, and the variant of that RFC.
    const FORM: u128 = (8 << 76) | (0b10 << 62);
    (1..=MAX_NUMBER)
        .contains(&number)
        .then(|| Uuid::from_u128(FORM | u128::from(number)).into())
}

/// Returns the number that a counted id holds; `None` if the id is not a counted one.
pub(crate) fn number(id: EntityId) -> Option<u64> {
    let low = u64::try_from(id.uuid().as_u128() & u128::from(MAX_NUMBER)).ok()?;
    (counted(low) == Some(id)).then_some(low)
}

/// Writes the bits as a ULID.
fn ulid(bits: u128) -> String {
    (0..ULID_LENGTH)
        .rev()
        .map(|place| char::from(CROCKFORD[(bits >> (5 * place)) as usize & 31]))
        .collect()
}

/// Parses a ULID without its prefix.
fn read_ulid(text: &str) -> Option<EntityId> {
    // 26 characters of 5 bits are 130: the first one has only 3 bits.
    if text.len() != ULID_LENGTH || text.as_bytes()[0] > b'7' {
        return None;
    }
    let mut bits: u128 = 0;
    for character in text.bytes() {
        let character = character.to_ascii_uppercase();
        let digit = CROCKFORD.iter().position(|known| *known == character)?;
        bits = bits << 5 | digit as u128;
    }
    Some(Uuid::from_u128(bits).into())
}

/// Parses a number of at least `width` digits.
fn read_number(digits: &str, width: usize) -> Option<EntityId> {
    let longer_than_needed = digits.len() > width && digits.starts_with('0');
    if digits.len() < width
        || longer_than_needed
        || !digits.bytes().all(|digit| digit.is_ascii_digit())
    {
        return None;
    }
    digits.parse().ok().and_then(counted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CAMPAIGNS: IdFormat = IdFormat::Ulid { prefix: "cmp_" };
    const SHIPMENTS: IdFormat = IdFormat::Counter {
        prefix: "SHP-",
        width: 10,
    };

    fn of_bits(bits: u128) -> EntityId {
        Uuid::from_u128(bits).into()
    }

    proptest! {
        /// ULIDs round-trip through their texts, and texts sort like ids.
        #[test]
        fn ulids_round_trip(one: u128, other: u128) {
            let (first, second) = (of_bits(one), of_bits(other));
            let (text, another) = (CAMPAIGNS.format(first), CAMPAIGNS.format(second));
            prop_assert_eq!(CAMPAIGNS.parse(&text), Ok(first));
            prop_assert_eq!(text.cmp(&another), first.cmp(&second));
            prop_assert_eq!(CAMPAIGNS.parse(&text.replace(&text[4..], &text[4..].to_lowercase())), Ok(first));
        }

        /// Counted ids round-trip through their texts, and ids sort like their numbers.
        #[test]
        fn counted_ids_round_trip(one in 1..=MAX_NUMBER, other in 1..=MAX_NUMBER) {
            let (first, second) = (counted(one).unwrap(), counted(other).unwrap());
            prop_assert_eq!(number(first), Some(one));
            prop_assert_eq!(SHIPMENTS.parse(&SHIPMENTS.format(first)), Ok(first));
            prop_assert_eq!(first.cmp(&second), one.cmp(&other));
            prop_assert_eq!(first.uuid().get_version_num(), 8);
        }

        /// A counted id has exactly one text that parses.
        #[test]
        fn counted_id_has_one_text(text in "SHP-[0-9]{0,21}") {
            if let Ok(id) = SHIPMENTS.parse(&text) {
                prop_assert_eq!(SHIPMENTS.format(id), text);
            }
        }
    }

    /// Examples from the specification of ULIDs, and edge cases.
    #[test]
    fn ulid_uses_crockford_digits() {
        for (bits, text) in [
            (0, "00000000000000000000000000"),
            (31, "0000000000000000000000000Z"),
            (u128::MAX, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
            (
                0x0156_3E3A_B5D3_D676_4C61_EFB9_9302_BD5B,
                "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            ),
        ] {
            assert_eq!(ulid(bits), text);
        }
    }

    #[test]
    fn text_that_is_no_ulid_is_refused() {
        for text in [
            "",
            "cmp_",
            "cmp_01ARZ3NDEKTSV4RRFFQ69G5FA",
            "cmp_01ARZ3NDEKTSV4RRFFQ69G5FAVV",
            "cmp_81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "cmp_O1ARZ3NDEKTSV4RRFFQ69G5FAV",
            "cmp_01ARZ3NDEKTSV4RRFFQ69G5FAU",
            "CMP_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "evt_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "cmp_01ARZ3NDEKTSV4RRFFQ69G5Fé",
            "01563e3a-b5d3-d676-4c61-efb99302bd5b",
        ] {
            assert!(CAMPAIGNS.parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_grow_over_their_width() {
        let texts = [(1, "SHP-0000000001"), (9_999_999_999, "SHP-9999999999")];
        for (number, text) in texts
            .into_iter()
            .chain([(10_000_000_000, "SHP-10000000000")])
        {
            assert_eq!(SHIPMENTS.format(counted(number).unwrap()), text);
        }
        for text in [
            "SHP-1",
            "SHP-0000000000",
            "SHP-00000000001",
            "SHP-+000000001",
            "SHP-9223372036854775807",
            "shp-0000000001",
            "0000000001",
        ] {
            assert!(SHIPMENTS.parse(text).is_err(), "{text}");
        }
        assert_eq!((counted(0), counted(MAX_NUMBER + 1)), (None, None));
    }

    #[test]
    fn id_of_another_format_is_written_as_uuid() {
        let id = EntityId::new();
        assert_eq!(SHIPMENTS.format(id), id.to_string());
        assert_eq!(IdFormat::Uuid.format(id), id.to_string());
    }
}
