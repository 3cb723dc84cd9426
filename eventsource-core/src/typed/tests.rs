//! What the types say against what the machine says.
//!
//! Every method is bound by a verdict that has a value, too. Here each verdict, and each tuple of
//! facts that follows, is compared with the machine in every state that it could be about.

#![allow(dead_code, reason = "the handles are for their types")]

use eventsource_model::{Knowledge, Machine, StateSet};

use super::__private::{Clause as _, Truth as _};
use crate::Event;

/// What is compared: by the facts, of each event the verdict and the facts that follow.
struct Claims {
    known: Knowledge,
    events: Vec<(Option<bool>, Knowledge)>,
}

/// The states of this machine that a history leads to, the empty one among them.
fn reachable(machine: &Machine) -> Vec<StateSet> {
    let exploration = machine.explore(10_000);
    assert!(exploration.is_complete());
    let states = exploration.states();
    states.iter().map(|explored| explored.state).collect()
}

/// The state after an event and its auto transitions.
fn settled(machine: &Machine, event: eventsource_model::EventIndex, state: StateSet) -> StateSet {
    let state = machine.accumulate(event, state);
    let written = machine.auto_transitions(state).unwrap_or_default();
    written.last().map_or(state, |(_, state)| *state)
}

impl Claims {
    /// Returns how many verdicts were certain.
    fn check(&self, machine: &Machine, reachable: &[StateSet]) -> usize {
        let members: StateSet = machine.events().collect();
        assert!(members.contains_all(self.known.has.union(self.known.lacks)));
        // There are no events beyond.
        let known = Knowledge {
            lacks: self.known.lacks.union(StateSet::ALL.difference(members)),
            ..self.known
        };
        let exact = self.known.has.union(self.known.lacks) == members;
        let mut certain = 0;
        let outcomes = machine.outcomes();
        for (event, (verdict, after)) in machine.events().zip(&self.events) {
            certain += usize::from(verdict.is_some());
            assert!(!exact || verdict.is_some(), "{:?} is exact", self.known);
            // As much as the model can tell of the same.
            let rule = machine.rule(event);
            assert_eq!(*verdict, known.decides(&rule.clauses));
            let foretold = outcomes[event.get()].known(machine, known);
            let (has, lacks) = (foretold.has, foretold.lacks.intersection(members));
            assert_eq!((after.has, after.lacks), (has, lacks));
            // Of all states, whether a history leads there or not.
            for bits in 0..1_u64 << machine.len().min(6) {
                let state = StateSet::from_bits(bits).intersection(members);
                if let (true, Some(verdict)) = (self.known.fits(state), *verdict) {
                    assert_eq!(verdict, machine.may_follow(event, state));
                }
            }
            for state in reachable.iter().filter(|state| self.known.fits(**state)) {
                if let Some(verdict) = *verdict {
                    assert_eq!(verdict, machine.may_follow(event, *state));
                }
                if machine.may_follow(event, *state) {
                    let settled = settled(machine, event, *state);
                    assert!(
                        after.fits(settled),
                        "{} in {:?}: {after:?} of {:?}",
                        machine.name_of(event),
                        machine.names(*state),
                        machine.names(settled),
                    );
                    let loops = machine
                        .auto_transitions(machine.accumulate(event, *state))
                        .is_err();
                    let known = after.has.union(after.lacks);
                    assert!(!exact || loops || known == members, "{after:?} is exact");
                }
            }
        }
        certain
    }
}

/// `claims::<K>()` of a machine.
macro_rules! claims {
    ($states:ident: $($may:ident $after:ident,)*) => {
        fn claims<K: $states::Knowledge>() -> Claims {
            Claims {
                known: K::KNOWN,
                events: vec![$((
                    K::$may::VALUE,
                    <K::$after as $states::Knowledge>::KNOWN,
                )),*],
            }
        }
    };
}

