//! `#[derive(Event)]`: an annotated enum becomes an event-sourced state machine.
//!
//! Use it from `eventsource_core`, which re-exports it beside the traits that it implements.
//! `role` is `#[derive(Role)]`, which is read and written by the same means. `transitions` checks paths through such a machine, and `union` lets machines share rules.
//!
//! The stages of the derive, in order: `syntax` reads what the author wrote, `check` finds out what
//! it means, `lower` gives it to the compiler of machines in `eventsource-model`, `findings` reports
//! what that says of the rules, `emit` writes the code and `docs` its documentation. `errors`
//! collects what is wrong on the way, `suggest` guesses what
//! was meant, and `fallback` writes stubs so that an error stays alone.

mod check;
mod docs;
mod emit;
mod errors;
mod fallback;
mod findings;
mod lower;
mod model;
mod role;
mod suggest;
mod syntax;
#[cfg(test)]
mod tests;
mod transitions;
mod union;

use errors::Errors;
use quote::quote;

/// Makes an enum of events an event-sourced state machine.
///
/// Generates, for `TaskEvent`, the fieldless enum `TaskEventType` of its event types, which
/// implements `EventType`; the struct `TaskData` of what the events have said; and implements `Event` for `TaskEvent`, whose `MACHINE` is the table of
/// the rules below as a constant. The rules are documented on `TaskEventType`, as a picture and as a
/// table. The enum must also implement serde's `Serialize` and
/// `Deserialize`, in their default representation.
///
/// ```
/// # #![deny(warnings)]
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
/// | `typestate` | generate a typed handle as well: `TaskHandle`, with a method for each event that compiles where the event is sure to be legal, and `task_states`, the names of what can be known; see `eventsource_core::typed` |
/// | `id = uuid` | entities are named by UUIDs, those of new ones of version 7: the default |
/// | `id = ulid("cmp_")` | by a prefix and a ULID: `cmp_01ARZ3NDEKTSV4RRFFQ69G5FAV` |
/// | `id = counter("SHP-", width = 10)` | by a prefix and a number that the store counts up without a gap, of at least `width` digits, 1 to 18, or 1 if absent: `SHP-0000000001`. Creations take turns then |
/// | `roles = Role` | the enum that `by(..)` picks from, with [`#[derive(Role)]`](macro@Role) |
/// | `data = Name` | what the struct of an entity's data is called; `TaskData` for `TaskEvent` if absent |
/// | `never(formula)` | the formula holds in no reachable state |
/// | `always(formula)` | the formula holds in every reachable state but the empty one |
/// | `eventually(Event)` | after any history, the event has happened or still can |
/// | `allow(finding, ..)` | findings that are meant, by name |
/// | `warn(finding, ..)`, `deny(finding, ..)` | findings that are to be warnings, or errors |
/// | `fingerprint = ".."` | the rules as they are now: a warning says what changed since; `".."` is told by the message, or by `Machine::pin` |
/// | `max_states = 4096` | how many states are explored for findings; 4096 if absent, at most 65536. Of more than 40, those that behave alike are drawn as one |
/// | `crate = "path"` | where `eventsource_core` is re-exported; with `typestate` a path from `crate`, `self`, `super` or a crate's name |
///
/// # `#[event(..)]` on a variant
///
/// | key | meaning |
/// | --- | --- |
/// | `follows = formula` | when the event is legal; `nothing` if absent |
/// | `accumulate = accumulator` | how it changes the state; `current()` if absent |
/// | `requires(field, ..)` | fields that must have a value; those of a struct variant that are neither an `Option` nor `#[serde(default)]` must anyway |
/// | `by(Role, ..)` | the actor must have one of these roles, variants of the enum that `roles` names; if absent anyone may write the event, also without a name. Not of an auto transition, which nobody writes |
/// | `restarting` | it begins a new version of the entity |
/// | `auto_transition` | it is written by itself as soon as it is legal |
/// | `terminal` | the entity's life ends with it |
/// | `rename = ".."` | the name that is stored and shown |
/// | `feeds(data = field, ..)` | which fields of a payload struct feed which fields of the data; see below |
/// | `allow(finding, ..)` | what is found at this event and meant, by name |
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
/// As in Rust, `!` binds tighter than `&`, and `&` tighter than `|`; parentheses group. In `never(..)`
/// and `always(..)` there is also `f => g`, which is `!f | g` and binds least.
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
/// # Data
///
/// What the events of an entity have said so far is a struct, `TaskData` for `TaskEvent`, which is
/// `Event::Data` and a `Fold`: of each field of the payloads the latest value, an `Option` that is
/// `None` until there was one. It implements `Clone`, `Debug`, `Default`, `PartialEq` and
/// `Serialize`, so what payloads hold must be `Clone`, `Debug` and `PartialEq`.
///
/// * Fields of one name feed one field, whichever event they are of, and hold one type. A field
///   that is written `Option<T>` gives a `T`, or leaves the older value if it is `None`. An alias
///   of an `Option` is not seen to be one. No event takes a value back, not even a restart.
/// * `#[event(feeds = name)]` on a field lets it feed another field of the data in place of the
///   one of its name, and `#[event(feeds(one, other))]` several. Two fields of one event may not
///   feed the same.
/// * A payload struct, which the derive does not see into, is one value that feeds a field named
///   after the variant, in snake case. `feeds(..)` above the variant names what it feeds instead:
///   `feeds(weight)` by its field of that name, `feeds(weight = output_weight)` by another. Where
///   no field of a struct variant says so, the type is to be said: `feeds(weight: f64)`.
///
/// ```
/// # mod example {
/// use eventsource_core::Event;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
/// pub struct Step {
///     pub output_kg: f64,
///     pub notes: Option<String>,
/// }
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "batch")]
/// pub enum BatchEvent {
///     Received {
///         #[event(feeds = current_kg)]
///         net_kg: f64,
///     },
///     #[event(follows = Received, feeds(current_kg = output_kg, notes: String))]
///     Ground(Step),
///     #[event(follows = Ground, terminal)]
///     Cleaned(Step),
/// }
///
/// # pub fn main() {
/// let BatchData { current_kg, notes, cleaned } = BatchData::default();
/// let _: (Option<f64>, Option<String>, Option<Step>) = (current_kg, notes, cleaned);
/// # }
/// # }
/// # example::main();
/// ```
///
/// # Payloads
///
/// A variant has no payload, or named fields, or one payload struct: `Ended`,
/// `Assigned { assignee: String }`, `Assigned(Assignment)`. What `requires(..)` names of a payload
/// struct is checked by the compiler, so those fields must be visible where the enum is; its other
/// fields are not looked at. No payload may have a field that every event has beside its payload:
/// `id`, `clock`, `sequence`, `version`, `parent_id`, `event_type`, `created_timestamp`, `metadata`,
/// or `task_id` of a task.
///
/// # Errors
///
/// All mistakes of an enum are reported in one run, each where it is and with a code, and what uses
/// the enum compiles all the same:
///
/// ```compile_fail
/// # use eventsource_core::Event;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "task")]
/// pub enum TaskEvent {
///     Created,
///     #[event(follows = Craeted)] // unknown event `Craeted`, did you mean `Created`? [ES001]
///     Ended,
/// }
/// # fn main() {}
/// ```
///
/// # Findings
///
/// Rules that can be read are explored: every state that the machine can reach, and the shortest way
/// to it. What is found is an error or a warning with that way in it:
///
/// ```compile_fail
/// # use eventsource_core::Event;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "task", never(Created & Ended), allow(dead_end))]
/// pub enum TaskEvent {
///     Created,
///     #[event(follows = Created, restarting)] // does not lead back to a beginning [ES030]
///     Revised,
///     #[event(follows = Created, accumulate = union(), terminal)] // the invariant fails [ES070]
///     Ended,
/// }
/// # fn main() {}
/// ```
///
/// | code | name | |
/// | --- | --- | --- |
/// | ES001 to ES004, ES090 | `unknown_event`, `syntax`, `operands`, `unknown_field`, `shape` | error: not a machine yet |
/// | ES010 | `no_initial_event` | error |
/// | ES011 | `contradiction` | error |
/// | ES012 | `unreachable_event` | error |
/// | ES013 | `always_legal` | warning |
/// | ES014 | `redundant_operand` | silent |
/// | ES015 | `constant_operand` | warning |
/// | ES020 | `stays_empty` | error |
/// | ES021 | `becomes_empty` | error |
/// | ES022 | `dead_end` | warning |
/// | ES023 | `not_terminal` | error |
/// | ES024 | `never_ends` | warning |
/// | ES025 | `point_of_no_return` | silent |
/// | ES030 | `restarts_elsewhere` | error |
/// | ES031 | `never_restarts` | warning |
/// | ES032 | `silent_restart` | silent |
/// | ES040 | `auto_rival` | error |
/// | ES041 | `auto_loop` | error |
/// | ES042 | `auto_requires` | error |
/// | ES043 | `auto_initial` | error |
/// | ES050 | `equivalent_events` | silent |
/// | ES051 | `order_matters` | silent |
/// | ES052 | `no_operation` | warning |
/// | ES060 | `too_many_states` | warning |
/// | ES070 | `invariant` | error, always |
/// | ES080 | `fingerprint` | warning |
///
/// Each has a page in `docs/diagnostics` of the repository. A warning is one of rustc's own, shown
/// as the use of a deprecated macro: it obeys `#![deny(warnings)]` and `#![allow(deprecated)]`, and
/// is silent in dependencies. The name is what `allow(..)`, `warn(..)` and `deny(..)` take; what an
/// event allows goes before what the machine says.
#[proc_macro_derive(Event, attributes(machine, event))]
pub fn derive_event(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input.into()).into()
}

