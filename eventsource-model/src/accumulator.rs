//! Accumulators: how an event changes the state.

use std::borrow::Cow;

use crate::{EventIndex, StateSet};

/// Rule for the state after an event.
///
/// `E` names an event type, as in [`Formula`](crate::Formula).
///
/// ```
/// use eventsource_model::{Accumulator, EventIndex, StateSet};
///
/// let (created, assigned) = (EventIndex::new(0).unwrap(), EventIndex::new(1).unwrap());
/// let union = Accumulator::Union.update(assigned);
/// assert_eq!(union.apply(StateSet::only(created)), StateSet::from_bits(0b11));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Accumulator<E: Clone + 'static = EventIndex> {
    /// The event replaces the state: `{e}`. This is the default.
    #[default]
    Current,
    /// The state stays as it is.
    Keep,
    /// The event is added to the state.
    Union,
    /// Another event replaces the state, as if that one had happened.
    Alias(E),
    /// These events are added to the state; the event itself only if it is among them.
    Addition(Cow<'static, [E]>),
    /// These events are removed from the state.
    Difference(Cow<'static, [E]>),
    /// Accumulators applied from left to right to the same event; an empty list is
    /// [`Keep`](Self::Keep).
    Compose(Cow<'static, [Accumulator<E>]>),
}

impl<E: Clone + 'static> Accumulator<E> {
    /// Renames the events that the accumulator names.
    ///
    /// # Errors
    /// Every error that `rename` returned, in order.
    pub fn try_map<F: Clone + 'static, X>(
        &self,
        rename: &mut impl FnMut(&E) -> Result<F, X>,
    ) -> Result<Accumulator<F>, Vec<X>> {
        Ok(match self {
            Self::Current => Accumulator::Current,
            Self::Keep => Accumulator::Keep,
            Self::Union => Accumulator::Union,
            Self::Alias(event) => Accumulator::Alias(rename(event).map_err(|error| vec![error])?),
            Self::Addition(events) => Accumulator::Addition(collect(events.iter().map(rename))?),
            Self::Difference(events) => {
                Accumulator::Difference(collect(events.iter().map(rename))?)
            }
            Self::Compose(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| part.try_map(rename)).collect();
                let (good, bad): (Vec<_>, Vec<_>) = parts.into_iter().partition(Result::is_ok);
                if bad.is_empty() {
                    Accumulator::Compose(good.into_iter().flatten().collect())
                } else {
                    return Err(bad.into_iter().filter_map(Result::err).flatten().collect());
                }
            }
        })
    }
}

fn collect<F: Clone + 'static, X>(
    results: impl Iterator<Item = Result<F, X>>,
) -> Result<Cow<'static, [F]>, Vec<X>> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(error) => bad.push(error),
        }
    }
    if bad.is_empty() {
        Ok(Cow::Owned(good))
    } else {
        Err(bad)
    }
}

impl Accumulator {
    /// Compiles the accumulator of `event` to two masks.
    #[must_use]
    pub fn update(&self, event: EventIndex) -> Update {
        let update = |keep, add| Update { keep, add };
        let set = |events: &[EventIndex]| events.iter().copied().collect::<StateSet>();
        match self {
            Self::Current => update(StateSet::EMPTY, StateSet::only(event)),
            Self::Keep => Update::KEEP,
            Self::Union => update(StateSet::ALL, StateSet::only(event)),
            Self::Alias(other) => update(StateSet::EMPTY, StateSet::only(*other)),
            Self::Addition(events) => update(StateSet::ALL, set(events)),
            Self::Difference(events) => {
                update(StateSet::ALL.difference(set(events)), StateSet::EMPTY)
            }
            Self::Compose(parts) => parts
                .iter()
                .fold(Update::KEEP, |before, part| before.then(part.update(event))),
        }
    }
}

/// Accumulator compiled to two masks: the next state is `(state & keep) | add`.
///
/// Every accumulator has this form, and the form is closed under composition.
///
/// ```
/// use eventsource_model::{StateSet, Update};
///
/// let update = Update { keep: StateSet::from_bits(0b10), add: StateSet::from_bits(0b01) };
/// assert_eq!(update.apply(StateSet::from_bits(0b110)).bits(), 0b011);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Update {
    /// Event types that stay in the state.
    pub keep: StateSet,
    /// Event types that are added to the state.
    pub add: StateSet,
}

impl Update {
    const KEEP: Self = Self {
        keep: StateSet::ALL,
        add: StateSet::EMPTY,
    };

    /// Returns the state after `state`.
    #[must_use]
    pub const fn apply(self, state: StateSet) -> StateSet {
        state.intersection(self.keep).union(self.add)
    }

    /// Composes this update with `next`, which is applied second.
    #[must_use]
    pub const fn then(self, next: Self) -> Self {
        Self {
            keep: self.keep.intersection(next.keep),
            add: self.add.intersection(next.keep).union(next.add),
        }
    }
}
