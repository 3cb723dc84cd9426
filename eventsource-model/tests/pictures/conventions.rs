//! Signs of the pictures, in every format.

use eventsource_model::render::{self, Drawing, RenderError};
use eventsource_model::{EventSpec, Formula};

use crate::machines::{event, flags, machine, task, with_notes};

#[test]
fn mermaid() {
    insta::assert_snapshot!(render::mermaid(&task()).unwrap());
}

#[test]
fn dot() {
    insta::assert_snapshot!(render::dot(&task()).unwrap());
}

#[test]
fn svg() {
    insta::assert_snapshot!(render::svg(&task()).unwrap());
}

#[test]
fn text() {
    insta::assert_snapshot!(render::text(&task()).unwrap());
}

#[test]
fn text_of_merged_states() {
    insta::assert_snapshot!(render::text(&with_notes(5)).unwrap());
}

#[test]
fn large_machine_is_drawn_as_its_quotient_with_a_note() {
    let drawing = Drawing::of(&with_notes(5)).unwrap();
    let note = "64 states, drawn as 2: states that behave alike are one box";
    assert_eq!(drawing.note(), Some(note));
    for picture in [
        drawing.mermaid(),
        drawing.dot(),
        drawing.svg(),
        drawing.text(),
    ] {
        assert!(picture.contains("64 states, drawn as 2"), "{picture}");
        assert!(
            picture.contains("with or without NOTE_0, NOTE_1"),
            "{picture}"
        );
        assert!(picture.contains("(32 states)"), "{picture}");
    }
    // Few states are drawn as they are.
    assert_eq!(Drawing::of(&with_notes(4)).unwrap().note(), None);
}

#[test]
fn too_many_states_are_not_drawn() {
    let states = |count| render::svg(&flags(count)).unwrap_err();
    let most = render::MAX_DRAWN_STATES;
    let too_many = |states| RenderError::TooManyStates { states, most };
    assert_eq!(states(8), too_many(Some(255)));
    assert_eq!(states(12), too_many(Some(4095)));
    assert_eq!(states(13), too_many(None));
    assert!(render::svg(&flags(5)).is_ok());
}

#[test]
fn too_many_arrows_are_not_drawn() {
    let any = || Formula::any_of([Formula::Nothing, Formula::but_not(Formula::Nothing)]);
    let all = |count: usize| {
        let events = (0..count).map(|n| EventSpec::new(format!("E{n}")).follows(any()));
        machine("all", events)
    };
    // Every event leads everywhere: one arrow from the start to each and between any two. All
    // states behave alike, and are one box then.
    assert_eq!(Drawing::of(&all(12)).unwrap().note(), None);
    assert!(Drawing::of(&all(13)).unwrap().note().is_some());
    // Unless each has an end of its own.
    let mut events: Vec<EventSpec> = (0..13)
        .map(|n| EventSpec::new(format!("E{n}")).follows(any()))
        .collect();
    events.extend(
        (0..13).map(|n| EventSpec::new(format!("END_{n}")).follows(event(&format!("E{n}")))),
    );
    let refused = Drawing::of(&machine("ends", events)).unwrap_err();
    assert!(
        matches!(refused, RenderError::TooManyArrows { .. }),
        "{refused}"
    );
}

#[test]
fn svg_file_supports_light_and_dark() {
    let drawing = Drawing::of(&task()).unwrap();
    assert!(drawing.svg_file().contains("prefers-color-scheme:dark"));
    assert!(!drawing.svg().contains("<style"));
}
