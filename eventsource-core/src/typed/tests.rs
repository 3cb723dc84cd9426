//! Comparison of the types of handles with the machine.
//!
//! The bound of every method has a value, too. Each of these verdicts, and each tuple of facts that
//! follows from an event, is compared with the machine in every state that it could be about.

#![allow(dead_code, reason = "the handles are for their types")]

use eventsource_model::{Knowledge, Machine, StateSet};

use super::__private::{Clause as _, Truth as _};
use crate::Event;

/// Verdict on each event, and the facts that follow from it, by the types.
struct Claims {
    known: Knowledge,
    events: Vec<(Option<bool>, Knowledge)>,
}

/// Returns the reachable states of the machine, the empty one included.
fn reachable(machine: &Machine) -> Vec<StateSet> {
    let exploration = machine.explore(10_000);
    assert!(exploration.is_complete());
    let states = exploration.states();
    states.iter().map(|explored| explored.state).collect()
}

/// Returns the state after an event and its auto transitions.
fn settled(machine: &Machine, event: eventsource_model::EventIndex, state: StateSet) -> StateSet {
    let state = machine.accumulate(event, state);
    let written = machine.auto_transitions(state).unwrap_or_default();
    written.last().map_or(state, |(_, state)| *state)
}

impl Claims {
    /// Compares the claims with the machine and returns the number of verdicts that were certain.
    fn check(&self, machine: &Machine, reachable: &[StateSet]) -> usize {
        let members: StateSet = machine.events().collect();
        assert!(members.contains_all(self.known.has.union(self.known.lacks)));
        // Bits beyond the machine's event types are never set.
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
            // The model derives the verdict and the facts from the machine.
            let rule = machine.rule(event);
            assert_eq!(*verdict, known.decides(&rule.clauses));
            let foretold = outcomes[event.get()].known(machine, known);
            let (has, lacks) = (foretold.has, foretold.lacks.intersection(members));
            assert_eq!((after.has, after.lacks), (has, lacks));
            // In all states, reachable or not.
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

/// Declares `claims::<K>()` of a machine.
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

/// Checks all 81 tuples of facts about four events.
macro_rules! every_knowledge_of_four {
    ($event:ident, $states:ident: $a:ident $b:ident $c:ident $d:ident) => {
        #[test]
        fn every_knowledge_agrees_with_machine() {
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
            // Some verdicts are certain, as all are where everything is known, and some are not.
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

    /// Events with an auto transition that depends on an earlier event and leads to another one.
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
    fn dependent_auto_transition_is_decided_by_known_facts() {
        use parcel_states::{AfterPacked, Knowledge, Nothing};
        type Both = <<Nothing as Knowledge>::AfterPacked as Knowledge>::AfterLabeled;
        let parcel = ParcelHandle::new(crate::EntityId::new()).packed().labeled();
        assert_eq!(parcel.state().to_string(), "[PACKED, TOLD]");
        assert_eq!(parcel.pending().len(), 2);
        assert_eq!(Both::KNOWN.has, parcel.state().set());
        // Unknown: whether it was labeled before, and so whether it has been shipped.
        assert_eq!(AfterPacked::KNOWN.has.len(), 1);
    }
}

mod endless {
    use super::*;
    use serde::{Deserialize, Serialize};

    /// Events of which one starts auto transitions that never end.
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

    /// Checks the knowledge of every named state, and one and two events later.
    #[test]
    fn every_named_state_and_its_successors_agree_with_machine() {
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
                // An event that is not legal there leads nowhere.
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

    /// Checks the knowledge of the named states of loaded entities.
    #[test]
    fn named_states_know_what_holds_there() {
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
        // Unknown is only whether it was scheduled.
        let known = |known: Knowledge_| machine.len() as u32 - known.has.len() - known.lacks.len();
        assert_eq!(known(BeforeAssigned::KNOWN), 1);
        assert_eq!(known(AfterAssigned::KNOWN), 1);
        assert_eq!(known(BeforeStarted::KNOWN), 0);
    }

    use eventsource_model::Knowledge as Knowledge_;
}
