//! Attributes while they are being written: never a panic, always an error.

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::{Attribute, DeriveInput, Meta};

use super::{deriving, errors};
use crate::derive::expand;

/// Tokens at which a cut is incomplete.
const OPEN_ENDS: [&str; 34] = [
    "",
    "(",
    "=",
    "&",
    "|",
    "!",
    "crate",
    "entity",
    "id",
    "rename_all",
    "max_states",
    "follows",
    "accumulate",
    "requires",
    "event",
    "alias",
    "compose",
    "rename",
    "addition",
    "difference",
    "=>",
    "never",
    "always",
    "eventually",
    "allow",
    "warn",
    "deny",
    "fingerprint",
    "roles",
    "by",
    "read_by",
    "width",
    "ulid",
    "counter",
];
/// Words whose parentheses may be empty.
const MAY_BE_EMPTY: [&str; 5] = ["union", "keep", "nothing", "any_state", "non_terminal"];
const COMBINATORS: [&str; 3] = ["all_of", "any_of", "but_not"];

/// Cuts `tokens` after every token, at every depth, with the delimiters closed.
pub(super) fn cuts(tokens: &TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut cuts = Vec::new();
    for position in 0..tokens.len() {
        let before = &tokens[..position];
        cuts.push(before.iter().cloned().collect());
        if let TokenTree::Group(group) = &tokens[position] {
            for inner in self::cuts(&group.stream()) {
                let group = TokenTree::Group(Group::new(group.delimiter(), inner));
                cuts.push(before.iter().cloned().chain([group]).collect());
            }
        }
    }
    cuts
}

/// Attributes with every key about findings.
const FINDINGS: &str = r#"
    #[derive(Event)]
    #[machine(entity = "task", max_states = 100, fingerprint = "00", never(Created & !Ended | nothing))]
    #[machine(always(Ended => Created => any_of(Ended, !(Created => Ended))), eventually(Ended))]
    #[machine(allow(dead_end, never_ends), warn(order_matters,), deny(no_operation))]
    enum TaskEvent {
        #[event(allow(always_legal), terminal, allow(dead_end))]
        Created,
        #[event(follows = Created, allow(constant_operand, redundant_operand))]
        Ended,
    }
"#;

/// Attributes with every key about names and actors. Where they are cut, the roles are given all
/// the same.
const IDENTITY: &str = r#"
    #[derive(Event)]
    #[machine(entity = "task")]
    #[machine(id = counter("TSK-", width = 10,))]
    #[machine(roles = Party, read_by(Clerk,))]
    enum TaskEvent {
        #[event(by(Clerk, Manager,), read_by(Manager), terminal)]
        Created,
    }
    #[derive(Event)]
    #[machine(entity = "task")]
    #[machine(id = ulid("tsk_"))]
    enum OtherEvent {
        #[event(terminal)]
        Created,
    }
"#;

fn is_complete(tokens: &TokenStream) -> bool {
    let text = tokens.to_string();
    let text = text.trim_end_matches([')', ' ']);
    let last = text.rsplit([' ', '(']).next().unwrap_or_default();
    let open = OPEN_ENDS.contains(&last) || COMBINATORS.contains(&last) || text.ends_with('(');
    let word = text.trim_end_matches(['(', ' ']).rsplit([' ', '(']).next();
    !open || (text.ends_with('(') && word.is_some_and(|word| MAY_BE_EMPTY.contains(&word)))
}

/// Returns whether the message is about the syntax, not about the rules.
fn is_about_the_writing(message: &str) -> bool {
    let first = message.lines().next().unwrap_or_default();
    let codes = ["ES001", "ES002", "ES003", "ES004", "ES090"];
    codes
        .iter()
        .any(|code| first.ends_with(&format!("[{code}]")))
}

/// Lists every attribute of the derive in the item.
fn attributes(item: &mut DeriveInput) -> Vec<&mut Attribute> {
    let syn::Data::Enum(data) = &mut item.data else {
        panic!("an enum");
    };
    let on_variants = data
        .variants
        .iter_mut()
        .flat_map(|variant| &mut variant.attrs);
    item.attrs
        .iter_mut()
        .chain(on_variants)
        .filter(|attr| attr.path().is_ident("event") || attr.path().is_ident("machine"))
        .collect()
}

#[test]
fn incomplete_input_is_an_error() {
    let sources = [
        include_str!("../../../tests/ui/pass/task.rs"),
        include_str!("../../../tests/ui/pass/sugar.rs"),
        include_str!("../../../tests/ui/pass/raw_identifiers.rs"),
        include_str!("../../../tests/ui/pass/typestate.rs"),
        FINDINGS,
        IDENTITY,
    ];
    let mut seen = 0;
    for item in sources.into_iter().flat_map(deriving) {
        let whole: DeriveInput = syn::parse2(item).expect("an item");
        let count = attributes(&mut whole.clone()).len();
        for number in 0..count {
            let Meta::List(list) = attributes(&mut whole.clone())[number].meta.clone() else {
                panic!("a list");
            };
            for cut in cuts(&list.tokens) {
                let mut item = whole.clone();
                if let Meta::List(list) = &mut attributes(&mut item)[number].meta {
                    list.tokens = cut.clone();
                }
                let mut found = errors(expand(quote::quote!(#item)));
                // Rules that end early are understood, and some of them make no sense.
                found.retain(|message| is_about_the_writing(message));
                assert_eq!(
                    found.is_empty(),
                    is_complete(&cut),
                    "#[..({cut})]: {found:?}"
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 350, "{seen} cuts");
}

/// Uses words and signs in random order, from a generator with a fixed seed.
#[test]
fn random_tokens_do_not_panic() {
    const WORDS: [&str; 65] = [
        "after",
        "at",
        "rejection",
        "\"3 days\"",
        "by",
        "read_by",
        "internal",
        "public",
        "roles",
        "ulid",
        "counter",
        "width",
        "uuid",
        "follows",
        "accumulate",
        "requires",
        "restarting",
        "terminal",
        "rename",
        "never",
        "always",
        "eventually",
        "allow",
        "warn",
        "deny",
        "fingerprint",
        "dead_end",
        "invariant",
        "=>",
        "=>",
        "->",
        "entity",
        "id",
        "crate",
        "max_states",
        "rename_all",
        "all_of",
        "any_of",
        "but_not",
        "nothing",
        "event",
        "any_state",
        "non_terminal",
        "union",
        "alias",
        "compose",
        "addition",
        "A",
        "r#type",
        "_",
        "=",
        "=",
        ",",
        ",",
        "&",
        "|",
        "!",
        "::",
        "\"A\"",
        "7",
        "'a",
        "-1.5e3",
        "&&",
        "()",
        "[A, (B)]",
    ];
    let mut seed: u64 = 1;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(seed >> 33).unwrap_or_default() % below
    };
    for _ in 0..5000 {
        let mut text = String::new();
        let mut open = 0;
        for _ in 0..random(12) {
            text.push_str(WORDS[random(WORDS.len())]);
            text.push(' ');
            match random(6) {
                0 => {
                    text.push('(');
                    open += 1;
                }
                1 if open > 0 => {
                    text.push(')');
                    open -= 1;
                }
                _ => {}
            }
        }
        text.push_str(&")".repeat(open));
        let source = format!(
            "#[machine({text})] enum Soup {{ #[event({text})] A, #[event(follows = {text})] B {{ f: u8 }} }}"
        );
        // Not every order of signs is a sequence of tokens.
        if let Ok(tokens) = source.parse::<TokenStream>() {
            assert!(!errors(expand(tokens)).is_empty(), "{source}");
        }
    }
}
