//! How the entities of a machine are named.

use uuid::Uuid;

use crate::{EntityId, InvalidId};

/// How a machine names its entities, and how people read the names (C7, P2, X36).
///
/// It is what `#[machine(id = ..)]` says, as [`Event::ID`](crate::Event::ID). Whatever the text is,
/// an [`EntityId`] is 128 bits and is stored as a UUID: a ULID is all of them, and a counted id is a
/// UUID of version 8 that holds the number and sorts like it.
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
///     "not the id of an entity, which is 'cmp_' and a ULID"
/// );
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IdFormat {
    /// A UUID, of version 7 for new entities.
    #[default]
    Uuid,
    /// A prefix and 26 characters of Crockford's base 32. Those of new entities begin with the time
    /// in milliseconds, so that later ones sort after earlier ones.
    Ulid {
        /// What the text begins with.
        prefix: &'static str,
    },
    /// A prefix and a number: 1, 2, 3, without a gap. The store takes the next one in the transaction
    /// that creates the entity, so that creations wait for each other.
    Counter {
        /// What the text begins with.
        prefix: &'static str,
        /// The fewest digits, filled up with zeros; a larger number has more.
        width: u8,
    },
}

/// Of base 32, without the letters that look like others: I, L, O, U.
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ULID_LENGTH: usize = 26;

/// The highest number that a counted id holds.
const MAX_NUMBER: u64 = (1 << 62) - 1;

impl IdFormat {
    /// The id as people read it. One that is not of this form, which no store gives, is shown as a
    /// UUID.
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

    /// The id that this text is.
    ///
    /// An id has one text that [`format`](Self::format) writes. Others that are read: a UUID as the
    /// [`Uuid`] crate reads it, and a ULID in lower case; its prefix counts as it is written. A number
    /// has exactly as many zeros in front as the width asks for.
    ///
    /// # Errors
    /// [`InvalidId`], which says what the text should be.
    pub fn parse(&self, text: &str) -> Result<EntityId, InvalidId> {
        let id = match self {
            Self::Uuid => return text.parse(),
            Self::Ulid { prefix } => text.strip_prefix(prefix).and_then(read_ulid),
            Self::Counter { prefix, width } => text
                .strip_prefix(prefix)
                .and_then(|digits| read_number(digits, usize::from(*width))),
        };
        id.ok_or_else(|| InvalidId::new("an entity", self.form()))
    }

    /// A regular expression for the texts that [`format`](Self::format) writes, in the common subset
    /// of ECMA 262 and JSON Schema.
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

    /// Whether the store counts the entities.
    #[cfg(feature = "_store")]
    pub(crate) fn is_counter(&self) -> bool {
        matches!(self, Self::Counter { .. })
    }

    fn form(&self) -> String {
        match self {
            Self::Uuid => "a UUID".to_owned(),
            Self::Ulid { prefix } => format!("'{prefix}' and a ULID"),
            Self::Counter { prefix, width } => {
                format!("'{prefix}' and a number of at least {width} digits")
            }
        }
    }
}

/// The id that holds this number, from 1; `None` beyond what it can hold.
pub(crate) fn counted(number: u64) -> Option<EntityId> {
    /// Generation 8, which is free for all, and the variant of all UUIDs.
    const FORM: u128 = (8 << 76) | (0b10 << 62);
    (1..=MAX_NUMBER)
        .contains(&number)
        .then(|| Uuid::from_u128(FORM | u128::from(number)).into())
}

/// The number that a counted id holds.
pub(crate) fn number(id: EntityId) -> Option<u64> {
    let low = u64::try_from(id.uuid().as_u128() & u128::from(MAX_NUMBER)).ok()?;
    (counted(low) == Some(id)).then_some(low)
}

fn ulid(bits: u128) -> String {
    (0..ULID_LENGTH)
        .rev()
        .map(|place| char::from(CROCKFORD[(bits >> (5 * place)) as usize & 31]))
        .collect()
}

fn read_ulid(text: &str) -> Option<EntityId> {
    // The first character has three bits.
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
        /// P2: what is written is read, and texts sort like ids.
        #[test]
        fn ulids(one: u128, other: u128) {
            let (first, second) = (of_bits(one), of_bits(other));
            let (text, another) = (CAMPAIGNS.format(first), CAMPAIGNS.format(second));
            prop_assert_eq!(CAMPAIGNS.parse(&text), Ok(first));
            prop_assert_eq!(text.cmp(&another), first.cmp(&second));
            prop_assert_eq!(CAMPAIGNS.parse(&text.replace(&text[4..], &text[4..].to_lowercase())), Ok(first));
        }

        /// C7: the same of numbers; and ids sort like numbers.
        #[test]
        fn numbers(one in 1..=MAX_NUMBER, other in 1..=MAX_NUMBER) {
            let (first, second) = (counted(one).unwrap(), counted(other).unwrap());
            prop_assert_eq!(number(first), Some(one));
            prop_assert_eq!(SHIPMENTS.parse(&SHIPMENTS.format(first)), Ok(first));
            prop_assert_eq!(first.cmp(&second), one.cmp(&other));
            prop_assert_eq!(first.uuid().get_version_num(), 8);
        }

        /// Nothing that is not written is read as a number: an id has one text.
        #[test]
        fn one_text_a_number(text in "SHP-[0-9]{0,21}") {
            if let Ok(id) = SHIPMENTS.parse(&text) {
                prop_assert_eq!(SHIPMENTS.format(id), text);
            }
        }
    }

    /// From the specification of ULIDs, and by hand.
    #[test]
    fn the_digits_are_crockfords() {
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
    fn what_is_no_ulid_is_refused() {
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
    fn an_id_of_another_form_is_shown_as_it_is() {
        let id = EntityId::new();
        assert_eq!(SHIPMENTS.format(id), id.to_string());
        assert_eq!(IdFormat::Uuid.format(id), id.to_string());
    }
}
