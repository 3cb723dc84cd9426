//! Properties of every formula, accumulator and machine.

use std::collections::HashSet;

use eventsource_model::{
    Accumulator, EventIndex, EventSpec, Formula, Machine, MachineSpec, StateSet,
};
use proptest::prelude::*;

pub(crate) const EVENTS: usize = 6;

fn event() -> impl Strategy<Value = EventIndex> {
    (0..EVENTS).prop_map(|position| EventIndex::new(position).unwrap())
}

pub fn formula() -> impl Strategy<Value = Formula> {
    let leaf = prop_oneof![
        4 => event().prop_map(Formula::Event),
        1 => Just(Formula::Nothing),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let many = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            inner.clone().prop_map(Formula::but_not),
            many().prop_map(Formula::any_of),
            many().prop_map(Formula::all_of),
            many().prop_map(|operands| Formula::NoneOf(operands.into())),
        ]
    })
}

fn accumulator() -> impl Strategy<Value = Accumulator> {
    let many = || prop::collection::vec(event(), 0..4);
    let leaf = prop_oneof![
        Just(Accumulator::Current),
        Just(Accumulator::Keep),
        Just(Accumulator::Union),
        event().prop_map(Accumulator::Alias),
        many().prop_map(|events| Accumulator::Addition(events.into())),
        many().prop_map(|events| Accumulator::Difference(events.into())),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(|parts| Accumulator::Compose(parts.into()))
    })
}

pub(crate) fn spec() -> impl Strategy<Value = MachineSpec> {
    let fields = prop::sample::subsequence(vec!["by", "at"], 0..=2);
    let marks = any::<(bool, bool, bool)>();
    let roles = prop::sample::subsequence(vec!["clerk", "manager"], 0..=2);
    let rules = (formula(), accumulator(), marks, fields, roles);
    let rules = prop::collection::vec(rules, EVENTS);
    rules.prop_map(|rules| {
        let name = |event: &EventIndex| Ok::<_, ()>(format!("E{}", event.get()));
        let events = rules.into_iter().enumerate().map(|(position, rule)| {
            let (formula, accumulator, (auto, restarting, terminal), fields, roles) = rule;
            EventSpec {
                follows: Some(formula.try_map(&mut { name }).unwrap()),
                accumulate: Some(accumulator.try_map(&mut { name }).unwrap()),
                restarting,
                requires: fields.into_iter().map(str::to_owned).collect(),
                auto_transition: auto,
                terminal,
                roles: roles.into_iter().map(str::to_owned).collect(),
                ..EventSpec::new(format!("E{position}"))
            }
        });
        MachineSpec::new("random", events)
    })
}

/// Lists every state over the events of the strategies.
pub(crate) fn all_states() -> impl Iterator<Item = StateSet> {
    (0..1 << EVENTS).map(StateSet::from_bits)
}

/// Computes the state after an accumulator with sets of names instead of bits.
fn accumulate_naively(
    accumulator: &Accumulator,
    event: usize,
    state: &HashSet<usize>,
) -> HashSet<usize> {
    let set = |events: &[EventIndex]| events.iter().map(|e| e.get()).collect::<HashSet<_>>();
    match accumulator {
        Accumulator::Current => HashSet::from([event]),
        Accumulator::Keep => state.clone(),
        Accumulator::Union => state.union(&HashSet::from([event])).copied().collect(),
        Accumulator::Alias(other) => HashSet::from([other.get()]),
        Accumulator::Addition(events) => state.union(&set(events)).copied().collect(),
        Accumulator::Difference(events) => state.difference(&set(events)).copied().collect(),
        Accumulator::Compose(parts) => parts.iter().fold(state.clone(), |state, part| {
            accumulate_naively(part, event, &state)
        }),
    }
}

