//! Generated code is clean under clippy and every lint of the compiler.
//!
//! `trybuild` does not run clippy, so these enums are part of the test program itself, which
//! `cargo clippy --all-targets` sees.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::cargo,
    clippy::absolute_paths,
    clippy::allow_attributes_without_reason,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::impl_trait_in_params,
    clippy::indexing_slicing,
    clippy::infinite_loop,
    clippy::missing_docs_in_private_items,
    clippy::missing_inline_in_public_items,
    clippy::panic,
    clippy::same_name_method,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::single_char_lifetime_names,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    keyword_idents,
    let_underscore,
    missing_debug_implementations,
    missing_docs,
    nonstandard_style,
    rust_2018_idioms,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unsafe_code,
    unused,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

use eventsource_core::{Event, EventType};
use serde::{Deserialize, Serialize};

/// What happens to a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Event)]
#[machine(entity = "task", never(Canceled & Ended), always(Started | !Reassigned), allow(dead_end))]
pub enum TaskEvent {
    /// It exists.
    Created {
        /// What it is about.
        description: Option<String>,
    },
    /// Somebody is to do it.
    #[event(follows = Created & !Assigned, accumulate = union(), requires(assignee))]
    Assigned {
        /// Who.
        assignee: String,
    },
    /// It is being done.
    #[event(follows = Assigned)]
    Started,
    /// Somebody else does it.
    #[event(follows = Started, accumulate = keep(), requires(assignee))]
    Reassigned(Assignment),
    /// It begins again.
    #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
    Revised,
    /// It will not be done.
    #[event(follows = Started, terminal)]
    Canceled,
    /// It is over.
    #[event(follows = Started, auto_transition, terminal, allow(auto_rival))]
    Ended,
}

/// Who does a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Who.
    pub assignee: Option<String>,
}

/// Keywords as names, for this module alone.
#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "word", rename_all = "kebab-case", crate = "eventsource_core")]
#[allow(
    non_camel_case_types,
    clippy::upper_case_acronyms,
    reason = "the names are the point"
)]
enum r#Words {
    /// A keyword.
    r#type,
    /// Another.
    #[event(follows = r#type, terminal)]
    r#loop {
        /// A third.
        r#fn: u8,
    },
}

#[test]
fn generated_code_has_no_lints() {
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[machine(entity = "light")]
    enum Light {
        Lit,
        #[event(follows = Lit, terminal)]
        PutOut,
    }

    assert_eq!(Light::Lit.event_type().name(), "LIT");
    assert_eq!(Light::PutOut.event_type(), LightType::PutOut);
    assert_eq!(Words::r#type.event_type().name(), "type");
    assert_eq!(Words::r#loop { r#fn: 1 }.event_type().name(), "loop");
    assert_eq!(TaskEvent::MACHINE.len(), 7);
    let assignee = Some(String::from("Ada"));
    let reassigned = TaskEvent::Reassigned(Assignment { assignee });
    assert_eq!(reassigned.event_type(), TaskEventType::Reassigned);
}
