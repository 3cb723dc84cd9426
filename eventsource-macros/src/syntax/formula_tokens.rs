//! Tokens of a formula and each of its operands.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::buffer::Cursor;

/// Tokens of a formula, and of its operands in their order.
#[derive(Clone, Default)]
pub(crate) struct FormulaTokens {
    pub(crate) tokens: TokenStream,
    pub(crate) operands: Vec<FormulaTokens>,
}

impl FormulaTokens {
    /// Returns the operand at `path`, given as positions at each level.
    ///
    /// Where sugar stands for a formula, it is the last operand on the path that is written.
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

/// Returns the tokens between two places in the input.
///
/// The capture of a `macro_rules!` is taken out of its invisible group, which has no location.
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
