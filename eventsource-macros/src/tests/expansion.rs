//! Snapshots of the generated code.

use std::{env, fs, process};

use crate::derive::expand;

/// Expands the derive and formats the result.
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
            #[event(follows = any_state & !PutOut, accumulate = compose(union, difference(Lit)), terminal)]
            PutOut,
        }
        "#
    ));
}

#[test]
fn enum_with_mistake_gives_stubs() {
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
fn typed_handle() {
    insta::assert_snapshot!(expansion(
        r#"
        #[derive(Serialize, Deserialize, Event)]
        #[machine(entity = "parcel", typestate, crate = "super::toolkit")]
        pub(crate) enum ParcelEvent {
            Packed { by: String },
            #[event(follows = !nothing & !Labeled & !Shipped, accumulate = union)]
            Labeled(Label),
            #[event(follows = Packed & Labeled, auto_transition)]
            Shipped,
        }
        "#
    ));
}

#[test]
fn warning_is_use_of_deprecated_macro() {
    let warned = expansion(
        r#"
        #[derive(Serialize, Deserialize, Event)]
        #[machine(entity = "light")]
        enum LightEvent {
            #[event(accumulate = compose(keep(), union()))]
            Lit,
        }
        "#,
    );
    let start = warned.rfind("const _").expect("the warning comes last");
    insta::assert_snapshot!(&warned[start..]);
}

/// Expansions that exercise every generator: rules, errors, warnings.
fn many_expansions() -> String {
    let sources = [
        include_str!("../../../tests/ui/pass/task.rs"),
        include_str!("../../../tests/ui/pass/typestate.rs"),
        include_str!("../../../tests/ui/pass/sugar.rs"),
        include_str!("../../../tests/ui/pass/shadowed_names.rs"),
        include_str!("../../../tests/ui/fail/many_mistakes.rs"),
        include_str!("../../../tests/ui/fail/event/names.rs"),
        include_str!("../../../tests/ui/fail/findings/nine_mistakes.rs"),
    ];
    let items = sources.into_iter().flat_map(super::deriving);
    items.map(|item| expand(item).to_string()).collect()
}

#[test]
fn expansion_is_deterministic() {
    assert_eq!(many_expansions(), many_expansions());
}

/// Expands in other processes, which have other addresses and other random seeds.
#[test]
fn expansion_is_deterministic_across_processes() {
    const FILE: &str = "EVENTSOURCE_EXPANSION_FILE";
    let expansions = many_expansions();
    if let Ok(file) = env::var(FILE) {
        fs::write(file, expansions).expect("a temporary file");
        return;
    }
    let file = env::temp_dir().join(format!("eventsource-expansion-{}", process::id()));
    let status = process::Command::new(env::current_exe().expect("this program"))
        .args([
            "--exact",
            "tests::expansion::expansion_is_deterministic_across_processes",
        ])
        .env(FILE, &file)
        .stdout(process::Stdio::null())
        .status()
        .expect("this program again");
    assert!(status.success());
    let others = fs::read_to_string(&file).expect("what the other process wrote");
    fs::remove_file(file).expect("it is ours");
    assert_eq!(expansions, others);
}

#[test]
fn large_machines_are_not_drawn() {
    let drawn = |flags: usize| {
        let flags: String = (0..flags)
            .map(|n| format!("#[event(follows = Lit & !F{n}, accumulate = union())] F{n},"))
            .collect();
        let source = format!(
            "#[derive(Event)] #[machine(entity = \"light\", max_states = 100)]
             enum Light {{ Lit, {flags} }}"
        );
        let expansion = expansion(&source);
        assert!(expansion.contains("| event | follows |"));
        expansion.contains("<svg ")
    };
    assert!(drawn(5));
    assert!(!drawn(6));
}
