//! Code generation.
//!
//! Every path in it is absolute: it starts at `::core`, or at the two names that the enclosing
//! `const _` imports, so nothing that the author has in scope can get in the way. Nothing says
//! `Self::Name` for an associated item either, since a variant may have that name.

pub(crate) mod data;
mod event_type;
mod table;
pub(crate) mod typed;

use eventsource_model::Machine;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Fields, Ident, Path};

use crate::docs::Docs;
use crate::model::{FieldProbe, Model, Outline, Timer, Variant};
use crate::syntax::IdFormat;

pub(crate) use event_type::declaration;

/// Generates all code for an enum without errors.
pub(crate) fn emit(model: &Model, machine: &Machine) -> TokenStream {
    let outline = &model.outline;
    let docs = Docs::of(outline, machine);
    let declaration = declaration(outline, &docs);
    let data = data::declaration(outline);
    let typed = typed::emit(model, machine);
    let impls = [
        table::rules(model, machine),
        event_type::impls(model),
        event(model),
        data::impls(outline),
        model
            .events
            .iter()
            .filter_map(|event| event.probe.as_ref())
            .map(probe)
            .collect(),
        typed.impls,
    ];
    let impls = in_const(outline.krate.as_ref(), &quote!(#(#impls)*));
    let items = typed.items;
    quote! {
        #declaration
        #data
        #items
        #impls
    }
}

/// Wraps `items` in a `const _` in which `_core` and `_private` are imported, so that nothing is
/// added to the author's scope.
pub(crate) fn in_const(krate: Option<&Path>, items: &TokenStream) -> TokenStream {
    let Some(krate) = krate else {
        return TokenStream::new();
    };
    // At the path's own place, for rustc to report there what it does not find.
    let core = Ident::new("_core", krate.span());
    quote! {
        const _: () = {
            use #krate as #core;
            use _core::__private as _private;
            #items
        };
    }
}

/// Generates `impl Event for TaskEvent`.
fn event(model: &Model) -> TokenStream {
    let Outline {
        ident,
        type_ident,
        variants,
        ..
    } = &model.outline;
    let entity = &model.entity;
    let patterns = variants.iter().map(pattern);
    let names = variants.iter().map(|variant| &variant.ident);
    let id = id(&model.id);
    let docs = crate::docs::of_event(&model.outline);
    let (data, table) = (&model.outline.data.ident, data::table(&model.outline));
    let clear = data::clear(&model.outline);
    let due_time = due_time(model);
    quote! {
        #docs
        #[automatically_derived]
        impl _core::Event for #ident {
            type Type = #type_ident;
            type Data = #data;
            const ENTITY: &'static str = #entity;
            const DATA_FIELDS: &'static [_core::DataField] = #table;
            #id
            #clear
            #due_time
            fn event_type(&self) -> #type_ident {
                match self {
                    #(Self::#patterns => #type_ident::#names,)*
                }
            }
        }
    }
}

/// Generates `fn due_time`, unless no timer names a field.
///
/// rustc reports a field that is no time, where the timer names it.
fn due_time(model: &Model) -> TokenStream {
    let fields = model.events.iter().enumerate();
    let times = fields.filter_map(|(event, timed)| match &timed.timer {
        Some(Timer::At { name, position }) => {
            let event = &model.outline.variants[event].ident;
            let type_ident = &model.outline.type_ident;
            let mut field = model.outline.data.fields[*position].ident.clone();
            field.set_span(name.span());
            let time = quote_spanned!(name.span()=> _private::due_time(value));
            Some(quote! {
                #type_ident::#event => match &data.#field {
                    ::core::option::Option::Some(value) => ::core::option::Option::Some(#time),
                    ::core::option::Option::None => ::core::option::Option::None,
                },
            })
        }
        _ => None,
    });
    let times: TokenStream = times.collect();
    if times.is_empty() {
        return times;
    }
    let (type_ident, data) = (&model.outline.type_ident, &model.outline.data.ident);
    quote! {
        #[allow(unreachable_patterns, reason = "every event may have such a timer")]
        fn due_time(data: &#data, event: #type_ident) -> ::core::option::Option<_private::Time> {
            match event {
                #times
                _ => ::core::option::Option::None,
            }
        }
    }
}

/// Generates `const ID`, unless it is the default of the trait.
fn id(id: &IdFormat) -> TokenStream {
    let format = match id {
        IdFormat::Uuid => return TokenStream::new(),
        IdFormat::Ulid { prefix } => quote!(Ulid { prefix: #prefix }),
        IdFormat::Counter { prefix, width } => quote!(Counter { prefix: #prefix, width: #width }),
    };
    quote!(const ID: _core::IdFormat = _core::IdFormat::#format;)
}

fn pattern(variant: &Variant) -> TokenStream {
    let ident = &variant.ident;
    match variant.fields {
        Fields::Named(_) => quote!(#ident { .. }),
        Fields::Unnamed(_) => quote!(#ident(..)),
        Fields::Unit => quote!(#ident),
    }
}

/// Generates code that compiles only if the payload has the fields: rustc reports the error, on the
/// name.
fn probe(probe: &FieldProbe) -> TokenStream {
    let FieldProbe { payload, fields } = probe;
    quote! {
        const _: fn(&#payload) = |payload| {
            #(let _ = &payload.#fields;)*
        };
    }
}
