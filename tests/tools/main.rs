//! Exports of the model, read and walked by the tools that they are for: in every state that can be
//! reached, every event, legal or not, does there what it does here.
//!
//! The tools are installed into `target/tools` by `tests/tools/install`, once.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod machines;

use std::path::PathBuf;
use std::process::Command;

use eventsource_model::{Exploration, Machine, StateSet, export};
use eventsource_tests::tools::{file, installed, run};
use serde_json::{Value, json};

const CAP: usize = 2000;

/// Folder beside which the tools are installed.
const TMP: &str = env!("CARGO_TARGET_TMPDIR");

/// Writes a file for a tool to read.
fn write(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// Lists what each event leads to in each state, by positions; `None` if it is refused.
fn steps(machine: &Machine, found: &Exploration) -> Vec<(usize, StateSet, Vec<Option<usize>>)> {
    let states = found.states().iter().enumerate();
    states
        .map(|(position, found_state)| {
            let state = found_state.state;
            let next = machine.events().map(|event| {
                let next = machine.validate(event, state).ok()?;
                Some(found.position_of(next).unwrap())
            });
            (position, state, next.collect())
        })
        .collect()
}

/// Lists the steps for a tool that has the ids of the exported events.
fn walk(machine: &Machine, ids: &[String]) -> Value {
    let found = machine.explore(CAP);
    steps(machine, &found)
        .into_iter()
        .map(|(position, state, next)| {
            let steps = ids.iter().zip(next);
            let steps: Value = steps
                .map(|(id, to)| json!({"event": id, "to": to}))
                .collect();
            json!({"state": position, "names": machine.names(state), "steps": steps})
        })
        .collect()
}

/// Lists the ids of the events in the order of the machine, as the export for XState has them.
fn ids(machine: &Machine) -> Vec<String> {
    let exported: Value = serde_json::from_str(&export::xstate(machine, CAP).unwrap()).unwrap();
    let events = exported["meta"]["events"].as_object().unwrap();
    machine
        .rules()
        .map(|(_, rule)| {
            let named = |(_, event): &(&String, &Value)| event["name"] == *rule.name;
            events.iter().find(named).unwrap().0.clone()
        })
        .collect()
}

#[test]
fn xstate_export_walks_like_machine() {
    for machine in machines::all() {
        let folder = tempfile::tempdir().unwrap();
        let exported = write(
            &folder,
            "machine.json",
            &export::xstate(&machine, CAP).unwrap(),
        );
        let walk = write(
            &folder,
            "walk.json",
            &walk(&machine, &ids(&machine)).to_string(),
        );
        let mut node = Command::new("node");
        node.arg(file("tools/xstate.cjs")).args([exported, walk]);
        run(node.current_dir(installed(TMP)));
    }
}

#[test]
fn scxml_export_walks_like_machine() {
    for machine in machines::all() {
        let folder = tempfile::tempdir().unwrap();
        let exported = write(
            &folder,
            "machine.scxml",
            &export::scxml(&machine, CAP).unwrap(),
        );
        let walk = write(
            &folder,
            "walk.json",
            &walk(&machine, &ids(&machine)).to_string(),
        );
        let mut python = Command::new(installed(TMP).join("python/bin/python"));
        run(python.arg(file("tools/scxml.py")).args([exported, walk]));
    }
}

#[test]
fn quint_export_walks_like_machine() {
    // It takes seconds to start, so a few machines, at the same time.
    std::thread::scope(|scope| {
        for machine in machines::few() {
            scope.spawn(move || quint_walks(&machine));
        }
    });
}

fn quint_walks(machine: &Machine) {
    let module = export::quint(machine);
    let ids: Vec<String> = machine
        .rules()
        .map(|(event, rule)| {
            let own = module.contains(&format!("action do_{} =", rule.name));
            let id = || format!("event_{}", event.get());
            if own { rule.name.to_string() } else { id() }
        })
        .collect();
    let set = |state: StateSet| {
        let names = state.iter().map(|e| format!("\"{}\"", ids[e.get()]));
        format!("Set({})", names.collect::<Vec<_>>().join(", "))
    };
    let (_, rest) = module.split_once("module ").unwrap();
    let (name, _) = rest.split_once(' ').unwrap();
    let found = machine.explore(CAP);
    let mut walks = format!("{module}\nmodule walks {{\n  import {name}.*\n");
    for (position, state, next) in steps(machine, &found) {
        let here = format!("state' = {}", set(state));
        let mut run = format!("({here})");
        for (event, to) in ids.iter().zip(next) {
            run = match to {
                None => format!("{run}\n    .then(do_{event}.fail()).then({here})"),
                Some(to) => {
                    let after = set(found.states()[to].state);
                    format!("{run}\n    .then(do_{event}).expect(state == {after}).then({here})")
                }
            };
        }
        walks.push_str(&format!("  run s{position}_Test = {run}\n"));
    }
    walks.push_str("}\n");
    let folder = tempfile::tempdir().unwrap();
    let walks = write(&folder, "walks.qnt", &walks);
    let quint = |subcommand: &str, main: &str| {
        let mut command = Command::new(installed(TMP).join("node_modules/.bin/quint"));
        // The other backend is downloaded when it is first asked for.
        command.args([subcommand, "--backend", "typescript", "--main", main]);
        command.arg(&walks);
        command
    };
    let said = run(quint("test", "walks").args(["--max-samples", "1"]));
    let expected = format!("{} passing", found.states().len());
    assert!(said.contains(&expected), "not {expected}: {said}");
    // A simulation of Quint's own choice.
    run(quint("run", name)
        .args(["--invariant", "invariant", "--max-samples", "20"])
        .args(["--max-steps", "10"]));
}
