//! What a command decides, given events.

use std::collections::BTreeSet;
use std::fmt::Debug;

use chrono::{DateTime, Utc};

use crate::store::api::fold::next_head;
use crate::store::testing::difference::difference;
use crate::store::testing::log::TestLog;
use crate::{Command, Entity, EntityId, Error, Event, EventType, Fold, Head, RecordedEvent, State};

/// Begins a test of a command, without a database: with the events that an entity has.
///
/// Auto transitions are added as a store does; do not name them.
///
/// # Panics
/// If the rules do not allow the events.
///
/// ```
/// # mod example {
/// use eventsource_core::testing::given;
/// # use eventsource_core::{Command, Decision, Entity, Event};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
/// #[machine(entity = "account")]
/// pub enum AccountEvent {
///     Opened,
///     #[event(follows = Opened, accumulate = keep())]
///     Deposited { cents: i64 },
///     #[event(follows = Opened, terminal)]
///     Closed,
/// }
/// # struct Close;
/// # #[derive(Debug, PartialEq, thiserror::Error)]
/// # #[error("there is money in it")]
/// # struct NotEmpty;
/// # impl Command<AccountEvent> for Close {
/// #     const NAME: &'static str = "close";
/// #     type State = AccountData;
/// #     type Refusal = NotEmpty;
/// #     fn decide(&self, account: &Entity<AccountEvent, AccountData>) -> Result<Decision<AccountEvent>, NotEmpty> {
/// #         if account.data.cents > Some(0) { return Err(NotEmpty); }
/// #         Ok(AccountEvent::Closed.into())
/// #     }
/// # }
///
/// # pub fn main() {
/// given([AccountEvent::Opened]).when(Close).then([AccountEvent::Closed]);
/// given([AccountEvent::Opened, AccountEvent::Deposited { cents: 7 }])
///     .when(Close)
///     .refused(NotEmpty);
/// given([AccountEvent::Opened, AccountEvent::Closed]).when(Close).illegal();
/// given([AccountEvent::Opened, AccountEvent::Closed]).then_never(AccountEventType::Deposited);
/// # }
/// # }
/// # example::main();
/// ```
#[must_use = "nothing is tested before `when`, or `then_never`"]
#[track_caller]
pub fn given<E: Event>(events: impl IntoIterator<Item = E>) -> Given<E> {
    let log = match TestLog::new() {
        Ok(log) => log,
        Err(error) => panic!("{error}"),
    };
    let given = Given {
        id: EntityId::new(),
        log,
        events: Vec::new(),
        head: None,
    };
    given.and(events)
}

/// Entity with events, which a command is tested on: see [`given`].
#[must_use = "nothing is tested before `when`, or `then_never`"]
pub struct Given<E: Event> {
    id: EntityId,
    log: TestLog<E>,
    events: Vec<RecordedEvent<E>>,
    head: Option<Head<E>>,
}

impl<E: Event> Given<E> {
    /// Sets the time at which the next event is recorded; without, they come a second after each other.
    pub fn at(mut self, time: DateTime<Utc>) -> Self {
        self.log.now = time;
        self
    }

    /// Adds events.
    ///
    /// # Panics
    /// If the rules do not allow them.
    #[track_caller]
    pub fn and(mut self, events: impl IntoIterator<Item = E>) -> Self {
        for event in events {
            match self.log.append(self.id, &[event]) {
                Ok(recorded) => {
                    for event in recorded {
                        self.head = Some(next_head(self.head.as_ref(), &event));
                        self.events.push(event);
                    }
                }
                Err(error) => panic!("the events before the command are illegal: {error}"),
            }
        }
        self
    }

    /// Lets a command decide on the entity.
    pub fn when<C: Command<E>>(mut self, command: C) -> Decided<E, C::Refusal> {
        let mut data = C::State::default();
        for event in &self.events {
            data.apply(event);
        }
        let before = self.state();
        let entity = Entity::new(self.id, self.head.take(), data);
        let outcome = match command.decide(&entity) {
            Err(refusal) => Outcome::Refused(refusal),
            Ok(decision) => {
                let decided = decision.into_events();
                match self.log.append(self.id, &decided) {
                    Ok(stored) => Outcome::Stored { decided, stored },
                    Err(error) => Outcome::Illegal { decided, error },
                }
            }
        };
        Decided { before, outcome }
    }

