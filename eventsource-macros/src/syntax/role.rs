//! Parser of `#[derive(Role)]`: the enum of roles as written.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitStr, Path};

use super::case::{self, Case};
use super::items::{self, GivenKeys};
use super::vocabulary::Vocabulary;
use super::{ParseContext, machine};
use crate::errors::Errors;

const ON_ENUM: Vocabulary = Vocabulary {
    attribute: "role",
    example: "rename_all = \"snake_case\"",
    keys: &["rename_all", "crate"],
    repeatable: &[],
    not_yet: &[],
};

const ON_VARIANT: Vocabulary = Vocabulary {
    attribute: "role",
    example: "rename = \"MANAGER\"",
    keys: &["rename"],
    repeatable: &[],
    not_yet: &[],
};

/// Keys of `#[role(..)]` on the enum.
#[derive(Default)]
pub(crate) struct OnEnum {
    pub(crate) rename_all: Option<Case>,
    pub(crate) krate: Option<Path>,
    /// Whether `crate` was given, with or without mistakes.
    pub(crate) names_crate: bool,
}

pub(crate) fn on_enum(attrs: &[Attribute], errors: &mut Errors) -> OnEnum {
    let mut read = OnEnum::default();
    let given = each(attrs, &ON_ENUM, errors, |key, input, context| {
        if key.unraw() == "rename_all" {
            read.rename_all = case::read(key, input, context);
        } else {
            read.krate = machine::krate(key, input, context);
        }
    });
    read.names_crate = given.has("crate");
    read
}

/// Parses `rename` of `#[role(..)]` on a variant.
pub(crate) fn on_variant(attrs: &[Attribute], errors: &mut Errors) -> Option<LitStr> {
    let mut rename = None;
    each(attrs, &ON_VARIANT, errors, |key, input, context| {
        rename = items::string(key, input, "\"MANAGER\"", context);
    });
    rename
}

fn each(
    attrs: &[Attribute],
    vocabulary: &Vocabulary,
    errors: &mut Errors,
    mut value: impl FnMut(&Ident, ParseStream, &mut ParseContext),
) -> GivenKeys {
    let mut given = GivenKeys::default();
    let mut context = ParseContext {
        errors,
        events: &[],
        implies: false,
    };
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("role")) {
        items::read(attr, vocabulary, &mut given, &mut context, &mut value);
    }
    given
}
