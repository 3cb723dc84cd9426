//! Three-valued logic of types: facts about event types, and formulas over them.
//!
//! A fact says of one event type that it has happened, has not, or may have. A formula over facts is
//! proved, refuted or undecided; of a clause that does not hold the event to blame is known.

use std::marker::PhantomData;

use eventsource_model::{EventIndex, Knowledge, StateSet};

/// What is known of a clause.
pub trait Clause {
    /// The same as a value.
    const VALUE: Option<bool>;
    /// This clause and another: the first reason why not, else the first doubt.
    type And<R: Clause>: Clause;
    /// This clause after one that depends on `E`.
    type AfterDoubt<E>: Clause;
    /// The event that is missing, or [`NoEvent`].
    type Missing;
    /// The event that should not be there, or [`NoEvent`].
    type Present;
    /// The event that it depends on, or [`NoEvent`].
    type Unsure;
    /// Without the reason.
    type Truth: Truth;
}

/// No event is to blame.
pub struct NoEvent;

/// It holds.
pub struct Holds;
/// It does not, for the event is not in the state.
pub struct Missing<E>(PhantomData<fn() -> E>);
/// It does not, for the event is in the state.
pub struct Present<E>(PhantomData<fn() -> E>);
/// It is not known, for this event is not.
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

/// Whether something is true.
pub trait Truth {
    /// The same as a value.
    const VALUE: Option<bool>;
    /// Whether this or another is true.
    type Or<R: Truth>: Truth;
    /// The same with [`Undecided`].
    type OrUndecided: Truth;
    /// `Then` if it is true, `Else` if not; what both agree in if that is not known.
    type If<Then: Fact, Else: Fact>: Fact;
}

/// It is.
pub struct Proved;
/// It is not.
pub struct Refuted;
/// It is not known.
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

/// The event is in the state.
///
/// ```
/// # use eventsource_core::typed::Has;
/// # struct Created;
/// fn knows(_: Option<Has<Created>>) {} // a type, never a value
/// # knows(None);
/// ```
pub struct Has<E>(PhantomData<fn() -> E>);

/// The event is not in the state: it has not happened, or what has happened since has taken it out.
///
/// ```
/// # use eventsource_core::typed::Lacks;
/// # struct Created;
/// fn knows(_: Option<Lacks<Created>>) {} // a type, never a value
/// # knows(None);
/// ```
pub struct Lacks<E>(PhantomData<fn() -> E>);

/// Whether the event is in the state is not known.
///
/// ```
/// # use eventsource_core::typed::Maybe;
/// # struct Created;
/// fn knows(_: Option<Maybe<Created>>) {} // a type, never a value
/// # knows(None);
/// ```
pub struct Maybe<E>(PhantomData<fn() -> E>);

/// What is known of one event type. The three types above are all there are.
pub trait Fact {
    /// The same as a value.
    const VALUE: Option<bool>;
    /// What becomes of a clause that asks for the event.
    type Required: Clause;
    /// What becomes of a clause that forbids it.
    type Excluded: Clause;
    /// What is known if this is true or `F` is.
    type Or<F: Fact>: Fact;
    /// The same with `Has<E>`.
    type OrHas<E>: Fact;
    /// The same with `Lacks<E>`.
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

/// Whoever knows this knows `F`.
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
// Were there only one thing to ask for, the compiler would assume it, and find other words for the
// same mistake.
#[diagnostic::do_not_recommend]
impl<E> Implies<NoEvent> for Maybe<E> {}

/// The same facts as masks, by position.
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
