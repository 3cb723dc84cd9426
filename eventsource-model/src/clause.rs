//! Clauses: formulas compiled to bit masks.

use crate::{Formula, StateSet};

/// Largest number of clauses that a formula may compile to.
///
/// Rules that people write need one to a few; a formula beyond this is refused instead of making
/// every check, and every SQL constraint, huge.
///
/// ```
/// assert_eq!(eventsource_model::MAX_CLAUSES, 256);
/// ```
pub const MAX_CLAUSES: usize = 256;

/// Conjunction of memberships: all of `all` and none of `none` are in the state.
///
/// A formula compiles to a disjunction of clauses.
///
/// ```
/// use eventsource_model::{Clause, StateSet};
///
/// let clause = Clause { all: StateSet::from_bits(0b001), none: StateSet::from_bits(0b010) };
/// assert!(clause.matches(StateSet::from_bits(0b101)));
/// assert!(!clause.matches(StateSet::from_bits(0b011)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clause {
    /// Event types that must be in the state.
    pub all: StateSet,
    /// Event types that must not be in the state.
    pub none: StateSet,
}

impl Clause {
    const TRUE: Self = Self {
        all: StateSet::EMPTY,
        none: StateSet::EMPTY,
    };

    /// Returns whether the clause holds in `state`.
    #[must_use]
    pub const fn matches(self, state: StateSet) -> bool {
        state.contains_all(self.all) && !state.intersects(self.none)
    }

    fn and(self, other: Self) -> Option<Self> {
        let both = Self {
            all: self.all.union(other.all),
            none: self.none.union(other.none),
        };
        (!both.all.intersects(both.none)).then_some(both)
    }

    /// Returns whether this clause holds in every state in which `other` holds.
    fn covers(self, other: Self) -> bool {
        other.all.contains_all(self.all) && other.none.contains_all(self.none)
    }

    /// Merges two clauses that differ only in one event type, which one demands and the other
    /// forbids.
    fn merge(self, other: Self) -> Option<Self> {
        let (all, none) = (
            self.all.intersection(other.all),
            self.none.intersection(other.none),
        );
        let (mine, theirs) = (self.all.difference(all), other.all.difference(all));
        let opposite =
            mine.union(theirs) == self.none.union(other.none).difference(none) && mine != theirs;
        (opposite && mine.union(theirs).len() == 1).then_some(Self { all, none })
    }
}

/// Error of a formula that compiles to more than [`MAX_CLAUSES`] clauses.
///
/// ```
/// # use eventsource_model::TooManyClauses;
/// assert!(TooManyClauses.to_string().contains("256"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyClauses;

impl std::fmt::Display for TooManyClauses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the formula has more than {MAX_CLAUSES} alternatives when written as any_of(all_of(..), ..)"
        )
    }
}

impl std::error::Error for TooManyClauses {}

impl Formula {
    /// Compiles the formula to a disjunction of clauses; no clause means never, one empty clause
    /// always.
    ///
    /// Clauses that another clause covers are left out. The result depends on the formula alone;
    /// its order is that in which the formula names its alternatives.
    ///
    /// # Errors
    /// [`TooManyClauses`] above [`MAX_CLAUSES`].
    ///
    /// ```
    /// use eventsource_model::{EventIndex, Formula};
    ///
    /// let event = |n| Formula::Event(EventIndex::new(n).unwrap());
    /// let rule = Formula::all_of([event(0), Formula::but_not(event(1))]);
    /// let clauses = rule.clauses()?;
    /// assert_eq!(clauses.len(), 1);
    /// assert_eq!((clauses[0].all.bits(), clauses[0].none.bits()), (0b01, 0b10));
    /// # Ok::<(), eventsource_model::TooManyClauses>(())
    /// ```
    pub fn clauses(&self) -> Result<Vec<Clause>, TooManyClauses> {
        self.clauses_among(StateSet::ALL)
    }

    /// Compiles the formula for states that are subsets of `members`, so that other event types
    /// never hold.
    pub(crate) fn clauses_among(&self, members: StateSet) -> Result<Vec<Clause>, TooManyClauses> {
        Compiler { members }.clauses(self, true)
    }
}

struct Compiler {
    /// Event types that the machine has.
    members: StateSet,
}

impl Compiler {
    /// Returns the clauses of `formula`, or of its negation when `wanted` is false.
    fn clauses(&self, formula: &Formula, wanted: bool) -> Result<Vec<Clause>, TooManyClauses> {
        let has = |all| Clause {
            all,
            none: StateSet::EMPTY,
        };
        let lacks = |none| Clause {
            all: StateSet::EMPTY,
            none,
        };
        match (formula, wanted) {
            (Formula::Event(event), true) => Ok(vec![has(StateSet::only(*event))]),
            (Formula::Event(event), false) => Ok(vec![lacks(StateSet::only(*event))]),
            (Formula::Nothing, true) => Ok(vec![lacks(StateSet::ALL)]),
            (Formula::Nothing, false) => {
                Ok(self.members.iter().map(StateSet::only).map(has).collect())
            }
            (Formula::AnyOf(operands), true) => self.any(operands, true),
            (Formula::AllOf(operands), true) => self.all(operands, true),
            // De Morgan.
            (Formula::NoneOf(operands), true) | (Formula::AnyOf(operands), false) => {
                self.all(operands, false)
            }
            (Formula::NoneOf(operands), false) => self.any(operands, true),
            (Formula::AllOf(operands), false) => self.any(operands, false),
        }
    }

    fn any(&self, operands: &[Formula], wanted: bool) -> Result<Vec<Clause>, TooManyClauses> {
        let mut clauses = Vec::new();
        for operand in operands {
            for clause in self.clauses(operand, wanted)? {
                absorb(&mut clauses, clause)?;
            }
        }
        merge(clauses)
    }

    fn all(&self, operands: &[Formula], wanted: bool) -> Result<Vec<Clause>, TooManyClauses> {
        let mut clauses = vec![Clause::TRUE];
        for operand in operands {
            let alternatives = self.clauses(operand, wanted)?;
            let mut product = Vec::new();
            for left in clauses {
                for right in &alternatives {
                    if let Some(both) = left.and(*right) {
                        absorb(&mut product, both)?;
                    }
                }
            }
            clauses = merge(product)?;
        }
        Ok(clauses)
    }
}

/// Adds a clause unless another covers it, and removes the clauses that it covers.
fn absorb(clauses: &mut Vec<Clause>, clause: Clause) -> Result<(), TooManyClauses> {
    // There may be more on the way, since some merge in the end; but very many would take minutes.
    if clauses.len() > 4 * MAX_CLAUSES {
        return Err(TooManyClauses);
    }
    if !clauses.iter().any(|earlier| earlier.covers(clause)) {
        clauses.retain(|earlier| !clause.covers(*earlier));
        clauses.push(clause);
    }
    Ok(())
}

/// Merges clauses until no two can be merged, keeping the order of first appearance.
fn merge(mut clauses: Vec<Clause>) -> Result<Vec<Clause>, TooManyClauses> {
    let pair = |clauses: &[Clause]| {
        (0..clauses.len()).find_map(|left| {
            (left + 1..clauses.len())
                .find_map(|right| Some((left, clauses[left].merge(clauses[right])?)))
        })
    };
    while let Some((left, merged)) = pair(&clauses) {
        clauses[left] = merged;
        // It covers at least the other of the two.
        let mut position = 0;
        clauses.retain(|clause| {
            position += 1;
            position - 1 == left || !merged.covers(*clause)
        });
    }
    if clauses.len() > MAX_CLAUSES {
        return Err(TooManyClauses);
    }
    Ok(clauses)
}
