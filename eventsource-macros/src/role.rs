//! `#[derive(Role)]`: a fieldless enum becomes the roles of actors.

use std::collections::HashMap;

use eventsource_model::findings::Code;
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident};

use crate::check::names::problem;
use crate::emit;
use crate::errors::Errors;
use crate::syntax::role::{on_enum, on_variant};

/// Expands the derive, on tokens that do not need a compiler around them.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let attr = on_enum(&input.attrs, &mut errors);
    let krate = match attr.krate {
        None if attr.names_crate => None,
        None => Some(syn::parse_quote!(::eventsource_core)),
        given => given,
    };
    let case = attr.rename_all.unwrap_or_default();
    let roles = roles(&input, |ident| case.apply(ident), &mut errors);
    let is_valid = errors.is_empty();
    let errors = errors.into_compile_errors();
    if !input.generics.params.is_empty() {
        return errors;
    }
    let impls = impls(&input.ident, if is_valid { &roles } else { &[] });
    let impls = emit::in_const(krate.as_ref(), &impls);
    quote!(#errors #impls)
}

struct Role {
    ident: Ident,
    name: String,
}

fn roles(input: &DeriveInput, named: impl Fn(&str) -> String, errors: &mut Errors) -> Vec<Role> {
    errors.at_enum();
    if !input.generics.params.is_empty() {
        let message = "an enum of roles has no parameters";
        errors.push_on(Code::Shape, &input.generics, message);
    }
    let Data::Enum(data) = &input.data else {
        let message = "only an enum can be roles\n= help: write `enum Role { Clerk, Manager }`";
        errors.push(Code::Shape, input.ident.span(), message);
        return Vec::new();
    };
    if data.variants.is_empty() {
        let message = format!("`{}` has no roles", input.ident.unraw());
        errors.push(Code::Shape, input.ident.span(), message);
    }
    let mut first_with: HashMap<String, String> = HashMap::new();
    let mut roles = Vec::with_capacity(data.variants.len());
    for (position, variant) in data.variants.iter().enumerate() {
        errors.at_variant(position);
        let ident = variant.ident.unraw().to_string();
        if !matches!(variant.fields, Fields::Unit) {
            let message = format!("a role has no fields\n= help: write `{ident}` alone");
            errors.push(Code::Shape, variant.fields.span(), message);
        }
        let rename = on_variant(&variant.attrs, errors);
        let (name, span) = match &rename {
            Some(rename) => (rename.value(), rename.span()),
            None => (named(&ident), variant.ident.span()),
        };
        if let Some(problem) = problem(&name) {
            let message = format!(
                "the name of the role `{ident}` {problem}\n= help: give it one of `A-Z a-z 0-9 _ . -`: `#[role(rename = \"..\")]`"
            );
            errors.push(Code::Shape, span, message);
        } else if let Some(other) = first_with.get(&name) {
            let message = format!(
                "the roles `{other}` and `{ident}` are both called `{name}`\n= help: give one of them another name: `#[role(rename = \"..\")]`"
            );
            errors.push(Code::Shape, span, message);
        }
        first_with.entry(name.clone()).or_insert(ident);
        roles.push(Role {
            ident: variant.ident.clone(),
            name,
        });
    }
    roles
}

/// Generates the trait implementations.
///
/// Without roles these are stubs, which never run: the enum then has only the error that was
/// reported.
fn impls(ident: &Ident, roles: &[Role]) -> TokenStream {
    let idents: Vec<&Ident> = roles.iter().map(|role| &role.ident).collect();
    let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    let name = if roles.is_empty() {
        quote!(loop {})
    } else {
        quote! {
            match role {
                #(#ident::#idents => #names,)*
            }
        }
    };
    quote! {
        const fn name(role: &#ident) -> &'static str {
            #name
        }
        #[automatically_derived]
        impl _core::Role for #ident {
            const ALL: &'static [Self] = &[#(Self::#idents),*];
            const NAMES: &'static [(i128, &'static str)] = &[#((Self::#idents as i128, #names)),*];
            fn name(self) -> &'static str {
                name(&self)
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.pad(name(self))
            }
        }
        #[automatically_derived]
        impl ::core::str::FromStr for #ident {
            type Err = _core::UnknownRole;
            fn from_str(name: &str) -> ::core::result::Result<Self, _core::UnknownRole> {
                match name {
                    #(#names => ::core::result::Result::Ok(Self::#idents),)*
                    _ => ::core::result::Result::Err(_core::UnknownRole::of::<Self>(name)),
                }
            }
        }
        #[automatically_derived]
        impl ::core::convert::From<#ident> for _private::String {
            fn from(role: #ident) -> Self {
                _private::String::from(name(&role))
            }
        }
    }
}
