use std::fmt::Write;

use super::ids::{ids, is_word};
use crate::printable::printable;
use crate::{Accumulator, EventIndex, Formula, Machine};

/// Exports the machine as a module of Quint, the specification language of Informal Systems.
///
/// Use the module (<https://quint.sh>) to check an invariant with `quint run` or `quint verify`, or
/// to combine the rules with those of other machines.
///
/// The state is a set of names. Every event has an action, `do_` and its name, guarded by the
/// formula as its author wrote it; nothing is explored. Replace the body of `invariant` by your
/// own. A name that Quint cannot write becomes `event_` and a number, in actions and in the state,
/// with a comment.
///
/// ```
/// use eventsource_model::{EventSpec, Formula, Machine, MachineSpec, export};
///
/// let machine = Machine::compile(&MachineSpec::new("light", [
///     EventSpec::new("LIT"),
///     EventSpec::new("DIMMED").follows(Formula::event("LIT")),
/// ]))?;
/// let module = export::quint(&machine);
/// assert!(module.contains(r#"action do_DIMMED = all { has("LIT"), state' = Set("DIMMED") }"#));
/// # Ok::<(), eventsource_model::SpecErrors>(())
/// ```
#[must_use]
pub fn quint(machine: &Machine) -> String {
    let names = QuintNames {
        ids: ids(machine, |name| is_word(name, false)),
    };
    let mut out = String::new();
    // Writing into a string cannot fail.
    for (event, rule) in machine.rules() {
        let id = names.id(event);
        if *id != rule.name {
            let _ = writeln!(out, "// {id}: {}", printable(&rule.name));
        }
    }
    let module = if is_word(machine.name(), false) {
        machine.name()
    } else {
        "machine"
    };
    let _ = write!(
        out,
        "// The state of one entity: the names that hold for it.\n\
         module {module}_machine {{\n\
         \x20 var state: Set[str]\n\n\
         \x20 def has(name: str): bool = state.contains(name)\n\
         \x20 val isNew: bool = state == Set()\n\n\
         \x20 action init = state' = Set()\n"
    );
    for (event, rule) in machine.rules() {
        let mut marks = Vec::new();
        for (is, mark) in [
            (rule.restarting, "begins a new version"),
            (rule.auto_transition, "written by itself"),
            (rule.terminal, "ends the entity's life"),
            (rule.internal && rule.timer.is_none(), "internal"),
            (rule.rejection, "records a refusal"),
        ] {
            if is {
                marks.push(mark.to_owned());
            }
        }
        // Quint has no time: a timed event may happen whenever it is legal.
        if let Some(timer) = &rule.timer {
            marks.push(format!(
                "written by itself {}",
                printable(&timer.to_string())
            ));
        }
        if !rule.roles.is_empty() {
            marks.push(format!("by {}", printable(&rule.roles.join(", "))));
        }
        if !rule.readers.is_empty() {
            marks.push(format!("read by {}", printable(&rule.readers.join(", "))));
        }
        out.push('\n');
        if !marks.is_empty() {
            let _ = writeln!(out, "  // {}", marks.join("; "));
        }
        let _ = writeln!(
            out,
            "  action do_{} = all {{ {}, state' = {} }}",
            names.id(event),
            names.formula(&rule.follows),
            names.after(event, &rule.accumulate, "state".to_owned()),
        );
    }
    let actions: Vec<String> = names.ids.iter().map(|id| format!("do_{id}")).collect();
    let _ = write!(
        out,
        "\n  // At the end of its life an entity stays as it is.\n\
         \x20 val canStep: bool = {}\n\
         \x20 action step = any {{\n    {},\n    all {{ not(canStep), state' = state }},\n  }}\n\n\
         \x20 // What must hold in every state: write it here.\n\
         \x20 val invariant: bool = true\n}}\n",
        names.any_legal(machine),
        actions.join(",\n    "),
    );
    out
}

struct QuintNames {
    ids: Vec<String>,
}

impl QuintNames {
    fn id(&self, event: EventIndex) -> &String {
        &self.ids[event.get()]
    }

    fn formula(&self, formula: &Formula) -> String {
        let list = |operands: &[Formula]| {
            let operands: Vec<String> = operands.iter().map(|f| self.formula(f)).collect();
            operands.join(", ")
        };
        match formula {
            Formula::Event(event) => format!("has(\"{}\")", self.id(*event)),
            Formula::Nothing => "isNew".to_owned(),
            Formula::AnyOf(operands) if operands.is_empty() => "false".to_owned(),
            Formula::AllOf(operands) | Formula::NoneOf(operands) if operands.is_empty() => {
                "true".to_owned()
            }
            Formula::NoneOf(operands) => match operands.as_ref() {
                [one] => format!("not({})", self.formula(one)),
                many => format!("not(or {{ {} }})", list(many)),
            },
            Formula::AnyOf(operands) => format!("or {{ {} }}", list(operands)),
            Formula::AllOf(operands) => format!("and {{ {} }}", list(operands)),
        }
    }

    fn set(&self, events: &[EventIndex]) -> String {
        let names: Vec<String> = (events.iter())
            .map(|event| format!("\"{}\"", self.id(*event)))
            .collect();
        format!("Set({})", names.join(", "))
    }

    /// Writes the set that results from `before`.
    fn after(&self, event: EventIndex, accumulator: &Accumulator, before: String) -> String {
        match accumulator {
            Accumulator::Current => self.set(&[event]),
            Accumulator::Alias(other) => self.set(&[*other]),
            Accumulator::Keep => before,
            Accumulator::Union => format!("{before}.union({})", self.set(&[event])),
            Accumulator::Addition(events) if events.is_empty() => before,
            Accumulator::Difference(events) if events.is_empty() => before,
            Accumulator::Addition(events) => format!("{before}.union({})", self.set(events)),
            Accumulator::Difference(events) => format!("{before}.exclude({})", self.set(events)),
            Accumulator::Compose(parts) => parts
                .iter()
                .fold(before, |before, part| self.after(event, part, before)),
        }
    }

    fn any_legal(&self, machine: &Machine) -> String {
        let guards: Vec<String> = machine
            .rules()
            .map(|(_, rule)| self.formula(&rule.follows))
            .collect();
        format!("or {{\n    {},\n  }}", guards.join(",\n    "))
    }
}
