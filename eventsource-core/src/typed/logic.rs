//! Three-valued logic of types: facts about event types, and formulas over them.
//!
//! A fact says whether one event type is in the state: yes, no, or unknown. A formula over facts is
//! proved, refuted or undecided. A clause that does not hold also names the event to blame, for the
//! compiler's error message.

use std::marker::PhantomData;

use eventsource_model::{EventIndex, Knowledge, StateSet};

/// Truth of a clause, with the event to blame if it does not hold.
pub trait Clause {
    /// Truth as a value; `None` if it is undecided.
    const VALUE: Option<bool>;
    /// Conjunction with another clause: the first that does not hold, else the first undecided one.
    type And<R: Clause>: Clause;
    /// Conjunction with an earlier clause that is undecided because of `E`.
    type AfterDoubt<E>: Clause;
    /// Event that the state lacks, or [`NoEvent`].
    type Missing;
    /// Event that the state has and must not have, or [`NoEvent`].
    type Present;
    /// Event of which it is unknown whether the state has it, or [`NoEvent`].
    type Unsure;
    /// Truth without the event to blame.
    type Truth: Truth;
}

/// Marker: no event is to blame.
pub struct NoEvent;

/// Clause that holds.
pub struct Holds;
/// Clause that does not hold, because the state lacks the event.
pub struct Missing<E>(PhantomData<fn() -> E>);
/// Clause that does not hold, because the state has the event.
pub struct Present<E>(PhantomData<fn() -> E>);
/// Clause that is undecided, because it is unknown whether the state has the event.
pub struct Unsure<E>(PhantomData<fn() -> E>);

impl Clause for Holds {
    const VALUE: Option<bool> = Some(true);
    type And<R: Clause> = R;
    type AfterDoubt<E> = Unsure<E>;
    type Missing = NoEvent;
    type Present = NoEvent;
    type Unsure = NoEvent;
    type Truth = Proved;
}

impl<E> Clause for Missing<E> {
    const VALUE: Option<bool> = Some(false);
    type And<R: Clause> = Self;
    type AfterDoubt<F> = Self;
    type Missing = E;
    type Present = NoEvent;
    type Unsure = NoEvent;
    type Truth = Refuted;
}

impl<E> Clause for Present<E> {
    const VALUE: Option<bool> = Some(false);
    type And<R: Clause> = Self;
    type AfterDoubt<F> = Self;
    type Missing = NoEvent;
    type Present = E;
    type Unsure = NoEvent;
    type Truth = Refuted;
}

impl<E> Clause for Unsure<E> {
    const VALUE: Option<bool> = None;
    type And<R: Clause> = R::AfterDoubt<E>;
    type AfterDoubt<F> = Unsure<F>;
    type Missing = NoEvent;
    type Present = NoEvent;
    type Unsure = E;
    type Truth = Undecided;
}

/// Truth of a formula: proved, refuted or undecided.
pub trait Truth {
    /// Truth as a value; `None` if it is undecided.
    const VALUE: Option<bool>;
    /// Disjunction with another truth.
    type Or<R: Truth>: Truth;
    /// Disjunction with [`Undecided`].
    type OrUndecided: Truth;
    /// `Then` if proved, `Else` if refuted; if undecided, what follows from either of them.
    type If<Then: Fact, Else: Fact>: Fact;
}

/// Truth of a formula that holds in every possible state.
pub struct Proved;
/// Truth of a formula that holds in no possible state.
pub struct Refuted;
/// Truth of a formula that may hold or not.
pub struct Undecided;

impl Truth for Proved {
    const VALUE: Option<bool> = Some(true);
    type Or<R: Truth> = Self;
    type OrUndecided = Self;
    type If<Then: Fact, Else: Fact> = Then;
}

impl Truth for Refuted {
    const VALUE: Option<bool> = Some(false);
    type Or<R: Truth> = R;
    type OrUndecided = Undecided;
    type If<Then: Fact, Else: Fact> = Else;
}

impl Truth for Undecided {
    const VALUE: Option<bool> = None;
    type Or<R: Truth> = R::OrUndecided;
    type OrUndecided = Self;
    type If<Then: Fact, Else: Fact> = Then::Or<Else>;
}

