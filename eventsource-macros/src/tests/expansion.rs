//! What is generated, as a person would read it.

use crate::expand;

/// The expansion, formatted.
fn expansion(source: &str) -> String {
    let [item] = &super::deriving(source)[..] else {
        panic!("one enum");
    };
    let file = syn::parse2(expand(item.clone())).expect("what is generated is Rust");
    prettyplease::unparse(&file)
}

#[test]
fn task() {
    insta::assert_snapshot!(expansion(
        r#"
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
        #[machine(entity = "task")]
        pub enum TaskEvent {
            Created { description: Option<String> },
            #[event(follows = all_of(Created, but_not(Assigned)), accumulate = union(), requires(assignee))]
            Assigned { assignee: String },
            #[event(follows = all_of(Created, but_not(Scheduled)), accumulate = union(), requires(deadline))]
            Scheduled { deadline: DateTime<Utc> },
            #[event(follows = all_of(Assigned, Scheduled))]
            Started,
            #[event(follows = Started, accumulate = keep(), requires(assignee))]
            Reassigned { assignee: String },
            #[event(follows = Started, accumulate = keep(), requires(deadline))]
            Rescheduled { deadline: DateTime<Utc> },
            #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
            Revised,
            #[event(follows = Started, terminal)]
            Canceled,
            #[event(follows = Started)]
            Completed,
            #[event(follows = Completed, auto_transition, terminal)]
            Ended,
        }
        "#
    ));
}

#[test]
fn newtype_and_unit() {
    insta::assert_snapshot!(expansion(
        r#"
        #[derive(Serialize, Deserialize, Event)]
        #[machine(entity = "light", rename_all = "snake_case", crate = "crate::toolkit")]
        pub(crate) enum LightEvent {
            /// Somebody came home.
            #[event(requires(watts, r#type))]
            Lit(Bulb),
            #[event(follows = any_state & !PutOut, accumulate = compose(union, difference(Lit)))]
            PutOut,
        }
        "#
    ));
}

#[test]
fn a_mistake_leaves_stubs() {
    insta::assert_snapshot!(expansion(
        r#"
        #[derive(Serialize, Deserialize, Event)]
        #[machine(entity = "light")]
        enum LightEvent {
            Lit,
            #[event(follows = Lid)]
            PutOut,
        }
        "#
    ));
}

#[test]
fn is_the_same_every_time() {
    let source = include_str!("../../../tests/ui/pass/task.rs");
    for item in super::deriving(source) {
        let once = expand(item.clone()).to_string();
        assert_eq!(once, expand(item).to_string());
    }
}

#[test]
fn large_machines_are_not_drawn() {
    let drawn = |max_states: &str| {
        let source = format!(
            "#[derive(Event)] #[machine(entity = \"light\"{max_states})]
             enum Light {{ Lit, #[event(follows = Lit)] Out }}"
        );
        expansion(&source).contains("<svg ")
    };
    assert!(drawn(""));
    assert!(drawn(", max_states = 2"));
    assert!(!drawn(", max_states = 1"));
}