/// Makes a fieldless enum the roles in which actors write events.
///
/// Implements `Role`, `Display`, `FromStr` and `Into<String>` by the names of the roles, which are
/// those of the variants in `SCREAMING_SNAKE_CASE`. The enum must also be `Copy` and `Debug`.
///
/// ```
/// use eventsource_core::Role;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Role)]
/// #[role(rename_all = "kebab-case")]
/// enum Party {
///     Sender,
///     SenderManager,
///     #[role(rename = "courier")]
///     Carrier,
/// }
///
/// let names: Vec<&str> = Party::ALL.iter().map(|party| party.name()).collect();
/// assert_eq!(names, ["sender", "sender-manager", "courier"]);
/// assert_eq!("courier".parse(), Ok(Party::Carrier));
/// ```
///
/// | key of `#[role(..)]` | on | meaning |
/// | --- | --- | --- |
/// | `rename_all = ".."` | the enum | how roles are named after their variants, as of `#[machine(..)]` |
/// | `crate = "path"` | the enum | where `eventsource_core` is re-exported |
/// | `rename = ".."` | a variant | the name of the role, of `A-Z a-z 0-9 _ . -` |
///
/// The derive of the events does not see these names: in its documentation and in `fingerprint = ".."`
/// a role goes by its variant in `SCREAMING_SNAKE_CASE`.
#[proc_macro_derive(Role, attributes(role))]
pub fn derive_role(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    role::expand(input.into()).into()
}

