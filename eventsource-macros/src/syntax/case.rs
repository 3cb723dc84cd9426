//! Parser of `rename_all = ".."`, and the cases of names.

use eventsource_model::findings::Code;
use heck::{
    ToKebabCase, ToLowerCamelCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase,
    ToUpperCamelCase,
};
use syn::Ident;
use syn::parse::ParseStream;

use super::ParseContext;
use super::items;
use crate::suggest;

/// Case of the names that event types and roles get from their variants, in serde's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    #[default]
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

const CASES: [(&str, Case); 8] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("PascalCase", Case::Pascal),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
    ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
];

/// Parses the case of `rename_all = ".."`.
pub(super) fn read(key: &Ident, input: ParseStream, context: &mut ParseContext) -> Option<Case> {
    let word = items::string(key, input, "\"SCREAMING_SNAKE_CASE\"", context)?;
    let found = CASES.iter().find(|(name, _)| *name == word.value());
    if found.is_none() {
        let names = CASES.map(|(name, _)| name);
        let message = format!(
            "unknown case `{}` in `rename_all`\n= help: the cases are {}",
            word.value(),
            suggest::list(&names),
        );
        context.errors.push(Code::Syntax, word.span(), message);
    }
    found.map(|(_, case)| *case)
}

impl Case {
    /// Returns the name for a variant.
    pub(crate) fn apply(self, variant: &str) -> String {
        match self {
            Self::Lower => variant.to_lowercase(),
            Self::Upper => variant.to_uppercase(),
            Self::Pascal => variant.to_upper_camel_case(),
            Self::Camel => variant.to_lower_camel_case(),
            Self::Snake => variant.to_snake_case(),
            Self::ScreamingSnake => variant.to_shouty_snake_case(),
            Self::Kebab => variant.to_kebab_case(),
            Self::ScreamingKebab => variant.to_shouty_kebab_case(),
        }
    }
}
