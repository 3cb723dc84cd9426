//! Keys of the values that one event changes.

use crate::view::key::ViewKey;

/// Keys of the values of a view that one event changes: none, one or several.
///
/// A key that is given twice counts once.
///
/// ```
/// use eventsource_core::Keys;
///
/// let one: Keys<i64> = 7.into();
/// let several: Keys<i64> = vec![7, 8, 7].into();
/// let perhaps: Keys<i64> = None.into();
/// assert_eq!((one.len(), several.len(), perhaps.len()), (1, 2, 0));
/// assert!(Keys::<i64>::none().is_empty());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys<K> {
    /// Most events have one key, which needs no allocation.
    first: Option<K>,
    others: Vec<K>,
}

impl<K: ViewKey> Keys<K> {
    /// Returns no keys: the event changes nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            first: None,
            others: Vec::new(),
        }
    }

    /// Returns the number of keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns whether the event changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Iterates over the keys.
    pub fn iter(&self) -> impl Iterator<Item = &K> {
        self.first.iter().chain(&self.others)
    }

    fn push(&mut self, key: K) {
        if self.first.is_none() {
            self.first = Some(key);
        } else if !self.iter().any(|known| *known == key) {
            self.others.push(key);
        }
    }
}

impl<K: ViewKey> FromIterator<K> for Keys<K> {
    fn from_iter<I: IntoIterator<Item = K>>(all: I) -> Self {
        let mut keys = Self::none();
        for key in all {
            keys.push(key);
        }
        keys
    }
}

impl<K: ViewKey> From<K> for Keys<K> {
    fn from(key: K) -> Self {
        Self {
            first: Some(key),
            others: Vec::new(),
        }
    }
}

impl<K: ViewKey> From<Option<K>> for Keys<K> {
    fn from(key: Option<K>) -> Self {
        key.into_iter().collect()
    }
}

impl<K: ViewKey> From<Vec<K>> for Keys<K> {
    fn from(keys: Vec<K>) -> Self {
        keys.into_iter().collect()
    }
}

impl<K: ViewKey, const N: usize> From<[K; N]> for Keys<K> {
    fn from(keys: [K; N]) -> Self {
        keys.into_iter().collect()
    }
}
