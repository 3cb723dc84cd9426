//! Documentation of the generated items.

use eventsource_model::Machine;
use eventsource_model::render::{self, Drawing, MAX_EXPLORED_STATES};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use crate::model::{DataField, DataFrom, Outline, Variant};

/// Documentation of the enum of event types.
pub(crate) struct Docs {
    pub(crate) of_type: TokenStream,
    /// Documentation of the variants, one each.
    pub(crate) of_variants: Vec<TokenStream>,
}

impl Docs {
    /// Writes the documentation of a machine: for the type a picture and the table of rules, for a
    /// variant its own rules.
    pub(crate) fn of(outline: &Outline, machine: &Machine) -> Self {
        let (summary, table) = (summary(outline), render::markdown_table(machine));
        // One more, for the empty state.
        let exploration = machine.explore(MAX_EXPLORED_STATES + 1);
        let drawing = match machine.rejections().is_empty() {
            true => Drawing::of_explored(machine, &exploration),
            false => Drawing::of(machine),
        };
        let of_type = match drawing {
            Ok(drawing) => {
                let (before, picture) = (lines(&format!("{summary}\n\n")), picture(&drawing));
                let after = lines(&format!("\n# Rules\n\n{table}"));
                quote!(#before #picture #after)
            }
            Err(error) => lines(&format!(
                "{summary}\n\n# Rules\n\n{table}\nThere is {error}."
            )),
        };
        let of_variants = outline.variants.iter().zip(machine.events());
        let of_variants = of_variants
            .map(|(variant, event)| {
                let rules = render::markdown_event(machine, &exploration, event);
                lines(&format!("{}\n\n{rules}", summary_of(outline, variant)))
            })
            .collect();
        Self {
            of_type,
            of_variants,
        }
    }

    /// Writes documentation without rules, for stubs.
    pub(crate) fn of_stub(outline: &Outline) -> Self {
        let variants = outline.variants.iter();
        Self {
            of_type: lines(&summary(outline)),
            of_variants: variants
                .map(|variant| lines(&summary_of(outline, variant)))
                .collect(),
        }
    }
}

/// Documents the implementation for the annotated enum, whose own documentation is its author's.
pub(crate) fn of_event(outline: &Outline) -> TokenStream {
    lines(&format!(
        "Rules: see [`{}`] for a picture and a table.",
        outline.type_ident.unraw()
    ))
}

/// Documents the struct of an entity's data.
pub(crate) fn of_data(outline: &Outline) -> TokenStream {
    let ident = outline.ident.unraw();
    let mut text = format!(
        "Data of an entity: the latest value of each payload field of [`{ident}`].\n\nA field is `None` until an event gives it a value. An `Option` that is `None` leaves the older value, and a restart keeps all values."
    );
    if !outline.data.fields.is_empty() {
        text.push_str("\n\n| field | fed by |\n| --- | --- |");
    }
    for field in &outline.data.fields {
        text.push_str(&format!(
            "\n| `{}` | {} |",
            field.ident.unraw(),
            sources(outline, field)
        ));
    }
    lines(&text)
}

pub(crate) fn of_data_field(outline: &Outline, field: &DataField) -> TokenStream {
    lines(&format!("Latest value of {}.", sources(outline, field)))
}

/// Lists the payload fields that feed a field of the data.
fn sources(outline: &Outline, field: &DataField) -> String {
    let each = field.sources.iter().map(|source| {
        let variant = &outline.variants[source.event];
        let event = variant.ident.unraw();
        match &source.from {
            DataFrom::Payload => format!("`{event}`"),
            DataFrom::Part(part) => format!("`{event}.{}`", part.unraw()),
            DataFrom::Field(position) => {
                let field = variant.fields.iter().nth(*position);
                let name = field.and_then(|field| field.ident.as_ref());
                name.map_or_else(
                    || format!("`{event}`"),
                    |name| format!("`{event}.{}`", name.unraw()),
                )
            }
        }
    });
    each.collect::<Vec<_>>().join(", ")
}

fn summary(outline: &Outline) -> String {
    format!("Event types of [`{}`].", outline.ident.unraw())
}

/// Writes a link to the author's variant.
///
/// Its documentation is not repeated: examples would be tested twice, and links may hold only
/// there.
fn summary_of(outline: &Outline, variant: &Variant) -> String {
    let (ident, variant) = (outline.ident.unraw(), variant.ident.unraw());
    format!("Event type of [`{ident}::{variant}`].")
}

/// Writes the picture as HTML in Markdown: from `<div` to the next blank line, of which it has
/// none.
fn picture(drawing: &Drawing) -> TokenStream {
    let svg = drawing.svg();
    // In one attribute, since nobody reads it line by line. A wide picture scrolls instead of
    // shrinking until it is unreadable.
    let html = format!(" <div style=\"overflow-x:auto\">\n{svg}</div>").replace('\n', "\n ");
    quote!(#[doc = #html])
}

/// Writes one `#[doc]` attribute per line, as `///` would.
fn lines(text: &str) -> TokenStream {
    text.lines()
        .map(|line| {
            let line = if line.is_empty() {
                String::new()
            } else {
                format!(" {line}")
            };
            quote!(#[doc = #line])
        })
        .collect()
}