proptest! {
    #[test]
    fn clauses_agree_with_the_formula(formula in formula()) {
        // Among all event types there can be, `!nothing` alone has 64 alternatives.
        let Ok(clauses) = formula.clauses() else {
            return Ok(());
        };
        for state in all_states() {
            let compiled = clauses.iter().any(|clause| clause.matches(state));
            prop_assert_eq!(compiled, formula.holds(state), "{:?} in {:?}", &clauses, state);
        }
    }

    #[test]
    fn no_clause_covers_another(formula in formula()) {
        // Among all event types there can be, `!nothing` alone has 64 alternatives.
        let Ok(clauses) = formula.clauses() else {
            return Ok(());
        };
        for (position, clause) in clauses.iter().enumerate() {
            for other in &clauses[position + 1..] {
                let inside = |a: StateSet, b: StateSet| a.contains_all(b);
                let covers = inside(other.all, clause.all) && inside(other.none, clause.none);
                let covered = inside(clause.all, other.all) && inside(clause.none, other.none);
                prop_assert!(!covers && !covered, "{:?}", &clauses);
            }
        }
    }

    #[test]
    fn update_masks_agree_with_the_accumulator(accumulator in accumulator(), event in event()) {
        let update = accumulator.update(event);
        for state in all_states() {
            let naive = accumulate_naively(
                &accumulator,
                event.get(),
                &state.iter().map(EventIndex::get).collect(),
            );
            let bits: HashSet<usize> = update.apply(state).iter().map(EventIndex::get).collect();
            prop_assert_eq!(bits, naive);
        }
    }

    #[test]
    fn spec_of_a_machine_compiles_to_the_same_machine(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let again = Machine::compile(&machine.to_spec()).unwrap();
        prop_assert_eq!(machine.fingerprint(), again.fingerprint());
        prop_assert_eq!(&machine, &again);
        let json = serde_json::to_value(machine.to_spec()).unwrap();
        let read: MachineSpec = serde_json::from_value(json).unwrap();
        prop_assert_eq!(machine.fingerprint(), Machine::compile(&read).unwrap().fingerprint());
    }

    #[test]
    fn exploration_is_closed_and_its_paths_are_shortest(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let exploration = machine.explore(usize::MAX);
        prop_assert!(exploration.is_complete());
        for (position, found) in exploration.states().iter().enumerate() {
            for event in machine.available(found.state) {
                let to = exploration.position_of(machine.accumulate(event, found.state));
                prop_assert!(to.is_some());
                let longest = exploration.path_to(found.state).unwrap().len() + 1;
                let step = exploration.states()[to.unwrap()].state;
                prop_assert!(exploration.path_to(step).unwrap().len() <= longest);
            }
            prop_assert_eq!(exploration.position_of(found.state), Some(position));
        }
    }

    #[test]
    fn capped_exploration_is_not_complete(spec in spec(), cap in 1..20usize) {
        let machine = Machine::compile(&spec).unwrap();
        let (whole, capped) = (machine.explore(usize::MAX), machine.explore(cap));
        prop_assert_eq!(capped.is_complete(), whole.states().len() <= cap);
        prop_assert!(capped.states().len() <= cap);
        prop_assert_eq!(capped.states(), &whole.states()[..capped.states().len()]);
    }

    #[test]
    fn auto_transitions_end_or_return_a_loop_error(spec in spec(), bits in 0..1u64 << EVENTS) {
        let machine = Machine::compile(&spec).unwrap();
        let mut state = StateSet::from_bits(bits);
        match machine.auto_transitions(state) {
            Ok(written) => {
                for (event, after) in written {
                    prop_assert_eq!(machine.auto_transition(state), Some(event));
                    prop_assert_eq!(machine.validate(event, state), Ok(after));
                    state = after;
                }
                prop_assert_eq!(machine.auto_transition(state), None);
            }
            // A chain longer than the number of states has come back to one.
            Err(_) => {
                for _ in 0..=1 << EVENTS {
                    let event = machine.auto_transition(state);
                    prop_assert!(event.is_some());
                    state = machine.accumulate(event.unwrap(), state);
                }
            }
        }
    }
}

#[test]
fn formula_with_too_many_clauses_is_refused() {
    // all_of twelve any_of pairs over distinct events: 2^12 alternatives.
    let pair = |n: usize| {
        Formula::any_of([
            Formula::event(format!("E{}", 2 * n)),
            Formula::event(format!("E{}", 2 * n + 1)),
        ])
    };
    let mut events: Vec<EventSpec> = (0..24).map(|n| EventSpec::new(format!("E{n}"))).collect();
    events.push(EventSpec::new("BIG").follows(Formula::all_of((0..12).map(pair))));
    let errors = Machine::compile(&MachineSpec::new("big", events)).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "the `follows` of 'BIG' has more than 256 alternatives"
    );
}

