//! Source locations of findings: the tokens of each subject, as the author wrote them.

use eventsource_model::EventIndex;
use eventsource_model::findings::Subject;
use syn::parse::{Parse, Parser};

use crate::errors::Errors;
use crate::findings::subject;
use crate::model::Model;
use crate::{check, syntax};

fn model(source: &str) -> Model {
    let mut errors = Errors::default();
    let input = syn::parse_str(source).expect("an enum");
    let model = check::check(syntax::read(input, &mut errors), &mut errors);
    let errors = errors.into_compile_errors();
    assert!(errors.is_empty(), "{errors}");
    model
}

fn task() -> Model {
    model(
        r#"
        #[machine(entity = "task", fingerprint = "0a1b", never(Created & (Ended)))]
        #[machine(always(Ended => Created | Ended), eventually(Ended))]
        enum TaskEvent {
            Created { title: String, note: Option<String> },
            #[event(follows = !(Created & Ended) | any_of(Created, all_of(Created, !Ended)) & any_state)]
            #[event(accumulate = compose(keep(), union), restarting, auto_transition, terminal)]
            #[event(requires(note))]
            Revised { note: Option<String> },
            #[event(follows = non_terminal & Created)]
            Ended,
        }
        "#,
    )
}

fn event(position: usize) -> EventIndex {
    EventIndex::new(position).expect("few events")
}

#[track_caller]
fn assert_at(model: &Model, subject: &Subject, expected: &str) {
    let expected: proc_macro2::TokenStream = expected.parse().expect("tokens");
    let found = subject::tokens(subject, model);
    assert_eq!(found.to_string(), expected.to_string(), "{subject:?}");
}

#[test]
fn operands_are_as_written() {
    let task = task();
    let cases: [(&[usize], &str); 13] = [
        (
            &[],
            "!(Created & Ended) | any_of(Created, all_of(Created, !Ended)) & any_state",
        ),
        (&[0], "!(Created & Ended)"),
        (&[0, 0], "(Created & Ended)"),
        (&[0, 0, 1], "Ended"),
        (&[1], "any_of(Created, all_of(Created, !Ended)) & any_state"),
        (&[1, 0], "any_of(Created, all_of(Created, !Ended))"),
        (&[1, 0, 0], "Created"),
        (&[1, 0, 1], "all_of(Created, !Ended)"),
        (&[1, 0, 1, 1], "!Ended"),
        (&[1, 0, 1, 1, 0], "Ended"),
        (&[1, 1], "any_state"),
        // What sugar stands for is not written.
        (&[1, 1, 0], "any_state"),
        (
            &[9],
            "!(Created & Ended) | any_of(Created, all_of(Created, !Ended)) & any_state",
        ),
    ];
    for (path, expected) in cases {
        assert_at(&task, &Subject::Operand(event(1), path.to_vec()), expected);
    }
    assert_at(
        &task,
        &Subject::Operand(event(2), vec![0, 1, 0]),
        "non_terminal",
    );
    assert_at(&task, &Subject::Operand(event(2), vec![1]), "Created");
}

#[test]
fn other_parts_of_a_rule_are_as_written() {
    let task = task();
    assert_at(
        &task,
        &Subject::Accumulate(event(1)),
        "compose(keep(), union)",
    );
    assert_at(&task, &Subject::Restarting(event(1)), "restarting");
    assert_at(&task, &Subject::AutoTransition(event(1)), "auto_transition");
    assert_at(&task, &Subject::Terminal(event(1)), "terminal");
    assert_at(&task, &Subject::Requires(event(1), "note".into()), "note");
    assert_at(&task, &Subject::Requires(event(0), "title".into()), "title");
    assert_at(&task, &Subject::Event(event(1)), "Revised");
    assert_at(&task, &Subject::Machine, "TaskEvent");
    assert_at(&task, &Subject::Fingerprint, "\"0a1b\"");
    assert_at(&task, &Subject::Invariant(0), "Created & (Ended)");
    assert_at(&task, &Subject::Invariant(1), "Ended => Created | Ended");
    assert_at(&task, &Subject::Invariant(2), "Ended");
}

#[test]
fn absent_parts_point_to_the_variant() {
    let task = task();
    let created = event(0);
    for subject in [
        Subject::Follows(created),
        Subject::Operand(created, vec![0]),
        Subject::Accumulate(created),
        Subject::Restarting(created),
        Subject::AutoTransition(created),
        Subject::Terminal(created),
        Subject::Requires(created, "other".into()),
    ] {
        assert_at(&task, &subject, "Created");
    }
    let plain = model(r#"#[machine(entity = "light")] enum Light { Lit }"#);
    assert_at(&plain, &Subject::Fingerprint, "Light");
    assert_at(&plain, &Subject::Invariant(0), "Light");
}

/// A `$formula:expr` of a `macro_rules!` is captured in a group without delimiters.
#[test]
fn macro_capture_is_one_operand() {
    let captured = proc_macro2::Group::new(
        proc_macro2::Delimiter::None,
        "Lit | Dimmed".parse().expect("tokens"),
    );
    let tokens = quote::quote! {
        #[machine(entity = "light")]
        enum Light { Lit, #[event(follows = !#captured & Lit)] Dimmed }
    };
    let input = syn::DeriveInput::parse.parse2(tokens).expect("an enum");
    let mut errors = Errors::default();
    let light = check::check(syntax::read(input, &mut errors), &mut errors);
    assert!(errors.is_empty());
    let operand = |path: &[usize]| Subject::Operand(event(1), path.to_vec());
    assert_at(&light, &operand(&[]), "!Lit | Dimmed & Lit");
    assert_at(&light, &operand(&[0]), "!Lit | Dimmed");
    assert_at(&light, &operand(&[0, 0]), "Lit | Dimmed");
    assert_at(&light, &operand(&[0, 0, 1]), "Dimmed");
}
