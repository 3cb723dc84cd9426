//! Keys of the values of a view, and their text.

use std::fmt::Debug;
use std::hash::Hash;

use chrono::NaiveDate;
use uuid::Uuid;

use crate::EntityId;

/// Key of the values of a [`View`](crate::View): an id, a text, a number, a date, or a pair of them.
///
/// In the table, in URLs and in SQL a key is its text, and a list is in the order of the bytes of the
/// texts. Numbers are written so that this is their own order.
///
/// ```
/// use eventsource_core::ViewKey;
///
/// assert_eq!(7_i64.to_text(), "0000000000000000007");
/// assert!((-8_i64).to_text() < (-7_i64).to_text());
/// assert_eq!(("a/b".to_owned(), 7_i64).to_text(), "a~1b/0000000000000000007");
/// assert_eq!(i64::from_text("0000000000000000007"), Some(7));
/// ```
pub trait ViewKey: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    /// Returns the text of the key: equal for equal keys, at most 255 bytes, without U+0000.
    fn to_text(&self) -> String;

    /// Returns the key that has this text; `None` if no key has.
    fn from_text(text: &str) -> Option<Self>;
}

impl ViewKey for String {
    fn to_text(&self) -> String {
        self.clone()
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl ViewKey for EntityId {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|id: &Self| id.to_string() == text)
    }
}

impl ViewKey for Uuid {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|id: &Self| id.to_string() == text)
    }
}

impl ViewKey for NaiveDate {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse()
            .ok()
            .filter(|date: &Self| date.to_string() == text)
    }
}

/// Digits of the largest `i64`.
const DIGITS: usize = 19;

/// 19 digits; of a negative number, those of its distance from the least one, after a minus.
impl ViewKey for i64 {
    fn to_text(&self) -> String {
        match self {
            0.. => format!("{self:0DIGITS$}"),
            _ => format!("-{:0DIGITS$}", self.wrapping_sub(i64::MIN)),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        let key = match text.strip_prefix('-') {
            None => text.parse().ok()?,
            Some(digits) => digits.parse::<i64>().ok()?.wrapping_add(i64::MIN),
        };
        (key.to_text() == text).then_some(key)
    }
}

/// Both texts with `/` between them; in the first one `~` is written `~0` and `/` is written `~1`.
impl<A: ViewKey, B: ViewKey> ViewKey for (A, B) {
    fn to_text(&self) -> String {
        let first = self.0.to_text().replace('~', "~0").replace('/', "~1");
        format!("{first}/{}", self.1.to_text())
    }

    fn from_text(text: &str) -> Option<Self> {
        let (first, second) = text.split_once('/')?;
        let first = A::from_text(&first.replace("~1", "/").replace("~0", "~"))?;
        let key = (first, B::from_text(second)?);
        (key.to_text() == text).then_some(key)
    }
}

/// Returns which of the shards of a view has the row with this text as its key.
///
/// `shards` is a power of two. The number is part of what is stored: it never changes.
///
/// ```
/// # use eventsource_core::shard_of_key;
/// assert!(shard_of_key("2026-11-30", 4) < 4);
/// assert_eq!(shard_of_key("2026-11-30", 1), 0);
/// ```
#[must_use]
pub fn shard_of_key(key: &str, shards: u16) -> u16 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    // The low bits of FNV-1a depend on the low bits of the text alone.
    let mixed = hash ^ (hash >> 32);
    (mixed & u64::from(shards.saturating_sub(1))) as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn returns<K: ViewKey>(key: &K) {
        assert_eq!(K::from_text(&key.to_text()).as_ref(), Some(key));
    }

    proptest! {
        #[test]
        fn texts_return_the_keys(
            text in ".*", other in ".*", number: i64, id: u128, days in -90_000..90_000_i32,
        ) {
            returns(&text);
            returns(&number);
            returns(&EntityId::from(Uuid::from_u128(id)));
            let date = NaiveDate::from_epoch_days(days).unwrap();
            returns(&date);
            returns(&(text.clone(), other.clone()));
            returns(&((text, number), (date, other)));
        }

        #[test]
        fn texts_of_numbers_sort_as_the_numbers(one: i64, other: i64) {
            prop_assert_eq!(one.cmp(&other), one.to_text().cmp(&other.to_text()));
        }

        #[test]
        fn pairs_are_told_apart(a in "[a~/0-1]{0,4}", b in "[a~/0-1]{0,4}", c in "[a~/0-1]{0,4}", d in "[a~/0-1]{0,4}") {
            let (one, other) = ((a, b), (c, d));
            prop_assert_eq!(one == other, one.to_text() == other.to_text());
        }
    }

    #[test]
    fn text_that_no_key_writes_is_none() {
        assert_eq!(i64::from_text("7"), None);
        assert_eq!(i64::from_text("+000000000000000007"), None);
        assert_eq!(i64::from_text("--000000000000000007"), None);
        let upper = "00000000-0000-0000-0000-00000000000A";
        assert_eq!(EntityId::from_text(upper), None);
        assert_eq!(<(String, String)>::from_text("a~/b"), None);
        assert_eq!(<(String, String)>::from_text("a"), None);
    }

    #[test]
    fn shards_are_balanced() {
        let mut rows = [0; 16];
        for number in 0..16_000_i64 {
            rows[usize::from(shard_of_key(&number.to_text(), 16))] += 1;
        }
        assert!(
            rows.iter().all(|rows| (850..1150).contains(rows)),
            "{rows:?}"
        );
    }
}