#[test]
fn exploration_by_formula_equals_exploration_by_clauses() {
    let event = |n: usize| Formula::event(format!("E{n}"));
    let either = |n: usize| Formula::any_of([event(2 * n), event(2 * n + 1)]);
    let independent = (0..8).map(|n| {
        EventSpec::new(format!("E{n}"))
            .follows(Formula::but_not(event(n)))
            .accumulate(eventsource_model::Accumulator::Union)
    });
    let last = EventSpec::new("LAST").follows(Formula::all_of((0..4).map(either)));
    let machine = Machine::compile(&MachineSpec::new("any", independent.chain([last]))).unwrap();
    let last = machine.index_of("LAST").unwrap();
    assert_eq!(machine.rule(last).clauses.len(), 16);
    let exploration = machine.explore(usize::MAX);
    let steps = exploration.transitions().iter();
    let taken: Vec<StateSet> = steps
        .filter(|step| step.event == last)
        .map(|step| exploration.states()[step.from].state)
        .collect();
    let states = exploration.states().iter().map(|found| found.state);
    let legal: Vec<StateSet> = states
        .filter(|state| machine.may_follow(last, *state))
        .collect();
    assert_eq!(taken, legal);
    // Three ways for each pair, after `LAST` and before.
    assert_eq!(legal.len(), 2 * 81);
}

#[test]
fn compile_reports_every_mistake_of_a_spec() {
    let errors = Machine::compile(&MachineSpec::new(
        "wrong",
        [
            EventSpec::new("A")
                .follows(Formula::any_of([Formula::event("B"), Formula::event("C")])),
            EventSpec::new("A").accumulate(Accumulator::Alias("D".to_owned())),
        ],
    ))
    .unwrap_err();
    assert_eq!(
        errors.to_string(),
        "two event types are named 'A'; the rules of 'A' name the unknown event type 'B'; \
         the rules of 'A' name the unknown event type 'C'; \
         the rules of 'A' name the unknown event type 'D'"
    );
    let many = (0..65).map(|n| EventSpec::new(format!("E{n}")));
    let errors = Machine::compile(&MachineSpec::new("many", many)).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "the machine has 65 event types, at most 64 are allowed"
    );
}

/// The formula has too many clauses only on the way, in a product of 65,536 that would take
/// minutes.
#[test]
fn formula_with_too_many_intermediate_clauses_is_refused_quickly() {
    let block =
        |from: usize| Formula::any_of((from..from + 16).map(|n| Formula::event(format!("E{n}"))));
    let big = Formula::all_of([block(0), block(16), block(32)]);
    let mut events: Vec<EventSpec> = (0..48).map(|n| EventSpec::new(format!("E{n}"))).collect();
    events.push(EventSpec::new("BIG").follows(big));
    assert!(Machine::compile(&MachineSpec::new("big", events)).is_err());
}

#[test]
fn fingerprint_ignores_the_spelling_of_a_rule() {
    let event = |name: &str| Formula::event(name);
    let fingerprint = |formula| {
        let events = [
            EventSpec::new("A"),
            EventSpec::new("B"),
            EventSpec::new("C").follows(formula),
        ];
        let machine = Machine::compile(&MachineSpec::new("any", events)).unwrap();
        machine.fingerprint()
    };
    let one = fingerprint(Formula::any_of([event("A"), event("B")]));
    let other = fingerprint(Formula::any_of([event("B"), event("A"), event("A")]));
    assert_eq!(one, other);
    let both = fingerprint(Formula::all_of([event("A"), event("B")]));
    assert_ne!(one, both);
}

#[test]
fn fingerprint_includes_roles_in_any_order() {
    let machine = |roles: &[&str]| {
        let events = [EventSpec::new("A").by(roles.iter().copied())];
        Machine::compile(&MachineSpec::new("guarded", events)).unwrap()
    };
    let (everyone, some) = (machine(&[]), machine(&["manager", "admin"]));
    assert_eq!(
        some.rules().next().unwrap().1.roles.as_ref(),
        ["manager", "admin"]
    );
    assert_ne!(everyone.fingerprint(), some.fingerprint());
    assert_eq!(
        some.fingerprint(),
        machine(&["admin", "manager"]).fingerprint()
    );
    // As it was when there were no roles.
    assert_eq!(everyone.fingerprint().to_string(), "cd3dd5de0521789e");

    let json = |machine: &Machine| serde_json::to_value(machine.to_spec()).unwrap();
    assert_eq!(json(&everyone)["event_types"][0].get("by"), None);
    assert_eq!(
        json(&some)["event_types"][0]["by"],
        serde_json::json!(["manager", "admin"])
    );
    let spec: MachineSpec = serde_json::from_value(json(&some)).unwrap();
    assert_eq!(Machine::compile(&spec).unwrap(), some);
}

