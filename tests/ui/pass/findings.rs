//! Findings that are silenced by `allow(..)`.
#![deny(warnings)]

use eventsource_core::Event;
use serde::{Deserialize, Serialize};

/// Findings silenced at the event, or for the machine.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "door", allow(restarts_elsewhere), deny(never_restarts), warn(no_operation))]
enum Silenced {
    #[event(restarting, allow(never_restarts))]
    Installed,
    #[event(follows = Installed, restarting)]
    Replaced,
    #[event(follows = any_of(Installed, Replaced), accumulate = keep(), allow(no_operation))]
    Seen,
    #[event(follows = Installed & !Installed, allow(contradiction))]
    Never,
    #[event(follows = Replaced, allow(dead_end))]
    Broken,
}

/// Invariants that hold.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "task", max_states = 5)]
#[machine(never(Started & Created), always(Assigned => Created), eventually(Ended))]
#[machine(always(nothing => Ended), always(!Created | any_state => !Started | !Created))]
enum Proved {
    Created,
    #[event(follows = Created & !Assigned, accumulate = union())]
    Assigned { assignee: String },
    #[event(follows = Assigned)]
    Started,
    // What carries something is not without effect.
    #[event(follows = Started, accumulate = keep())]
    Noted(Note),
    #[event(follows = Started, accumulate = keep())]
    Seen { by: Option<String> },
    #[event(follows = Started, terminal)]
    Ended,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Note {
    text: Option<String>,
}

/// Pin of the stored names.
#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "light", rename_all = "kebab-case", fingerprint = "97a68f00bf78a307:AQVsaWdodAIDbGl0AAEAAQACAAdwdXQtb3V0BAECAAAEAA")]
enum Pinned {
    Lit,
    #[event(follows = Lit, terminal)]
    PutOut,
}

mod not_deprecated {
    #![allow(deprecated)]

    /// Warnings silenced by rustc's own `allow`.
    #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
    #[machine(entity = "door")]
    pub(super) enum Overlooked {
        Installed,
    }
}

fn main() {
    assert!(Pinned::MACHINE.pin().starts_with("97a68f00bf78a307:"));
    assert_eq!(Silenced::MACHINE.len(), 5);
    assert_eq!(not_deprecated::Overlooked::MACHINE.len(), 1);
    let _ = [Silenced::Installed, Silenced::Replaced, Silenced::Seen, Silenced::Never];
    let _ = (Silenced::Broken, not_deprecated::Overlooked::Installed);
    let _ = [Proved::Created, Proved::Started, Proved::Ended];
    let _ = [Proved::Noted(Note { text: None }), Proved::Seen { by: None }];
    let _ = Proved::Assigned { assignee: String::new() };
    let _ = [Pinned::Lit, Pinned::PutOut];
}
