//! `transitions!` on tokens: its expansion, and no panic on any input.

use proc_macro2::TokenStream;

use super::half_written::cuts;
use super::{errors, invoking};
use crate::transitions::expand;

#[test]
fn path_expands_to_constant() {
    let paths = "TaskEvent: Created -> Assigned => {Created, Assigned} -/-> Started; \
                 from {Started} -> type";
    let file = expand(paths.parse().expect("tokens"));
    let file = syn::parse2(file).expect("what is generated is Rust");
    insta::assert_snapshot!(prettyplease::unparse(&file));
}

#[test]
fn expansion_is_deterministic() {
    for paths in invoking(
        include_str!("../../../tests/ui/pass/transitions.rs"),
        "transitions",
    ) {
        assert_eq!(expand(paths.clone()).to_string(), expand(paths).to_string());
    }
}

/// Returns whether a cut could be all of an invocation.
fn is_complete(cut: &TokenStream) -> bool {
    let text = cut.to_string().replace("::", "");
    let Some((_, paths)) = text.split_once(':') else {
        return false;
    };
    let paths = paths.trim_end_matches([' ', ';']);
    let last = paths.rsplit(';').next().unwrap_or_default().trim();
    let only_a_state = last.starts_with("from {") && !last.contains('>');
    !paths.is_empty() && !last.ends_with(['>', '-', '/', '=']) && !only_a_state
}

#[test]
fn incomplete_input_is_an_error() {
    let sources = [
        include_str!("../../../tests/ui/pass/transitions.rs"),
        include_str!("../../../tests/ui/fail/transitions/illegal.rs"),
        include_str!("../../../tests/ui/fail/transitions/unknown.rs"),
    ];
    let mut seen = 0;
    for paths in sources
        .into_iter()
        .flat_map(|source| invoking(source, "transitions"))
    {
        assert_eq!(errors(expand(paths.clone())), [""; 0], "{paths}");
        for cut in cuts(&paths) {
            let found = errors(expand(cut.clone()));
            assert_eq!(found.is_empty(), is_complete(&cut), "`{cut}`: {found:?}");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen} cuts");
}

/// Uses words and signs in random order, from a generator with a fixed seed.
#[test]
fn random_tokens_do_not_panic() {
    const WORDS: [&str; 28] = [
        "A", "A", "B", "->", "->", "->", "-/->", "=>", ";", ";", "from", "from", "{A, B}", "{}",
        ":", "{", "}", "::", "\"A\"", "7", "-", "/", "_", "crate", "=", ",", "(A)", "r#type",
    ];
    let mut seed: u64 = 1;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap_or_default() % below
    };
    let mut wrong = 0;
    for round in 0..5000 {
        let mut text = String::from(if round % 4 == 0 { "" } else { "E: " });
        for _ in 0..random(10) {
            text.push_str(WORDS[random(WORDS.len())]);
            text.push(' ');
        }
        // Not every order of signs is a sequence of tokens.
        if let Ok(tokens) = text.parse::<TokenStream>() {
            let expanded = expand(tokens);
            wrong += usize::from(!errors(expanded.clone()).is_empty());
            syn::parse2::<syn::File>(expanded).expect("what is generated is Rust");
        }
    }
    assert!(wrong > 2000, "{wrong} errors");
}
