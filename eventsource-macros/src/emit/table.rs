//! Generates the machine as a constant.

use eventsource_model::{Accumulator, Clause, EventRule, Formula, Machine, StateSet, Timer};
use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::model::{Event, EventRef, Model, Outline};

/// Generates `const RULES`: one rule per variant, in declaration order.
pub(super) fn rules(model: &Model, machine: &Machine) -> TokenStream {
    let rules = machine
        .rules()
        .zip(&model.events)
        .enumerate()
        .map(|(position, ((_, rule), event))| entry(&model.outline, position, rule, event));
    let roles = roles(model);
    // Short names read better. Of the author's names only that of the enum of event types is used
    // in the block, and it ends in "Type".
    quote! {
        #roles
        const RULES: &[_private::EventRule] = {
            #[allow(unused_imports)]
            use _private::{
                Accumulator, Clause, Cow, EventRule, Formula, StateSet, Timer, Update,
            };
            &[#(#rules),*]
        };
    }
}

/// Generates a constant for each role that a rule names.
///
/// The constant is outside of the block with short names, since it holds the author's path. rustc reports a
/// role that the enum does not have, on the word.
fn roles(model: &Model) -> TokenStream {
    let Some(path) = &model.roles else {
        return TokenStream::new();
    };
    let roles = &Ident::new("_Roles", path.span());
    let named = RoleList::all(model).flat_map(|(list, named)| {
        named.iter().enumerate().map(move |(n, role)| {
            let name = list.constant(n);
            // An alias of the enum, so that an error is on the role alone.
            let here = Ident::new("_Roles", role.span());
            quote! {
                const #name: &str = _private::role_name::<#roles>(#here::#role as i128);
            }
        })
    });
    let named: TokenStream = named.collect();
    if named.is_empty() {
        return quote!(const _: fn() = _private::are_roles::<#path>;);
    }
    quote! {
        type #roles = #path;
        #named
    }
}

/// Place at which rules name roles.
#[derive(Clone, Copy)]
enum RoleList {
    /// Readers of the machine.
    Machine,
    /// Writers of an event.
    Writers(usize),
    /// Readers of an event.
    Readers(usize),
}

impl RoleList {
    /// Lists every place with the roles that are named there.
    fn all(model: &Model) -> impl Iterator<Item = (Self, &Vec<Ident>)> {
        let events = model.events.iter().enumerate();
        let of_events = events.flat_map(|(position, event)| {
            [
                (Self::Writers(position), &event.by),
                (Self::Readers(position), &event.readers),
            ]
        });
        [(Self::Machine, &model.readers)]
            .into_iter()
            .chain(of_events)
    }

    /// Names the constant of the role at this position.
    fn constant(self, n: usize) -> Ident {
        match self {
            Self::Machine => format_ident!("READER_{n}"),
            Self::Writers(event) => format_ident!("ROLE_{event}_{n}"),
            Self::Readers(event) => format_ident!("READER_{event}_{n}"),
        }
    }

    /// Generates the list of this many roles.
    fn names(self, count: usize) -> TokenStream {
        let names = (0..count).map(|n| self.constant(n));
        borrowed(names.map(|name| quote!(Cow::Borrowed(#name))))
    }
}

/// Generates the rule of who may read the machine.
pub(super) fn reading(model: &Model) -> TokenStream {
    if model.readers.is_empty() && !model.public {
        return quote!(_private::ReadRule::OPEN);
    }
    let readers = RoleList::Machine.names(model.readers.len());
    let public = model.public;
    quote!({
        #[allow(unused_imports)]
        use _private::{Cow, ReadRule};
        ReadRule { readers: #readers, public: #public }
    })
}

/// Generates the list of unique fields; nothing if there are none.
pub(super) fn unique(model: &Model) -> TokenStream {
    if model.unique.is_empty() {
        return TokenStream::new();
    }
    let outline = &model.outline;
    let type_ident = &outline.type_ident;
    let fields = model.unique.iter().map(|position| {
        let field = &outline.data.fields[*position];
        let name = field.ident.unraw().to_string();
        let set_by = field.sources.iter().filter_map(|source| {
            let from = outline.payload_field(source)?;
            let variant = &outline.variants[source.event].ident;
            Some(quote!((index(#type_ident::#variant), Cow::Borrowed(#from))))
        });
        let set_by = borrowed(set_by);
        quote!(UniqueField { name: Cow::Borrowed(#name), set_by: #set_by })
    });
    let fields = borrowed(fields);
    quote!({
        #[allow(unused_imports)]
        use _private::{Cow, UniqueField};
        #fields
    })
}

fn entry(outline: &Outline, position: usize, rule: &EventRule, event: &Event) -> TokenStream {
    let follows = match &event.follows {
        Some(formula) => formula_of(outline, formula),
        None => quote!(Formula::Nothing),
    };
    let accumulate = match &event.accumulate {
        Some(accumulator) => accumulator_of(outline, accumulator),
        None => quote!(Accumulator::Current),
    };
    let clauses = rule.clauses.iter().map(clause);
    let clauses = borrowed(clauses);
    let (keep, add) = (set(rule.update.keep), set(rule.update.add));
    let name = rule.name.as_ref();
    let EventRule {
        restarting,
        auto_transition,
        terminal,
        internal,
        rejection,
        ..
    } = rule;
    let timer = match &rule.timer {
        None => quote!(::core::option::Option::None),
        Some(Timer::After { seconds }) => {
            quote!(::core::option::Option::Some(Timer::After { seconds: #seconds }))
        }
        Some(Timer::At { field }) => {
            let field = field.as_ref();
            quote!(::core::option::Option::Some(Timer::At { field: Cow::Borrowed(#field) }))
        }
    };
    let requires = rule.requires.iter().map(AsRef::<str>::as_ref);
    let requires = borrowed(requires.map(|field| quote!(Cow::Borrowed(#field))));
    let roles = RoleList::Writers(position).names(event.by.len());
    let readers = RoleList::Readers(position).names(event.readers.len());
    quote! {
        EventRule {
            name: Cow::Borrowed(#name),
            follows: #follows,
            clauses: #clauses,
            accumulate: #accumulate,
            update: Update { keep: #keep, add: #add },
            restarting: #restarting,
            auto_transition: #auto_transition,
            terminal: #terminal,
            requires: #requires,
            roles: #roles,
            readers: #readers,
            internal: #internal,
            rejection: #rejection,
            timer: #timer,
        }
    }
}

/// Writes a formula as an expression.
fn formula_of(outline: &Outline, formula: &Formula<EventRef>) -> TokenStream {
    let all = |operands: &[Formula<EventRef>]| {
        borrowed(operands.iter().map(|operand| formula_of(outline, operand)))
    };
    match formula {
        Formula::Nothing => quote!(Formula::Nothing),
        Formula::Event(event) => {
            let event = index(outline, *event);
            quote!(Formula::Event(#event))
        }
        Formula::NoneOf(operands) => {
            let operands = all(operands);
            quote!(Formula::NoneOf(#operands))
        }
        Formula::AnyOf(operands) => {
            let operands = all(operands);
            quote!(Formula::AnyOf(#operands))
        }
        Formula::AllOf(operands) => {
            let operands = all(operands);
            quote!(Formula::AllOf(#operands))
        }
    }
}

/// Writes an accumulator as an expression.
fn accumulator_of(outline: &Outline, accumulator: &Accumulator<EventRef>) -> TokenStream {
    let all = |events: &[EventRef]| borrowed(events.iter().map(|event| index(outline, *event)));
    match accumulator {
        Accumulator::Current => quote!(Accumulator::Current),
        Accumulator::Keep => quote!(Accumulator::Keep),
        Accumulator::Union => quote!(Accumulator::Union),
        Accumulator::Alias(event) => {
            let event = index(outline, *event);
            quote!(Accumulator::Alias(#event))
        }
        Accumulator::Addition(events) => {
            let events = all(events);
            quote!(Accumulator::Addition(#events))
        }
        Accumulator::Difference(events) => {
            let events = all(events);
            quote!(Accumulator::Difference(#events))
        }
        Accumulator::Compose(parts) => {
            let parts = borrowed(parts.iter().map(|part| accumulator_of(outline, part)));
            quote!(Accumulator::Compose(#parts))
        }
    }
}

/// Writes the index of an event that a rule names.
///
/// The name keeps its source location, for "go to definition" and "rename".
fn index(outline: &Outline, event: EventRef) -> TokenStream {
    let type_ident = &outline.type_ident;
    let mut name = outline.variants[event.position].ident.clone();
    name.set_span(event.span);
    quote!(index(#type_ident::#name))
}

fn clause(clause: &Clause) -> TokenStream {
    let (all, none) = (set(clause.all), set(clause.none));
    quote!(Clause { all: #all, none: #none })
}

/// Writes the bits in hexadecimal, four digits per group.
fn set(set: StateSet) -> TokenStream {
    match set {
        StateSet::EMPTY => return quote!(StateSet::EMPTY),
        StateSet::ALL => return quote!(StateSet::ALL),
        _ => {}
    }
    let digits = format!("{:x}", set.bits());
    let mut text = String::from("0x");
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 4 == 0 {
            text.push('_');
        }
        text.push(digit);
    }
    let bits = text
        .parse::<Literal>()
        .unwrap_or_else(|_| Literal::u64_unsuffixed(set.bits()));
    let bits = TokenTree::from(bits);
    quote!(StateSet::from_bits(#bits))
}

fn borrowed(items: impl Iterator<Item = TokenStream>) -> TokenStream {
    quote!(Cow::Borrowed(&[#(#items),*]))
}
