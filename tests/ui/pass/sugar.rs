//! Sugar equals the long form.
#![deny(warnings)]

use eventsource_core::{Event, EventType};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", rename_all = "kebab-case", allow(not_terminal, operands))]
enum Sugar {
    #[event(follows = nothing)]
    CheckedOut,
    #[event(follows = any_state)]
    Seen,
    #[event(follows = non_terminal, terminal)]
    Shipped,
    #[event(follows = non_terminal() & !Seen, terminal)]
    Lost,
    #[event(follows = any_state() | nothing(), rename = "note.v1")]
    Noted,
    #[event(follows = Seen | Noted & !Lost)]
    Loose,
}

#[derive(Serialize, Deserialize, Event)]
#[machine(entity = "order", allow(not_terminal, operands))]
enum Plain {
    #[event(rename = "checked-out")]
    CheckedOut,
    #[event(follows = but_not(nothing()), rename = "seen")]
    Seen,
    #[event(follows = all_of(but_not(nothing()), but_not(Shipped), but_not(Lost)), terminal, rename = "shipped")]
    Shipped,
    #[event(
        follows = all_of(but_not(nothing()), but_not(Shipped), but_not(Lost), but_not(Seen)),
        terminal,
        rename = "lost",
    )]
    Lost,
    #[event(follows = any_of(but_not(nothing()), nothing()), rename = "note.v1")]
    Noted,
    #[event(follows = any_of(Seen, all_of(Noted, but_not(Lost))), rename = "loose")]
    Loose,
}

fn main() {
    assert_eq!(SugarType::CheckedOut.name(), "checked-out");
    assert_eq!(Sugar::MACHINE.fingerprint(), Plain::MACHINE.fingerprint());
    assert!(SugarType::Noted.is_initial());
    let _ = [
        Sugar::CheckedOut,
        Sugar::Seen,
        Sugar::Shipped,
        Sugar::Lost,
        Sugar::Noted,
        Sugar::Loose,
    ];
    let _ = [
        Plain::CheckedOut,
        Plain::Seen,
        Plain::Shipped,
        Plain::Lost,
        Plain::Noted,
        Plain::Loose,
    ];
}
