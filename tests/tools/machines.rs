//! Machines that the tools walk.

use eventsource_core::Event;
use eventsource_model::{Accumulator, EventSpec, Formula, Machine, MachineSpec};
use tasks::TaskEvent;

pub fn all() -> Vec<Machine> {
    vec![TaskEvent::MACHINE.clone(), shipment(), hostile()]
}

/// Lists those that have a rule of every kind.
pub fn few() -> Vec<Machine> {
    vec![TaskEvent::MACHINE.clone(), hostile()]
}

/// Compiles one of the recorded machines, with many ways back.
fn shipment() -> Machine {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/seed_machines.json");
    let recorded = std::fs::read_to_string(path).unwrap();
    let mut recorded: serde_json::Value = serde_json::from_str(&recorded).unwrap();
    let mut machine = recorded["machines"][0]["machine"].take();
    machine.as_object_mut().unwrap().remove("source");
    let spec: MachineSpec = serde_json::from_value(machine).unwrap();
    Machine::compile(&spec).unwrap()
}

/// Compiles a machine with every kind of formula and accumulator, and names that mean something to the
/// tools.
fn hostile() -> Machine {
    let event = |name: &str| Formula::event(name);
    let begun = || Formula::but_not(Formula::Nothing);
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let spec = MachineSpec::new(
        "a \"b\" -->",
        [
            EventSpec::new("state"),
            EventSpec::new("*")
                .follows(event("state"))
                .accumulate(Accumulator::Union),
            EventSpec::new("a.b").follows(Formula::any_of([event("state"), event("*")])),
            EventSpec::new("a")
                .follows(event("a.b"))
                .accumulate(Accumulator::Keep),
            EventSpec::new("event_0")
                .follows(event("a.b"))
                .auto_transition(),
            EventSpec::new("<&\"'\\\n-- */")
                .follows(Formula::all_of([event("*"), event("state")]))
                .accumulate(Accumulator::Compose(
                    vec![
                        Accumulator::Difference(names(&["*"]).into()),
                        Accumulator::Union,
                        Accumulator::Addition(names(&["été", "event_0"]).into()),
                    ]
                    .into(),
                )),
            EventSpec::new("été")
                .follows(Formula::NoneOf(vec![event("a.b"), event("*")].into()))
                .accumulate(Accumulator::Alias("été".to_owned())),
            EventSpec::new("kebab-case")
                .follows(begun())
                .accumulate(Accumulator::Difference(names(&["state", "a.b"]).into())),
            EventSpec::new("xstate").follows(Formula::any_of([])),
            EventSpec::new("init")
                .follows(Formula::all_of([Formula::all_of([]), event("event_0")]))
                .by(["r*/le\n"])
                .terminal(),
        ],
    );
    Machine::compile(&spec).unwrap()
}
