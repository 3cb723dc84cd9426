//! Behaviour recorded from microcosm-eventsource 2.5.0, compared answer by answer (M7, M8, M10,
//! M18 to M21).
//!
//! The recording lies beside the other test data; the environment variable `MICROCOSM_VECTORS`
//! names another file of the same form. `properties` adds what must hold for every machine.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod codes;
mod const_path;
mod diff;
mod findings;
mod findings_hold;
mod knowledge;
mod machine;
mod properties;
mod vectors;
mod walks;

use std::fmt::Debug;
use std::io::Write;

use eventsource_model::{EventIndex, EventSpec, Machine, MachineSpec, SpecError, StateSet};

use machine::MachineCheck;
use vectors::{MachineCase, Names, Vectors};

/// Reads the recording in `MICROCOSM_VECTORS`, or else the one of this name.
pub fn vectors(file: &str) -> Vectors {
    let path = std::env::var("MICROCOSM_VECTORS").unwrap_or_else(|_| {
        let root = env!("CARGO_MANIFEST_DIR");
        format!("{root}/../tests/data/{file}")
    });
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares and counts; every difference is reported, not only the first.
#[derive(Default)]
struct Checks {
    made: usize,
    failed: Vec<String>,
}

impl Checks {
    fn same<T: PartialEq + Debug>(&mut self, what: impl FnOnce() -> String, ours: T, theirs: T) {
        self.made += 1;
        if ours != theirs {
            self.failed
                .push(format!("{}: ours {ours:?}, theirs {theirs:?}", what()));
        }
    }

    fn finish(self, what: &str) {
        report(&format!(
            "conformance of {what}: {} checks, {} failed",
            self.made,
            self.failed.len()
        ));
        assert!(self.made > 0, "{what}: the file has nothing to check");
        assert!(self.failed.is_empty(), "{}", self.failed.join("\n"));
    }
}

/// Prints even when the tests pass, unlike `println!`.
fn report(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn names(machine: &Machine, state: StateSet) -> Names {
    machine
        .names(state)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn name(machine: &Machine, event: EventIndex) -> String {
    machine.name_of(event).to_owned()
}

fn state(machine: &Machine, names: &Names) -> StateSet {
    machine.state_of(names.iter().map(String::as_str)).unwrap()
}

#[test]
fn conformance_of_combinators() {
    let vectors = vectors("microcosm_vectors.json");
    if vectors.transition_combinators.is_empty() && vectors.accumulation_combinators.is_empty() {
        report("the file has no combinators");
        return;
    }
    let mut checks = Checks::default();
    // One event type for each name in the file; a rule for what is tried.
    let mut members: Vec<String> = Vec::new();
    let mut learn = |names: &[String]| {
        for name in names {
            if !members.contains(name) {
                members.push(name.clone());
            }
        }
    };
    for case in &vectors.transition_combinators {
        let _ = case.formula.try_map(&mut |name: &String| {
            learn(std::slice::from_ref(name));
            Ok::<_, ()>(name.clone())
        });
        case.eval.iter().for_each(|eval| learn(&eval.state));
    }
    for case in &vectors.accumulation_combinators {
        learn(std::slice::from_ref(&case.event));
        for eval in &case.eval {
            learn(&eval.state);
            learn(&eval.result);
        }
    }
    let machine_where = |event: &str, change: &dyn Fn(EventSpec) -> EventSpec| {
        let events = members.iter().map(|name| {
            let spec = EventSpec::new(name);
            if name == event { change(spec) } else { spec }
        });
        let machine = Machine::compile(&MachineSpec::new("combinators", events)).unwrap();
        let event = machine.index_of(event).unwrap();
        (machine, event)
    };
    for case in &vectors.transition_combinators {
        let (machine, event) =
            machine_where(&members[0], &|spec| spec.follows(case.formula.clone()));
        for eval in &case.eval {
            let before = state(&machine, &eval.state);
            let what = || format!("{} in {:?}", case.formula, eval.state);
            checks.same(what, machine.may_follow(event, before), eval.result);
            checks.same(what, machine.rule(event).follows.holds(before), eval.result);
        }
    }
    for case in &vectors.accumulation_combinators {
        let (machine, event) = machine_where(&case.event, &|spec| {
            spec.accumulate(case.accumulate.clone())
        });
        for eval in &case.eval {
            let after = machine.accumulate(event, state(&machine, &eval.state));
            checks.same(
                || {
                    format!(
                        "{:?} of {} in {:?}",
                        case.accumulate, case.event, eval.state
                    )
                },
                names(&machine, after),
                eval.result.clone(),
            );
        }
    }
    checks.finish("combinators");
}

#[test]
fn conformance_of_machines() {
    check_machines(&vectors("microcosm_vectors.json"), "machines");
}

/// Compares the five systems that the examples are modelled on, as machines.
#[test]
fn conformance_of_the_systems() {
    check_machines(&vectors("seed_machines.json"), "the systems");
}

fn check_machines(vectors: &Vectors, what: &str) {
    let mut checks = Checks::default();
    let (mut compiled, mut refused) = (0, 0);
    let named = vectors.named_machines.iter();
    for case in named
        .chain(&vectors.random_machines)
        .chain(&vectors.machines)
    {
        match Machine::compile(&case.machine) {
            Ok(machine) => {
                compiled += 1;
                MachineCheck {
                    machine: &machine,
                    case,
                    checks: &mut checks,
                }
                .run();
            }
            Err(errors) => {
                refused += 1;
                check_refused(case, errors.as_slice(), &mut checks);
            }
        }
    }
    report(&format!(
        "{compiled} machines compared, {refused} with unknown names refused"
    ));
    checks.finish(what);
}

/// An unknown name is an error at once here, and only on evaluation in the original.
fn check_refused(case: &MachineCase, errors: &[SpecError], checks: &mut Checks) {
    let what = || format!("{}: {errors:?}", case.machine.name);
    let unknown_only = errors.iter().all(|error| {
        matches!(error, SpecError::UnknownEvent { name, .. } if !case.members.contains(name))
    });
    checks.same(what, unknown_only, true);
}