/// Fact: the state has the event type `E`.
///
/// ```
/// # use eventsource_core::typed::Has;
/// # struct Created;
/// fn knows(_: Option<Has<Created>>) {} // a type, never a value
/// # knows(None);
/// ```
pub struct Has<E>(PhantomData<fn() -> E>);

/// Fact: the state lacks the event type `E`.
///
/// The event has not happened, or a later event has removed it from the state.
///
/// ```
/// # use eventsource_core::typed::Lacks;
/// # struct Created;
/// fn knows(_: Option<Lacks<Created>>) {} // a type, never a value
/// # knows(None);
/// ```
pub struct Lacks<E>(PhantomData<fn() -> E>);

/// Fact: it is unknown whether the state has the event type `E`.
///
/// ```
/// # use eventsource_core::typed::Maybe;
/// # struct Created;
/// fn knows(_: Option<Maybe<Created>>) {} // a type, never a value
/// # knows(None);
/// ```
pub struct Maybe<E>(PhantomData<fn() -> E>);

/// Knowledge about one event type: [`Has`], [`Lacks`] or [`Maybe`], and no other type.
pub trait Fact {
    /// Fact as a value; `None` if it is unknown whether the state has the event.
    const VALUE: Option<bool>;
    /// Truth of a clause that requires the event.
    type Required: Clause;
    /// Truth of a clause that excludes the event.
    type Excluded: Clause;
    /// Fact that follows from this one or `F`, whichever is true.
    type Or<F: Fact>: Fact;
    /// Fact that follows from this one or `Has<E>`.
    type OrHas<E>: Fact;
    /// Fact that follows from this one or `Lacks<E>`.
    type OrLacks<E>: Fact;
}

impl<E> Fact for Has<E> {
    const VALUE: Option<bool> = Some(true);
    type Required = Holds;
    type Excluded = Present<E>;
    type Or<F: Fact> = F::OrHas<E>;
    type OrHas<F> = Self;
    type OrLacks<F> = Maybe<E>;
}

impl<E> Fact for Lacks<E> {
    const VALUE: Option<bool> = Some(false);
    type Required = Missing<E>;
    type Excluded = Holds;
    type Or<F: Fact> = F::OrLacks<E>;
    type OrHas<F> = Maybe<E>;
    type OrLacks<F> = Self;
}

impl<E> Fact for Maybe<E> {
    const VALUE: Option<bool> = None;
    type Required = Unsure<E>;
    type Excluded = Unsure<E>;
    type Or<F: Fact> = Self;
    type OrHas<F> = Self;
    type OrLacks<F> = Self;
}

/// Implication: the fact `F` follows from this one.
#[diagnostic::on_unimplemented(
    message = "`{F}` does not follow from `{Self}`",
    label = "`{Self}` is known, `{F}` is asked for",
    note = "`widen` only forgets; `narrow` looks at the state"
)]
pub trait Implies<F> {}

#[diagnostic::do_not_recommend]
impl<E> Implies<Self> for Has<E> {}
#[diagnostic::do_not_recommend]
impl<E> Implies<Maybe<E>> for Has<E> {}
#[diagnostic::do_not_recommend]
impl<E> Implies<Self> for Lacks<E> {}
#[diagnostic::do_not_recommend]
impl<E> Implies<Maybe<E>> for Lacks<E> {}
#[diagnostic::do_not_recommend]
impl<E> Implies<Self> for Maybe<E> {}
// With a single implementation for `Maybe` the compiler would infer `F` from it, and report another
// error.
#[diagnostic::do_not_recommend]
impl<E> Implies<NoEvent> for Maybe<E> {}

/// Converts facts, by position of the event type, to masks.
#[must_use]
pub const fn known(facts: &[Option<bool>]) -> Knowledge {
    let mut known = Knowledge::NONE;
    let mut position = 0;
    while position < facts.len() {
        if let Some(event) = EventIndex::new(position) {
            let event = StateSet::only(event);
            match facts[position] {
                Some(true) => known.has = known.has.union(event),
                Some(false) => known.lacks = known.lacks.union(event),
                None => {}
            }
        }
        position += 1;
    }
    known
}