/// Checks paths of events while compiling.
///
/// `transitions!(TaskEvent: Created -> Started)` compiles if `Created` may be the first event of a
/// task and `Started` the second. If not, the error stands on the step that is illegal, and says
/// what would be legal there. Nothing is left of it in the program. It follows one path through
/// the rules, so the number of states does not matter.
///
/// ```
/// # mod example {
/// # use serde::{Deserialize, Serialize};
/// use eventsource_core::{Event, transitions};
///
/// #[derive(Serialize, Deserialize, Event)]
/// #[machine(entity = "task")]
/// pub enum TaskEvent {
///     Created { title: String },
///     #[event(follows = Created & !Assigned, accumulate = union())]
///     Assigned { assignee: String },
///     #[event(follows = all_of(Created, Assigned))]
///     Started,
///     #[event(follows = Started)]
///     Completed,
///     #[event(follows = Completed, auto_transition)]
///     Archived,
/// }
///
/// transitions!(TaskEvent:
///     // From the first event of an entity, or from a given state.
///     Created -> Assigned -> Started;
///     from {Created, Assigned} -> Started -> Completed -> Archived;
///     // The state that is reached, anywhere in a path.
///     Created -> Assigned => {Created, Assigned} -> Started => {Started};
///     // What may not come next. The path goes on from the state before.
///     -/-> Assigned -> Created -/-> Started -> Assigned -/-> Assigned;
/// );
/// # }
/// # fn main() {}
/// ```
///
/// | written | meaning |
/// | --- | --- |
/// | `Created` at the beginning | it is legal as the first event |
/// | `from {A, B}` at the beginning | the path starts in the state `{A, B}`, whether or not it can be reached |
/// | `-> A` | `A` is legal here, and follows |
/// | `-/-> A` | `A` may not be the next event here; the state stays |
/// | `=> {A, B}` | the state is now `{A, B}`, no less and no more |
/// | `;` | the next path |
///
/// # Auto transitions
///
/// A step is an event as it is stored, so an event that is written by itself is a step like any
/// other: `Completed -> Archived`. Where one is due, every other event is an error, even one whose
/// rule holds, since the store would have written the first before it. A path may end where an
/// event is due.
///
/// # Errors
///
/// ```compile_fail,E0080
/// # mod example {
/// # use eventsource_core::{Event, transitions};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize, Event)]
/// # #[machine(entity = "task")]
/// # pub enum TaskEvent {
/// #     Created,
/// #     #[event(follows = Created & !Assigned, accumulate = union())]
/// #     Assigned,
/// #     #[event(follows = all_of(Created, Assigned))]
/// #     Started,
/// # }
/// // error: event `Started` may not follow {Created}
/// //        legal here: `Assigned`
/// //        it needs `Assigned`
/// transitions!(TaskEvent: Created -> Started);
/// # }
/// # fn main() {}
/// ```
///
/// An enum whose own rules have errors agrees with every path, until they are mended.
///
/// # Where it can be written
///
/// Wherever an item can, in a function as well. If `eventsource_core` has another name there, or
/// is re-exported by another crate, say so: `transitions!(crate = my_core, TaskEvent: Created)`.
#[proc_macro]
pub fn transitions(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    transitions::expand(input.into()).into()
}

