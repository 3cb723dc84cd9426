//! `#[derive(Event)]`: an annotated enum becomes an event-sourced state machine.
//!
//! Use it from `eventsource_core`, which re-exports it beside the traits that it implements.
//!
//! The stages, in order: `syntax` reads what the author wrote, `check` finds out what it means,
//! `lower` gives it to the compiler of machines in `eventsource-model`, `emit` writes the code and
//! `docs` its documentation. `errors` collects what is wrong on the way, `suggest` guesses what
//! was meant, and `fallback` writes stubs so that an error stays alone.

mod check;
mod docs;
mod emit;
mod errors;
mod fallback;
mod lower;
mod model;
mod suggest;
mod syntax;
#[cfg(test)]
mod tests;

use errors::Errors;
use quote::quote;

/// Makes an enum of events an event-sourced state machine.
///
/// Generates, for `TaskEvent`, the fieldless enum `TaskEventType` of its event types, which
/// implements `EventType`; and implements `Event` for `TaskEvent`, whose `MACHINE` is the table of
/// the rules below as a constant. The rules are documented on `TaskEventType`, as a picture and as a
/// table. The enum must also implement serde's `Serialize` and
/// `Deserialize`, in their default representation.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, EventType, State};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "task", rename_all = "snake_case", max_states = 100)]
/// pub enum TaskEvent {
///     Created { title: String, note: Option<String> },
///     #[event(follows = Created & !Assigned, accumulate = union(), requires(assignee))]
///     Assigned { assignee: Option<String> },
///     #[event(follows = all_of(Created, Assigned))]
///     Started,
///     #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
///     Revised,
///     #[event(follows = Started, rename = "done")]
///     Completed,
///     #[event(follows = Completed, auto_transition, terminal)]
///     Archived,
/// }
///
/// # pub fn main() {
/// let new = State::<TaskEventType>::EMPTY;
/// assert_eq!(TaskEventType::available(new), [TaskEventType::Created]);
///
/// let created = TaskEventType::Created.validate(new).unwrap();
/// assert!(TaskEventType::Assigned.may_follow(created));
/// assert!(TaskEventType::Started.validate(created).is_err());
///
/// assert_eq!(TaskEventType::Created.requires().collect::<Vec<_>>(), ["title"]);
/// assert_eq!(TaskEventType::Assigned.requires().collect::<Vec<_>>(), ["assignee"]);
/// assert_eq!(TaskEventType::Completed.to_string(), "done");
/// # }
/// # }
/// # example::main();
/// ```
///
/// # `#[machine(..)]` on the enum
///
/// | key | meaning |
/// | --- | --- |
/// | `entity = "task"` | what the events happen to, in snake_case, at most 32 characters; required. Not `event`, `parent`, `.._event`, nor what begins with `eventsource_`, `sqlite_` or `pg_` |
/// | `rename_all = ".."` | how event types are named after their variants: `lowercase`, `UPPERCASE`, `PascalCase`, `camelCase`, `snake_case`, `SCREAMING_SNAKE_CASE` (the default), `kebab-case` or `SCREAMING-KEBAB-CASE` |
/// | `id = uuid` | how entities are identified; there is no other way yet |
/// | `max_states = 40` | machines of more states are drawn with those that behave alike as one, or not at all; 40 is the most |
/// | `crate = "path"` | where `eventsource_core` is re-exported |
///
/// # `#[event(..)]` on a variant
///
/// | key | meaning |
/// | --- | --- |
/// | `follows = formula` | when the event is legal; `nothing` if absent |
/// | `accumulate = accumulator` | how it changes the state; `current()` if absent |
/// | `requires(field, ..)` | fields that must have a value; those of a struct variant that are neither an `Option` nor `#[serde(default)]` must anyway |
/// | `restarting` | it begins a new version of the entity |
/// | `auto_transition` | it is written by itself as soon as it is legal |
/// | `terminal` | the entity's life ends with it |
/// | `rename = ".."` | the name that is stored and shown |
///
/// # Formulas
///
/// A state is a set of event types.
///
/// | formula | holds if |
/// | --- | --- |
/// | `Created`, `event(Created)` | the event is in the state |
/// | `nothing`, `nothing()` | nothing has happened yet |
/// | `all_of(f, ..)`, `f & g` | every operand holds |
/// | `any_of(f, ..)`, <code>f \| g</code> | some operand holds |
/// | `but_not(f)`, `!f` | the operand does not hold |
/// | `any_state`, `any_state()` | `but_not(nothing())` |
/// | `non_terminal`, `non_terminal()` | something has happened, and no event marked `terminal` is in the state |
///
/// As in Rust, `!` binds tighter than `&`, and `&` tighter than `|`; parentheses group.
///
/// # Accumulators
///
/// Parentheses may be left out where they are empty.
///
/// | accumulator | the state afterwards |
/// | --- | --- |
/// | `current()` | the event alone |
/// | `keep()` | as before |
/// | `union()` | as before, and the event |
/// | `alias(Created)` | another event alone |
/// | `addition(A, ..)` | as before, and these events |
/// | `difference(A, ..)` | as before, without these events |
/// | `compose(accumulator, ..)` | one after the other |
///
/// # Payloads
///
/// A variant has no payload, or named fields, or one payload struct: `Ended`,
/// `Assigned { assignee: String }`, `Assigned(Assignment)`. What `requires(..)` names of a payload
/// struct is checked by the compiler, so those fields must be visible where the enum is; its other
/// fields are not looked at. No payload may have a field that every event has beside its payload:
/// `id`, `clock`, `version`, `parent_id`, `event_type`, `created_timestamp`, or `task_id` of a task.
///
/// # Errors
///
/// All mistakes of an enum are reported in one run, each where it is, and what uses the enum
/// compiles all the same:
///
/// ```compile_fail
/// # use eventsource_core::Event;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "task")]
/// pub enum TaskEvent {
///     Created,
///     #[event(follows = Craeted)] // unknown event `Craeted`, did you mean `Created`?
///     Ended,
/// }
/// # fn main() {}
/// ```
#[proc_macro_derive(Event, attributes(machine, event))]
pub fn derive_event(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input.into()).into()
}

/// The derive on tokens that do not need a compiler around them.
fn expand(input: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let input = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let input = syntax::read(input, &mut errors);
    let model = check::check(input, &mut errors);
    if errors.is_empty()
        && let Some(machine) = lower::lower(&model, &mut errors)
    {
        return emit::emit(&model, &machine);
    }
    let errors = errors.into_compile_errors();
    let stubs = fallback::stubs(&model.outline);
    quote! {
        #errors
        #stubs
    }
}
