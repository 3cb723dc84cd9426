//! Auto transitions that may follow an event, whatever the state was.

use eventsource_model::{EventIndex, EventRule, Machine};

/// Returns the auto transitions that may follow each event type, directly or after one another.
///
/// Some of them may never follow; none that can is left out.
pub(crate) fn autos_after_each(machine: &Machine) -> Vec<Vec<EventIndex>> {
    let all: Vec<(EventIndex, &EventRule)> = machine
        .rules()
        .filter(|(_, rule)| rule.auto_transition)
        .collect();
    let of = |(_, rule): (EventIndex, &EventRule)| {
        let mut autos: Vec<EventIndex> = Vec::new();
        let mut last = vec![rule];
        while let Some(rule) = last.pop() {
            for (auto, next) in &all {
                if !autos.contains(auto) && may_follow(next, rule) {
                    autos.push(*auto);
                    last.push(next);
                }
            }
        }
        autos
    };
    machine.rules().map(of).collect()
}

/// Checks whether some state after an event of one rule fits the clauses of the next.
fn may_follow(next: &EventRule, rule: &EventRule) -> bool {
    let update = &rule.update;
    let possible = update.keep.union(update.add);
    let mut clauses = next.clauses.iter();
    clauses.any(|clause| possible.contains_all(clause.all) && !update.add.intersects(clause.none))
}

#[cfg(test)]
mod tests {
    use eventsource_model::{Accumulator, EventSpec, Formula, MachineSpec};

    use super::*;

    fn machine(accumulate: Accumulator<String>) -> Machine {
        let after = |name: &'static str| Formula::event(name);
        let events = [
            EventSpec::new("A"),
            EventSpec::new("B")
                .follows(after("A"))
                .accumulate(accumulate),
            EventSpec::new("C").follows(after("B")).auto_transition(),
            EventSpec::new("D").follows(after("C")).auto_transition(),
            EventSpec::new("E").follows(after("A")),
        ];
        Machine::compile(&MachineSpec::new("any", events)).unwrap()
    }

    #[test]
    fn auto_transitions_are_known_by_the_event_that_causes_them() {
        let machine = machine(Accumulator::Current);
        let names = |autos: &Vec<EventIndex>| -> Vec<&str> {
            autos.iter().map(|auto| machine.name_of(*auto)).collect()
        };
        let after: Vec<Vec<&str>> = autos_after_each(&machine).iter().map(names).collect();
        assert_eq!(after, [vec![], vec!["C", "D"], vec!["D"], vec![], vec![]]);
    }

    #[test]
    fn no_auto_transition_of_any_state_is_left_out() {
        for accumulate in [Accumulator::Current, Accumulator::Keep, Accumulator::Union] {
            let machine = machine(accumulate);
            let known = autos_after_each(&machine);
            for state in machine.all_states() {
                for event in machine.available(state) {
                    let next = machine.accumulate(event, state);
                    for (auto, _) in machine.auto_transitions(next).unwrap() {
                        assert!(
                            known[event.get()].contains(&auto),
                            "{auto:?} after {event:?}"
                        );
                    }
                }
            }
        }
    }
}
