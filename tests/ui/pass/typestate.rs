//! The typed handle in the places where enums are found.
#![deny(warnings)]
#![warn(clippy::pedantic, missing_docs)]

use eventsource_core::{EntityId, Event};
use serde::{Deserialize, Serialize};

/// What happens to a task.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "task", typestate, allow(dead_end))]
pub enum TaskEvent {
    /// It is there.
    Created {
        /// What is to be done.
        title: String,
        /// More.
        note: Option<String>,
    },
    /// Someone is to do it.
    #[event(follows = Created & !Assigned, accumulate = union())]
    Assigned(Assigned),
    /// Done.
    #[event(follows = Assigned | Created)]
    Done,
}

/// A payload with the name of its event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assigned {
    /// Who.
    pub to: String,
}

fn assign(task: TaskHandle<task_states::AfterCreated>, to: &str) -> TaskHandle<task_states::AfterAssigned> {
    task.assigned(Assigned { to: to.to_owned() })
}

/// A handle whose events are not appended gives a warning.
#[expect(unused_must_use)]
fn forgotten() {
    TaskHandle::new(EntityId::new()).created(String::new(), None);
}

/// Private enum, with events named like methods, and without a state left to know.
mod private {
    use super::{Deserialize, EntityId, Event, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct K(u8);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "door", typestate)]
    #[machine(allow(always_legal, contradiction, dead_end, operands, unreachable_event))]
    enum Door {
        New { k: Option<K> },
        #[event(follows = New)]
        Append,
        #[event(follows = New & !New)]
        Never,
        #[event(follows = New | !New)]
        Always,
        #[event(follows = Id & !nothing)]
        Id { id_of: Vec<Self> },
    }

    pub fn opened() -> usize {
        let door = DoorHandle::new(EntityId::new()).new_(None).append_().always();
        door.pending().len()
    }
}

mod restricted {
    #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
    #[machine(entity = "door", crate = "super::toolkit", typestate, allow(dead_end))]
    pub(in crate::restricted) enum DoorEvents {
        Opened,
    }

    #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
    #[machine(entity = "gate", crate = "self::inner::toolkit", typestate, allow(dead_end))]
    pub(super) enum GateEvent {
        Opened,
    }

    mod inner {
        pub(super) use crate::toolkit;
    }

    pub(crate) fn opened() -> usize {
        let id = eventsource_core::EntityId::new();
        DoorHandle::new(id).opened().pending().len() + GateHandle::new(id).opened().pending().len()
    }
}

mod toolkit {
    pub use eventsource_core::*;
    pub use eventsource_core::__private;
}

/// Shortest enum, with names that are keywords.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "thing", typestate, allow(dead_end))]
#[allow(non_camel_case_types)]
pub enum r#Thing {
    /// A keyword.
    r#type {
        /// Another.
        r#fn: u8,
    },
    /// One that cannot be raw.
    #[event(follows = r#type)]
    Super,
}

fn main() {
    let task = TaskHandle::new(EntityId::new()).created("paint".to_owned(), None);
    let task = assign(task, "ann");
    let task: TaskHandle<task_states::BeforeDone> = task.widen();
    let task = task.done();
    assert_eq!(task.pending()[2], TaskEvent::Done);
    assert_eq!(task.state().to_string(), "[DONE]");
    let task: TaskHandle = task.widen();
    let task = task.narrow::<task_states::AfterDone>().unwrap();
    let refused = task.narrow::<task_states::BeforeAssigned>().unwrap_err();
    let task: TaskHandle<task_states::AfterDone> = refused.into_handle();
    assert_eq!(task.pending().len(), 3);

    forgotten();
    assert_eq!(private::opened(), 3);
    assert_eq!(restricted::opened(), 2);
    let thing = ThingHandle::new(EntityId::new()).r#type(1).super_();
    assert_eq!(thing.pending().len(), 2);

    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "lamp", typestate, allow(dead_end))]
    enum Lamp {
        Lit(Bulb),
        #[event(follows = Lit)]
        PutOut,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Bulb {
        watts: u8,
    }

    let lamp = LampHandle::new(EntityId::new()).lit(Bulb { watts: 60 }).put_out();
    assert_eq!(lamp.state().to_string(), "[PUT_OUT]");
}