/// Checks every tuple of facts about four events: 81 of them.
macro_rules! every_knowledge_of_four {
    ($event:ident, $states:ident: $a:ident $b:ident $c:ident $d:ident) => {
        #[test]
        fn every_knowledge() {
            use super::super::{Has, Lacks, Maybe};
            use $states::event;
            let machine = <$event as Event>::MACHINE;
            let reachable = reachable(machine);
            let mut tried = 0;
            let mut certain = 0;
            let mut check = |claims: Claims| {
                tried += 1;
                certain += claims.check(machine, &reachable);
            };
            macro_rules! with {
                                                        ($w:ident $x:ident $y:ident $z:ident) => {
                                                            check(claims::<(
                                                                $w<event::$a>,
                                                                $x<event::$b>,
                                                                $y<event::$c>,
                                                                $z<event::$d>,
                                                            )>());
                                                        };
                                                        ($w:ident $x:ident $y:ident) => {
                                                            with!($w $x $y Has);
                                                            with!($w $x $y Lacks);
                                                            with!($w $x $y Maybe);
                                                        };
                                                        ($w:ident $x:ident) => {
                                                            with!($w $x Has);
                                                            with!($w $x Lacks);
                                                            with!($w $x Maybe);
                                                        };
                                                        ($w:ident) => {
                                                            with!($w Has);
                                                            with!($w Lacks);
                                                            with!($w Maybe);
                                                        };
                                                    }
            with!(Has);
            with!(Lacks);
            with!(Maybe);
            assert_eq!(tried, 81);
            // At least where everything is known, and not everywhere.
            assert!((16 * 4..81 * 4).contains(&certain), "{certain}");
        }
    };
}

mod accumulators {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, crate::Event)]
    #[machine(entity = "pack", crate = "crate", typestate)]
    #[machine(allow(constant_operand))]
    enum PackEvent {
        #[event(follows = nothing | Lost, accumulate = compose(alias(Sent), addition(Packed), difference(Sent)))]
        Packed,
        #[event(follows = Packed & !Sent, accumulate = addition(Sent, Packed))]
        Sent,
        #[event(follows = any_state & !(Found & Lost), accumulate = compose(difference(Sent), union()))]
        Lost,
        #[event(follows = Lost | (Sent & !Packed), accumulate = compose(keep(), current()))]
        Found,
    }
    claims!(pack_states: MayPacked AfterPacked, MaySent AfterSent, MayLost AfterLost, MayFound AfterFound,);
    every_knowledge_of_four!(PackEvent, pack_states: Packed Sent Lost Found);
}

mod autos {
    use super::*;
    use serde::{Deserialize, Serialize};

    /// The auto transition depends on what happened before, and leads to another.
    #[derive(Serialize, Deserialize, crate::Event)]
    #[machine(entity = "parcel", crate = "crate", typestate)]
    #[machine(allow(auto_rival, dead_end))]
    enum ParcelEvent {
        #[event(follows = !Shipped & !Told, accumulate = union())]
        Packed,
        #[event(follows = !Shipped & !Told, accumulate = union())]
        Labeled,
        #[event(follows = Packed & Labeled, auto_transition, accumulate = compose(difference(Labeled), union()))]
        Shipped,
        #[event(follows = Shipped & !Told, auto_transition, accumulate = compose(difference(Shipped), union()))]
        Told,
    }
    claims!(parcel_states: MayPacked AfterPacked, MayLabeled AfterLabeled, MayShipped AfterShipped, MayTold AfterTold,);
    every_knowledge_of_four!(ParcelEvent, parcel_states: Packed Labeled Shipped Told);

    #[test]
    fn what_depends_is_decided_by_what_is_known() {
        use parcel_states::{AfterPacked, Knowledge, Nothing};
        type Both = <<Nothing as Knowledge>::AfterPacked as Knowledge>::AfterLabeled;
        let parcel = ParcelHandle::new(crate::EntityId::new()).packed().labeled();
        assert_eq!(parcel.state().to_string(), "[PACKED, TOLD]");
        assert_eq!(parcel.pending().len(), 2);
        assert_eq!(Both::KNOWN.has, parcel.state().set());
        // Whether it was labeled before, and so has been shipped, is not known.
        assert_eq!(AfterPacked::KNOWN.has.len(), 1);
    }
}

mod endless {
    use super::*;
    use serde::{Deserialize, Serialize};

