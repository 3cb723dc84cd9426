//! Tests of the macros on tokens, without a compiler around them.

mod expansion;
mod finding_locations;
mod half_written;
mod messages;
mod pages;
mod transitions;
mod union;

use proc_macro2::{TokenStream, TokenTree};
use syn::{Item, Lit, Stmt};

/// Finds the items that derive `Event` in a source file, in modules and functions too.
fn deriving(source: &str) -> Vec<TokenStream> {
    with_derive(source, "Event")
}

/// Finds the items with this derive.
fn with_derive(source: &str, derive: &str) -> Vec<TokenStream> {
    let file = syn::parse_file(source).expect("a test case is Rust");
    let mut found = Vec::new();
    collect(&file.items, derive, &mut found);
    found
}

fn collect(items: &[Item], derive: &str, found: &mut Vec<TokenStream>) {
    for item in items {
        let attrs = match item {
            Item::Enum(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Union(item) => &item.attrs,
            Item::Mod(module) => {
                if let Some((_, items)) = &module.content {
                    collect(items, derive, found);
                }
                continue;
            }
            Item::Fn(function) => {
                let statements = function.block.stmts.iter();
                let items = statements.filter_map(|statement| match statement {
                    Stmt::Item(item) => Some(item.clone()),
                    _ => None,
                });
                collect(&items.collect::<Vec<_>>(), derive, found);
                continue;
            }
            _ => continue,
        };
        let derives = attrs
            .iter()
            .filter(|attr| attr.path().is_ident("derive"))
            .any(|attr| quote::quote!(#attr).to_string().contains(derive));
        if derives {
            found.push(quote::quote!(#item));
        }
    }
}

/// Finds the tokens given to a macro of this name, where it is an item.
fn invoking(source: &str, name: &str) -> Vec<TokenStream> {
    fn collect(items: &[Item], name: &str, found: &mut Vec<TokenStream>) {
        for item in items {
            match item {
                Item::Macro(item)
                    if item
                        .mac
                        .path
                        .segments
                        .last()
                        .is_some_and(|s| s.ident == name) =>
                {
                    found.push(item.mac.tokens.clone());
                }
                Item::Mod(module) => {
                    if let Some((_, items)) = &module.content {
                        collect(items, name, found);
                    }
                }
                _ => {}
            }
        }
    }
    let file = syn::parse_file(source).expect("a test case is Rust");
    let mut found = Vec::new();
    collect(&file.items, name, &mut found);
    found
}

/// Expands every macro of the crate in a source file.
fn expansions(source: &str) -> Vec<TokenStream> {
    let derived = deriving(source).into_iter().map(crate::derive::expand);
    let roles = with_derive(source, "Role").into_iter();
    let paths = invoking(source, "transitions");
    derived
        .chain(roles.map(crate::role::expand))
        .chain(paths.into_iter().map(crate::transitions::expand))
        .chain(union::expansions(source))
        .collect()
}

/// Returns the texts of the `compile_error!`s among the tokens.
fn errors(tokens: TokenStream) -> Vec<String> {
    let mut messages = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let TokenTree::Ident(word) = token else {
            continue;
        };
        if word != "compile_error" {
            continue;
        }
        tokens.next();
        if let Some(TokenTree::Group(message)) = tokens.next() {
            match syn::parse2(message.stream()) {
                Ok(Lit::Str(message)) => messages.push(message.value()),
                _ => panic!("`compile_error!` takes a string"),
            }
        }
    }
    messages
}

/// Returns the notes of the deprecated macros among the tokens: these are the warnings.
fn warnings(tokens: TokenStream) -> Vec<String> {
    let mut messages = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => messages.extend(warnings(group.stream())),
            TokenTree::Ident(word) if word == "deprecated" => {
                // `deprecated(note = "message")`
                if let Some(TokenTree::Group(arguments)) = tokens.peek()
                    && let Some(TokenTree::Literal(message)) = arguments.stream().into_iter().nth(2)
                    && let Lit::Str(message) = Lit::new(message)
                {
                    messages.push(message.value());
                }
            }
            _ => {}
        }
    }
    messages
}