#[test]
fn readers_and_internal_events_are_in_the_json_and_not_in_the_fingerprint() {
    let open = MachineSpec::new("light", [EventSpec::new("LIT")]);
    let rated = EventSpec::new("LIT")
        .read_by(["manager", "admin"])
        .internal();
    let guarded = MachineSpec::new("light", [rated]).read_by(["clerk"]);
    let machine = |spec: &MachineSpec| Machine::compile(spec).unwrap();
    assert_eq!(
        machine(&open).fingerprint(),
        machine(&guarded).fingerprint()
    );
    assert_ne!(machine(&open), machine(&guarded));
    assert!(machine(&open).diff(&machine(&guarded)).is_empty());
    assert_eq!(machine(&guarded.clone().without_reading()), machine(&open));

    let json = |spec: &MachineSpec| serde_json::to_value(spec).unwrap();
    assert_eq!(json(&open).get("read_by"), None);
    assert_eq!(json(&open)["event_types"][0].get("internal"), None);
    assert_eq!(json(&guarded)["read_by"], serde_json::json!(["clerk"]));
    let event = &json(&guarded)["event_types"][0];
    assert_eq!(event["read_by"], serde_json::json!(["manager", "admin"]));
    assert_eq!(event["internal"], true);
    assert_eq!(json(&open.clone().public())["public"], true);
    let spec: MachineSpec = serde_json::from_value(json(&guarded)).unwrap();
    assert_eq!(machine(&spec), machine(&guarded));
    assert_eq!(machine(&machine(&guarded).to_spec()), machine(&guarded));
}

#[test]
fn json_with_an_unknown_field_is_refused() {
    let json = r#"{"name": "m", "event_types": [{"name": "A", "folows": "A"}]}"#;
    let error = serde_json::from_str::<MachineSpec>(json).unwrap_err();
    assert!(
        error.to_string().contains("unknown field `folows`"),
        "{error}"
    );
}

/// `any_state` is an alternative for each event type of the machine, not for each there can be.
#[test]
fn clauses_name_events_of_the_machine_only() {
    let any_state = Formula::but_not(Formula::Nothing);
    let machine = Machine::compile(&MachineSpec::new(
        "pair",
        [EventSpec::new("A"), EventSpec::new("B").follows(any_state)],
    ))
    .unwrap();
    let b = machine.index_of("B").unwrap();
    assert_eq!(machine.rule(b).clauses.len(), 2);
}

#[test]
fn machine_with_64_event_types_compiles() {
    let events = (0..64).map(|n| {
        let spec = EventSpec::new(format!("E{n}"));
        if n == 0 {
            spec
        } else {
            spec.follows(Formula::event(format!("E{}", n - 1)))
        }
    });
    let machine = Machine::compile(&MachineSpec::new("chain", events)).unwrap();
    let last = machine.state_of(["E63"]).unwrap();
    assert_eq!(machine.explore(100).path_to(last).unwrap().len(), 64);
}

proptest! {
    /// C5: who may write an event is a matter of roles alone; the state is checked separately.
    #[test]
    fn roles_do_not_affect_legality(spec in spec()) {
        let machine = Machine::compile(&spec).unwrap();
        let for_all = |event: EventSpec| EventSpec { roles: Vec::new(), ..event };
        let events = spec.event_types.iter().cloned().map(for_all);
        let everybody = Machine::compile(&MachineSpec::new("random", events)).unwrap();
        let holders: [&[&str]; 5] = [&[], &["clerk"], &["manager"], &["clerk", "manager"], &["Manager"]];
        for ((event, rule), asked) in machine.rules().zip(&spec.event_types) {
            for roles in holders {
                let any = roles.iter().any(|role| asked.roles.iter().any(|named| named == role));
                prop_assert_eq!(rule.allows(roles), asked.roles.is_empty() || any);
            }
            for state in all_states() {
                prop_assert_eq!(machine.validate(event, state).ok(), everybody.validate(event, state).ok());
            }
        }
    }
}