/// Names variants with their rules, for several enums of events to share.
///
/// A fragment is no machine of its own: [`event_union!`] puts its variants into an enum, and the
/// derive there sees them as if they were written in it.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, event_fragment, event_union};
/// use serde::{Deserialize, Serialize};
///
/// event_fragment! {
///     /// What every task goes through.
///     pub(crate) basic_task {
///         Created { title: String },
///         #[event(follows = Created)]
///         Started,
///         #[event(follows = Started | Reviewed)]
///         Completed,
///     }
/// }
///
/// event_union! {
///     #[derive(Serialize, Deserialize, Event)]
///     #[machine(entity = "task")]
///     pub enum TaskEvent {
///         ..basic_task,
///         #[event(follows = Started)]
///         Reviewed { by: String },
///     }
/// }
/// # pub fn main() {
/// let order: Vec<_> = TaskEvent::MACHINE.rules().map(|(_, rule)| &*rule.name).collect();
/// assert_eq!(order, ["CREATED", "STARTED", "COMPLETED", "REVIEWED"]);
/// # }
/// # }
/// # example::main();
/// ```
///
/// A fragment is an item, and is found like one: by its path, in any order, as far as its
/// visibility allows. With `pub` other crates can use it too; such a fragment stands in a module
/// and not in a function.
///
/// What the variants name, be it events, types or other fragments (`..other`), is looked for where
/// the union is. `$crate` is the crate of the fragment: `reason: $crate::Reason`.
///
/// # Errors
///
/// What cannot be read is reported here. Rules are checked in the union, since only there it is
/// known which events there are; an error in a rule stands in the fragment.
#[proc_macro]
pub fn event_fragment(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    union::expand_fragment(input.into()).into()
}

/// An enum of events whose variants are in part those of fragments.
///
/// In the place of `..path::to::fragment` come the variants of that [`event_fragment!`], in their
/// order. All else is as written: the enum that results is the same as one written in full, with
/// the same table, names and errors. Rules may name events of any part.
///
/// ```
/// # mod example {
/// use eventsource_core::{Event, event_fragment, event_union, transitions};
/// use serde::{Deserialize, Serialize};
///
/// mod parts {
///     eventsource_core::event_fragment! {
///         pub(crate) holding {
///             #[event(follows = any_state & !Held, accumulate = union())]
///             Held { reason: String },
///             #[event(follows = Held, accumulate = difference(Held))]
///             Released,
///         }
///     }
/// }
///
/// event_union! {
///     /// What happens to an order.
///     #[derive(Serialize, Deserialize, Event)]
///     #[machine(entity = "order")]
///     pub enum OrderEvent {
///         Placed,
///         ..parts::holding,
///         #[event(follows = Placed & !Held)]
///         Shipped,
///     }
/// }
///
/// transitions!(OrderEvent: Placed -> Held -/-> Shipped -> Released -> Shipped);
/// # }
/// # fn main() {}
/// ```
///
/// A fragment alone makes an enum as well: `enum BasicTaskEvent { ..basic_task }`.
///
/// If `eventsource_core` has another name, `#[machine(crate = "..")]` says so, as for the derive.
///
/// # Errors
///
/// An event name may be in a union once. The error stands on the second and tells where both come
/// from.
///
/// ```compile_fail
/// # mod example {
/// # use eventsource_core::{Event, event_fragment, event_union};
/// # use serde::{Deserialize, Serialize};
/// event_fragment! { basic_task { Created } }
///
/// event_union! {
///     #[derive(Serialize, Deserialize, Event)]
///     #[machine(entity = "task")]
///     pub enum TaskEvent {
///         ..basic_task,
///         Created, // event `Created` is in the union twice
///     }
/// }
/// # }
/// # fn main() {}
/// ```
#[proc_macro]
pub fn event_union(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    union::expand_union(input.into()).into()
}

/// What a fragment calls, for `event_union!`.
#[doc(hidden)]
#[proc_macro]
pub fn unite(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    union::expand_unite(input.into()).into()
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
        let warnings = findings::report(&model, &machine, &mut errors);
        let errors = errors.into_compile_errors();
        let items = emit::emit(&model, &machine);
        return quote! {
            #errors
            #items
            #warnings
        };
    }
    let errors = errors.into_compile_errors();
    let stubs = fallback::stubs(&model.outline);
    quote! {
        #errors
        #stubs
    }
}
