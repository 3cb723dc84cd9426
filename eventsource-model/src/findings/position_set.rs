//! Bit sets of explored states.

/// Set of states, by their positions in the exploration: one bit each.
///
/// A formula is evaluated over all states at once, in a few operations on these words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PositionSet {
    words: Vec<u64>,
    len: usize,
}

impl PositionSet {
    pub(super) fn none(len: usize) -> Self {
        Self {
            words: vec![0; len.div_ceil(64)],
            len,
        }
    }

    pub(super) fn all(len: usize) -> Self {
        Self::none(len).not()
    }

    /// Inserts a position; returns whether it was absent.
    pub(super) fn insert(&mut self, position: usize) -> bool {
        let (word, bit) = (position / 64, 1 << (position % 64));
        let new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        new
    }

    pub(super) fn contains(&self, position: usize) -> bool {
        self.words[position / 64] & (1 << (position % 64)) != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn intersects(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(a, b)| a & b != 0)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    pub(super) fn not(&self) -> Self {
        let mut words: Vec<u64> = self.words.iter().map(|word| !word).collect();
        if let Some(last) = words.last_mut()
            && !self.len.is_multiple_of(64)
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
        Self {
            words,
            len: self.len,
        }
    }

    fn zip(&self, other: &Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let pairs = self.words.iter().zip(&other.words);
        Self {
            words: pairs.map(|(a, b)| join(*a, *b)).collect(),
            len: self.len,
        }
    }

    /// Iterates over the positions, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(index * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complement_has_no_position_beyond_the_last() {
        for len in [1, 63, 64, 65, 130] {
            let mut positions = PositionSet::none(len);
            assert!(positions.is_empty() && positions.not() == PositionSet::all(len));
            assert!(positions.insert(len - 1) && !positions.insert(len - 1));
            assert_eq!(positions.iter().collect::<Vec<_>>(), [len - 1]);
            assert_eq!(positions.not().iter().count(), len - 1);
            assert!(positions.contains(len - 1) && !positions.not().intersects(&positions));
            assert!(
                positions.and(&positions.not()).is_empty()
                    && positions.or(&positions.not()) == PositionSet::all(len)
            );
        }
    }
}
