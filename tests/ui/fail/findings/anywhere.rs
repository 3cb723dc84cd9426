//! Warnings without a prelude, in a function, of keywords.
#![no_implicit_prelude]
#![deny(deprecated)]

mod eventsource_core {}

pub fn inside_a_function() {
    #[derive(::serde::Serialize, ::serde::Deserialize, ::eventsource_core::Event)]
    #[machine(entity = "word")]
    #[allow(non_camel_case_types)]
    enum Word {
        r#type,
        #[event(follows = r#type, accumulate = alias(r#type))]
        r#loop,
    }
}

fn main() {}
