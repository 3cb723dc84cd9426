//! Whether a formula holds, as a type: three-valued logic, and for one clause the event to blame.

use std::marker::PhantomData;

use super::fact::Fact;

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