    /// Checks that no event of this type can happen any more, whatever else does.
    ///
    /// # Panics
    /// If one can, with the shortest way to it.
    #[track_caller]
    pub fn then_never(self, event_type: E::Type) {
        let begin = self.state();
        let mut known = BTreeSet::from([begin.set()]);
        let mut ways = vec![(begin, Vec::<E::Type>::new())];
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for (state, way) in ways {
                for next in E::Type::available(state) {
                    let mut way = way.clone();
                    way.push(next);
                    assert!(
                        next != event_type,
                        "'{event_type}' can still happen after {begin}: {way:?}"
                    );
                    let after = next.accumulate(state);
                    if known.insert(after.set()) {
                        longer.push((after, way));
                    }
                }
            }
            ways = longer;
        }
    }

    fn state(&self) -> State<E::Type> {
        self.head.as_ref().map_or(State::EMPTY, |head| head.state)
    }
}

/// What a command has decided: see [`given`].
#[must_use = "what the command has decided is not compared with anything"]
pub struct Decided<E: Event, R> {
    before: State<E::Type>,
    outcome: Outcome<E, R>,
}

enum Outcome<E: Event, R> {
    Stored {
        decided: Vec<E>,
        /// With auto transitions.
        stored: Vec<RecordedEvent<E>>,
    },
    Refused(R),
    Illegal {
        decided: Vec<E>,
        error: Error,
    },
}

impl<E: Event + Debug + PartialEq, R: std::error::Error> Decided<E, R> {
    /// Checks that the command decides exactly these events, in this order, and that the rules allow
    /// them. Auto transitions do not count; `[]` is nothing to do.
    ///
    /// # Panics
    /// Otherwise.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = E>) {
        let expected: Vec<E> = expected.into_iter().collect();
        match &self.outcome {
            Outcome::Stored { decided, .. } => assert!(
                *decided == expected,
                "the command has decided otherwise after {}:{}",
                self.before,
                difference(&expected, decided)
            ),
            _ => self.surprise(&format!("expected were:{}", difference(&expected, &[]))),
        }
    }

    /// Checks that the command refuses with this.
    ///
    /// # Panics
    /// Otherwise.
    #[track_caller]
    pub fn refused(self, expected: R)
    where
        R: PartialEq,
    {
        match &self.outcome {
            Outcome::Refused(refusal) => assert!(
                *refusal == expected,
                "the command has refused for something else:{}",
                difference(&[expected], std::slice::from_ref(refusal))
            ),
            _ => self.surprise(&format!("expected was the refusal {expected:?}")),
        }
    }

    /// Returns the refusal, to look at one that cannot be compared.
    ///
    /// # Panics
    /// If the command has not refused.
    #[track_caller]
    #[must_use]
    pub fn refusal(self) -> R {
        match self.outcome {
            Outcome::Refused(refusal) => refusal,
            outcome => {
                let before = self.before;
                let decided = Self { before, outcome };
                decided.surprise("expected was a refusal")
            }
        }
    }

    /// Checks that the command records this [rejection](EventType::is_rejection), and nothing else.
    ///
    /// # Panics
    /// Otherwise.
    #[track_caller]
    pub fn rejected(self, expected: E) {
        let event_type = expected.event_type();
        assert!(
            event_type.is_rejection(),
            "'{event_type}' records no rejection: its rule does not say `rejection`"
        );
        self.then([expected]);
    }

    /// Checks that the rules of the machine refuse what the command decides.
    ///
    /// # Panics
    /// Otherwise.
    #[track_caller]
    pub fn illegal(self) {
        if !matches!(self.outcome, Outcome::Illegal { .. }) {
            self.surprise("expected was a decision that the rules refuse")
        }
    }

    /// Checks that no event of this type happens by the command, neither as it decides nor as an auto
    /// transition.
    ///
    /// # Panics
    /// Otherwise.
    #[track_caller]
    pub fn then_never(self, event_type: E::Type) {
        if let Outcome::Stored { stored, .. } = &self.outcome {
            let happens = stored
                .iter()
                .any(|event| event.event.event_type() == event_type);
            assert!(
                !happens,
                "'{event_type}' has happened after {}:{}",
                self.before,
                difference(
                    &[],
                    &stored.iter().map(|event| &event.event).collect::<Vec<_>>()
                )
            );
        }
    }

    /// Panics with what the command has done instead.
    #[track_caller]
    fn surprise(&self, expected: &str) -> ! {
        let before = self.before;
        match &self.outcome {
            Outcome::Refused(refusal) => {
                panic!(
                    "the command has refused after {before}: {refusal} ({refusal:?}); {expected}"
                )
            }
            Outcome::Illegal { decided, error } => panic!(
                "the command has decided what the rules refuse: {error}:{}\n{expected}",
                difference(&[], decided)
            ),
            Outcome::Stored { decided, .. } => panic!(
                "the command has decided after {before}:{}\n{expected}",
                difference(&[], decided)
            ),
        }
    }
}
