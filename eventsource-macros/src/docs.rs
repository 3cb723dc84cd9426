//! The rustdoc text of what is generated.

use eventsource_model::{Machine, render};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use crate::model::{Outline, Variant};

/// The documentation of the enum of event types: its rules as a table and, if small, a picture.
pub(crate) fn of_type(outline: &Outline, machine: &Machine, max_states: usize) -> TokenStream {
    let mut text = format!("{}\n\n# Rules\n\n", summary(outline));
    text.push_str(&render::markdown_table(machine));
    let picture = render::mermaid(machine).filter(|_| machine.explore(max_states).is_complete());
    if let Some(picture) = picture {
        text.push_str("\n# Diagram\n\n```mermaid\n");
        text.push_str(&picture);
        text.push_str("```\n");
    }
    lines(&text)
}

/// The documentation without rules, for stubs.
pub(crate) fn of_stub(outline: &Outline) -> TokenStream {
    lines(&summary(outline))
}

fn summary(outline: &Outline) -> String {
    format!("The event types of [`{}`].", outline.ident.unraw())
}

/// Where to read on. What the author wrote on the variant is not repeated: its examples would be
/// tested twice, and its links may hold only there.
pub(crate) fn of_variant(outline: &Outline, variant: &Variant) -> TokenStream {
    let (ident, variant) = (outline.ident.unraw(), variant.ident.unraw());
    lines(&format!("The type of [`{ident}::{variant}`]."))
}

/// One `#[doc]` a line, as `///` would give.
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
