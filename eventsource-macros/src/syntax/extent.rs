//! How far a formula and each of its operands reach in the source.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::buffer::Cursor;

/// The tokens of a formula, and of the operands within it in the order of the formula.
#[derive(Clone, Default)]
pub(crate) struct Extent {
    pub(crate) tokens: TokenStream,
    pub(crate) operands: Vec<Extent>,
}

impl Extent {
    /// The operand at the end of `path`, as positions among the operands; or the last on the way
    /// to it that is written, where sugar stands for a formula.
    pub(crate) fn operand(&self, path: &[usize]) -> &Self {
        match path.split_first() {
            Some((first, rest)) => self
                .operands
                .get(*first)
                .map_or(self, |operand| operand.operand(rest)),
            None => self,
        }
    }
}

/// What stands between two places in the input. What a `macro_rules!` captured is taken out of its
/// invisible group, which has no place of its own.
pub(super) fn between(begin: Cursor, end: Cursor) -> TokenStream {
    let mut tokens = TokenStream::new();
    let mut cursor = begin;
    while cursor < end
        && let Some((token, next)) = cursor.token_tree()
    {
        extend(&mut tokens, token);
        cursor = next;
    }
    tokens
}

fn extend(tokens: &mut TokenStream, token: TokenTree) {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            for token in group.stream() {
                extend(tokens, token);
            }
        }
        token => tokens.extend([token]),
    }
}