    /// Auto transitions that never end, from one of two events.
    #[derive(Serialize, Deserialize, crate::Event)]
    #[machine(entity = "wheel", crate = "crate", typestate)]
    #[machine(allow(auto_rival, auto_loop))]
    enum WheelEvent {
        Made,
        #[event(follows = Made, accumulate = union())]
        Turned,
        #[event(follows = Turned & !Back, auto_transition, accumulate = union())]
        Back,
        #[event(follows = Back, auto_transition, accumulate = difference(Back))]
        Forth,
    }
    claims!(wheel_states: MayMade AfterMade, MayTurned AfterTurned, MayBack AfterBack, MayForth AfterForth,);
    every_knowledge_of_four!(WheelEvent, wheel_states: Made Turned Back Forth);
}

mod tasks {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize, crate::Event)]
    #[machine(entity = "task", crate = "crate", typestate)]
    enum TaskEvent {
        Created,
        #[event(follows = all_of(Created, but_not(Assigned)), accumulate = union())]
        Assigned,
        #[event(follows = all_of(Created, but_not(Scheduled)), accumulate = union())]
        Scheduled,
        #[event(follows = all_of(Assigned, Scheduled))]
        Started,
        #[event(follows = Started, accumulate = keep())]
        Reassigned,
        #[event(follows = Started, accumulate = keep())]
        Rescheduled,
        #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
        Revised,
        #[event(follows = Started, terminal)]
        Canceled,
        #[event(follows = Started)]
        Completed,
        #[event(follows = Completed, auto_transition, terminal)]
        Ended,
    }
    claims!(task_states:
        MayCreated AfterCreated, MayAssigned AfterAssigned, MayScheduled AfterScheduled,
        MayStarted AfterStarted, MayReassigned AfterReassigned, MayRescheduled AfterRescheduled,
        MayRevised AfterRevised, MayCanceled AfterCanceled, MayCompleted AfterCompleted,
        MayEnded AfterEnded,
    );

    /// What is known at every name, and one or two events later.
    #[test]
    fn every_name_and_what_follows() {
        use task_states::*;
        let machine = TaskEvent::MACHINE;
        let reachable = reachable(machine);
        macro_rules! check {
            ($($name:ident)*) => { $(
                claims::<$name>().check(machine, &reachable);
                check!(@ $name: AfterCreated AfterAssigned AfterScheduled AfterStarted
                    AfterReassigned AfterRevised AfterCanceled AfterCompleted AfterEnded);
            )* };
            (@ $name:ident: $($after:ident)*) => { $(
                // What is not legal there leads nowhere, so no more can be asked of it.
                claims::<<$name as Knowledge>::$after>();
            )* };
        }
        check!(
            Nothing Anything BeforeCreated AfterCreated BeforeAssigned AfterAssigned
            BeforeScheduled AfterScheduled BeforeStarted AfterStarted BeforeReassigned
            AfterReassigned BeforeRescheduled AfterRescheduled BeforeRevised AfterRevised
            BeforeCanceled AfterCanceled BeforeCompleted AfterCompleted BeforeEnded AfterEnded
        );
    }

    /// What the names promise of the loaded.
    #[test]
    fn the_names_say_what_is_true_there() {
        use task_states::{
            AfterAssigned, AfterCompleted, BeforeAssigned, BeforeStarted, Knowledge,
        };
        let machine = TaskEvent::MACHINE;
        let set = |names: &[&str]| machine.state_of(names.iter().copied()).unwrap();
        assert_eq!(
            BeforeStarted::KNOWN.has,
            set(&["CREATED", "ASSIGNED", "SCHEDULED"])
        );
        assert_eq!(AfterCompleted::KNOWN.has, set(&["ENDED"]));
        assert_eq!(BeforeAssigned::KNOWN.has, set(&["CREATED"]));
        // Only whether it was scheduled is not known.
        let known = |known: Knowledge_| machine.len() as u32 - known.has.len() - known.lacks.len();
        assert_eq!(known(BeforeAssigned::KNOWN), 1);
        assert_eq!(known(AfterAssigned::KNOWN), 1);
        assert_eq!(known(BeforeStarted::KNOWN), 0);
    }

    use eventsource_model::Knowledge as Knowledge_;
}
