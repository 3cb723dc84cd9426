//! Formulas: boolean conditions on the state that say when an event is legal.

use std::borrow::Cow;
use std::fmt;

use crate::{EventIndex, StateSet};

/// Boolean condition on the state.
///
/// `E` names an event type: a position in a compiled machine, a `String` in a
/// [`MachineSpec`](crate::MachineSpec), an identifier with its source location inside the derive.
///
/// ```
/// use eventsource_model::Formula;
///
/// let rule: Formula<String> =
///     Formula::all_of([Formula::event("CREATED"), Formula::but_not(Formula::event("ASSIGNED"))]);
/// assert_eq!(rule.to_string(), "CREATED & !ASSIGNED");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Formula<E: Clone + 'static = EventIndex> {
    /// The event type is in the state.
    Event(E),
    /// The state is empty: nothing has happened yet.
    Nothing,
    /// No operand holds. [`Formula::but_not`] makes one with a single operand.
    NoneOf(Cow<'static, [Formula<E>]>),
    /// At least one operand holds; false without operands.
    AnyOf(Cow<'static, [Formula<E>]>),
    /// Every operand holds; true without operands.
    AllOf(Cow<'static, [Formula<E>]>),
}

impl<E: Clone + 'static> Formula<E> {
    /// Builds a formula that holds if the event type is in the state.
    pub fn event(event: impl Into<E>) -> Self {
        Self::Event(event.into())
    }

    /// Builds a formula that holds if the operand does not.
    #[must_use]
    pub fn but_not(operand: Self) -> Self {
        Self::NoneOf(Cow::Owned(vec![operand]))
    }

    /// Builds a formula that holds if at least one operand does.
    pub fn any_of(operands: impl IntoIterator<Item = Self>) -> Self {
        Self::AnyOf(operands.into_iter().collect())
    }

    /// Builds a formula that holds if every operand does.
    pub fn all_of(operands: impl IntoIterator<Item = Self>) -> Self {
        Self::AllOf(operands.into_iter().collect())
    }

    /// Renames the events that the formula names.
    ///
    /// # Errors
    /// Every error that `rename` returned, in the order of the formula.
    pub fn try_map<F: Clone + 'static, X>(
        &self,
        rename: &mut impl FnMut(&E) -> Result<F, X>,
    ) -> Result<Formula<F>, Vec<X>> {
        Ok(match self {
            Self::Event(event) => Formula::Event(rename(event).map_err(|error| vec![error])?),
            Self::Nothing => Formula::Nothing,
            Self::NoneOf(operands) => Formula::NoneOf(map_all(operands, rename)?),
            Self::AnyOf(operands) => Formula::AnyOf(map_all(operands, rename)?),
            Self::AllOf(operands) => Formula::AllOf(map_all(operands, rename)?),
        })
    }
}

fn map_all<E: Clone + 'static, F: Clone + 'static, X>(
    operands: &[Formula<E>],
    rename: &mut impl FnMut(&E) -> Result<F, X>,
) -> Result<Cow<'static, [Formula<F>]>, Vec<X>> {
    let mut mapped = Vec::with_capacity(operands.len());
    let mut errors = Vec::new();
    for operand in operands {
        match operand.try_map(rename) {
            Ok(operand) => mapped.push(operand),
            Err(more) => errors.extend(more),
        }
    }
    if errors.is_empty() {
        Ok(Cow::Owned(mapped))
    } else {
        Err(errors)
    }
}

impl Formula {
    /// Counts the events and combinators of the formula.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Event(_) | Self::Nothing => 1,
            Self::NoneOf(operands) | Self::AnyOf(operands) | Self::AllOf(operands) => {
                1 + operands.iter().map(Self::size).sum::<usize>()
            }
        }
    }

    /// Returns whether the formula holds in `state`.
    ///
    /// Faster on a compiled machine: its [`Clause`](crate::Clause)s give the same answer.
    ///
    /// ```
    /// use eventsource_model::{EventIndex, Formula, StateSet};
    ///
    /// let created = EventIndex::new(0).unwrap();
    /// let rule: Formula = Formula::but_not(Formula::Event(created));
    /// assert!(rule.holds(StateSet::EMPTY));
    /// assert!(!rule.holds(StateSet::only(created)));
    /// ```
    #[must_use]
    pub fn holds(&self, state: StateSet) -> bool {
        match self {
            Self::Event(event) => state.contains(*event),
            Self::Nothing => state.is_empty(),
            Self::NoneOf(operands) => !operands.iter().any(|operand| operand.holds(state)),
            Self::AnyOf(operands) => operands.iter().any(|operand| operand.holds(state)),
            Self::AllOf(operands) => operands.iter().all(|operand| operand.holds(state)),
        }
    }
}

/// Writes the formula in operators: `CREATED & !ASSIGNED`, `(A | B) & C`.
impl<E: Clone + fmt::Display> fmt::Display for Formula<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(event) => fmt::Display::fmt(event, f),
            Self::Nothing => f.write_str("nothing"),
            Self::NoneOf(operands) => match operands.as_ref() {
                [] => f.write_str("all_of()"),
                [one] => write_operand(f, "!", one),
                many => {
                    f.write_str("!(")?;
                    write_joined(f, many, " | ")?;
                    f.write_str(")")
                }
            },
            Self::AnyOf(operands) if operands.is_empty() => f.write_str("any_of()"),
            Self::AllOf(operands) if operands.is_empty() => f.write_str("all_of()"),
            Self::AnyOf(operands) => write_joined(f, operands, " | "),
            Self::AllOf(operands) => write_joined(f, operands, " & "),
        }
    }
}

fn write_joined<E: Clone + fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    operands: &[Formula<E>],
    separator: &str,
) -> fmt::Result {
    for (position, operand) in operands.iter().enumerate() {
        if position > 0 {
            f.write_str(separator)?;
        }
        if operands.len() == 1 {
            fmt::Display::fmt(operand, f)?;
        } else {
            write_operand(f, "", operand)?;
        }
    }
    Ok(())
}

fn write_operand<E: Clone + fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    sign: &str,
    operand: &Formula<E>,
) -> fmt::Result {
    match operand {
        Formula::AnyOf(inner) | Formula::AllOf(inner) if !inner.is_empty() => {
            write!(f, "{sign}({operand})")
        }
        _ => write!(f, "{sign}{operand}"),
    }
}
