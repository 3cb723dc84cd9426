//! Fragments and unions on tokens. The tests do what the macros of the fragments would do.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::Item;

use super::half_written::cuts;
use super::{errors, invoking};
use crate::union::{expand_fragment, expand_union, expand_unite};

/// Returns the name of a fragment and its variants.
fn fragment(tokens: &TokenStream) -> Option<(String, TokenStream)> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let at = tokens.iter().position(
        |token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
    )?;
    match &tokens[at.checked_sub(1)?..=at] {
        [TokenTree::Ident(name), TokenTree::Group(group)] => {
            Some((name.to_string(), group.stream()))
        }
        _ => None,
    }
}

/// Expands every stage of the unions in a source file, and the derive on the resulting enums.
pub(super) fn expansions(source: &str) -> Vec<TokenStream> {
    let written = invoking(source, "event_fragment");
    let fragments: Vec<_> = written.iter().filter_map(fragment).collect();
    let mut stages: Vec<TokenStream> = written.into_iter().map(expand_fragment).collect();
    for union in invoking(source, "event_union") {
        let mut stage = expand_union(union);
        while let Some(next) = next(&stage, &fragments) {
            stages.push(stage);
            stage = next;
        }
        let derived = super::deriving(&stage.to_string());
        stages.push(stage);
        stages.extend(derived.into_iter().map(crate::derive::expand));
    }
    stages
}

/// Returns the next stage, if this one calls a known fragment.
fn next(stage: &TokenStream, fragments: &[(String, TokenStream)]) -> Option<TokenStream> {
    let file: syn::File = syn::parse2(stage.clone()).expect("what is generated is Rust");
    file.items.iter().find_map(|item| {
        let Item::Macro(item) = item else {
            return None;
        };
        let called = item.mac.path.segments.last()?.ident.to_string();
        let (_, variants) = fragments.iter().find(|(name, _)| *name == called)?;
        let state = item.mac.tokens.clone().into_iter().nth(1)?;
        Some(expand_unite(quote::quote!(#state { #variants })))
    })
}

fn formatted(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).expect("what is generated is Rust"))
}

const SOURCE: &str = "
    event_fragment! {
        /// Events that every task has.
        pub basic_task { Created { title: $crate::Title }, #[event(follows = Created)] Started }
    }
    event_union! {
        #[derive(Clone)]
        #[machine(entity = \"task\", crate = \"my::core\")]
        pub enum TaskEvent { Asked, ..parts::basic_task, #[event(follows = Started)] Reviewed }
    }
";

#[test]
fn fragment_expands_to_macro() {
    let [fragment] = &invoking(SOURCE, "event_fragment")[..] else {
        panic!("one fragment");
    };
    insta::assert_snapshot!(formatted(expand_fragment(fragment.clone())));
}

#[test]
fn union_calls_its_fragments_and_expands_to_enum() {
    let stages: Vec<String> = expansions(&SOURCE.replace("$crate", "crate"))
        .into_iter()
        .skip(1)
        .map(formatted)
        .collect();
    insta::assert_snapshot!(stages.join("\n// and then\n\n"));
}

#[test]
fn expansion_is_deterministic() {
    let source = include_str!("../../../tests/ui/pass/union.rs");
    let text = || -> Vec<String> { expansions(source).iter().map(ToString::to_string).collect() };
    assert_eq!(text(), text());
}

/// Fragments and unions while they are being written.
#[test]
fn incomplete_input_does_not_panic() {
    let sources = [
        include_str!("../../../tests/ui/pass/union.rs"),
        include_str!("../../../tests/ui/fail/union/syntax.rs"),
    ];
    let (mut seen, mut wrong) = (0, 0);
    for source in sources {
        let fragments = invoking(source, "event_fragment")
            .into_iter()
            .map(|it| (it, true));
        let unions = invoking(source, "event_union")
            .into_iter()
            .map(|it| (it, false));
        for (tokens, is_fragment) in fragments.chain(unions) {
            for cut in cuts(&tokens) {
                let has_body = cut.to_string().ends_with('}');
                let expanded = if is_fragment {
                    expand_fragment(cut.clone())
                } else {
                    expand_union(cut.clone())
                };
                let found = errors(expanded.clone());
                syn::parse2::<syn::File>(expanded).expect("what is generated is Rust");
                assert!(has_body || !found.is_empty(), "{cut}");
                seen += 1;
                wrong += usize::from(!found.is_empty());
            }
        }
    }
    assert!(seen > 400 && wrong > 300, "{wrong} of {seen} cuts");
}

/// The input of `unite` is written by a macro, but anybody can call it.
#[test]
fn unite_does_not_panic() {
    for text in [
        "",
        "{}",
        "{} {}",
        "A",
        "{ {} {} {} {} {} } {}",
        "{ {enum A} {x} {{}} {{}} {{a}} } {A}",
    ] {
        let found = errors(expand_unite(text.parse().expect("tokens")));
        let complete = text == "{ {} {} {} {} {} } {}";
        assert_eq!(found.is_empty(), complete, "{text}: {found:?}");
    }
}
