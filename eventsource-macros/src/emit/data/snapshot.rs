//! Generates `Deserialize` and `Snapshot` for the data of an entity.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::{if_fields_but, local};
use crate::model::{DataField, DataFrom, Outline};

/// Generates `impl Deserialize for TaskData` and `impl Snapshot<TaskEvent> for TaskData`, if the
/// fields can be read back.
pub(super) fn impls(outline: &Outline) -> TokenStream {
    let Outline { ident, data, .. } = outline;
    let data_ident = &data.ident;
    let (deserializer, stored) = (local("deserializer"), local("stored"));
    let read_by_serde = |field: &DataField| field.deserialize_with.is_none();
    let bounds = if_fields_but(
        outline,
        &quote!(_private::Deserialize<'used>),
        read_by_serde,
    );
    let fields = data.fields.iter().map(|field| {
        let ident = &field.ident;
        let name = ident.unraw().to_string();
        let value = match &field.deserialize_with {
            None => quote!(#stored.take(#name)?),
            Some(with) => {
                let path = &with.path;
                let value = quote!(#stored.take_with(#name, #path)?);
                if with.takes_option {
                    quote!(::core::option::Option::flatten(#value))
                } else {
                    value
                }
            }
        };
        quote!(#ident: #value,)
    });
    let (mutable, unused) = match data.fields.is_empty() {
        true => (None, Some(quote!(let _ = #stored;))),
        false => (Some(quote!(mut)), None),
    };
    let version = version(outline);
    quote! {
        #[automatically_derived]
        impl<'de> _private::Deserialize<'de> for #data_ident #bounds {
            fn deserialize<D: _private::Deserializer<'de>>(
                #deserializer: D,
            ) -> ::core::result::Result<#data_ident, <D as _private::Deserializer<'de>>::Error> {
                let #mutable #stored = _private::StoredData::read(#deserializer)?;
                #unused
                ::core::result::Result::Ok(#data_ident { #(#fields)* })
            }
        }

        #[automatically_derived]
        impl _core::Snapshot<#ident> for #data_ident #bounds {
            const NAME: &'static str = "data";
            const VERSION: u32 = #version;
        }
    }
}

/// Computes the version of the snapshot, which changes with the fields and the payload fields that
/// feed them.
///
/// The types of the fields are traced by the store, with serde.
fn version(outline: &Outline) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut add = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    };
    for field in &outline.data.fields {
        add(&field.ident.unraw().to_string());
        add(&field.ty.to_string());
        for source in &field.sources {
            let variant = &outline.variants[source.event];
            add(&variant.ident.unraw().to_string());
            match &source.from {
                DataFrom::Payload => add("payload"),
                DataFrom::Part(part) => add(&part.unraw().to_string()),
                DataFrom::Field(position) => {
                    let field = variant.fields.iter().nth(*position);
                    let ident = field.and_then(|field| field.ident.as_ref());
                    add(&ident.map_or_else(String::new, |ident| ident.unraw().to_string()));
                }
            }
        }
    }
    hash
}
