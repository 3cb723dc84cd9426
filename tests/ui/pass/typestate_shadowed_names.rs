//! Names in the author's scope do not clash with the typed handle.
#![deny(warnings)]

#[allow(dead_code)]
mod shadow {
    pub struct Option;
    pub struct Result;
    pub struct String;
    pub struct Vec;
    pub struct Cow;
    pub struct Machine;
    pub struct EventRule;
    pub struct Formula;
    pub struct Ok;
    pub struct Err;
    pub struct Some;
    pub struct None;
    pub mod core {}
    pub mod std {}
    pub mod eventsource_core {}
}

mod inner {
    use crate::shadow::*;

    #[derive(::serde::Serialize, ::serde::Deserialize, ::eventsource_core::Event)]
    #[machine(entity = "odd", typestate, allow(dead_end))]
    pub enum Event {
        Created { at: ::std::option::Option<u8> },
        #[event(follows = Created)]
        Type,
        #[event(follows = Type)]
        Err,
        #[event(follows = Err)]
        Ok,
        #[event(follows = Ok)]
        Some,
        #[event(follows = Some)]
        None,
        #[event(follows = None)]
        Option,
        #[event(follows = Option)]
        String,
        #[event(follows = String)]
        MACHINE { at: u8 },
        #[event(follows = MACHINE, rename = "all")]
        ALL,
        #[event(follows = ALL)]
        ENTITY,
        #[event(follows = ENTITY)]
        RULES,
        #[event(follows = RULES, accumulate = compose(keep(), difference(RULES), union()))]
        Event,
    }

    pub type Unused = (Result, Vec, Cow, Machine, EventRule, Formula);
}

fn main() {
    let odd = inner::EventHandle::new(::eventsource_core::EntityId::new());
    let odd = odd.created(::std::option::Option::None).r#type().err().ok().some().none();
    ::std::assert_eq!(odd.option().string().machine(1).all().pending().len(), 10);
    use ::eventsource_core::{Event, EventType};
    ::std::assert_eq!(inner::EventType::Type.name(), "TYPE");
    ::std::assert_eq!(inner::EventType::ALL.name(), "all");
    ::std::assert_eq!(<inner::EventType as EventType>::ALL.len(), 13);
    ::std::assert_eq!(inner::Event::Ok.event_type(), inner::EventType::Ok);
    ::std::assert_eq!(<inner::Event as Event>::MACHINE.len(), 13);
}
