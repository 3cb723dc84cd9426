//! The toolkit under another name, for crates that re-export it.
#![deny(warnings)]

mod toolkit {
    pub mod events {
        pub use eventsource_core::*;
        pub use eventsource_core::__private;
    }
}

mod deep {
    #[derive(serde::Serialize, serde::Deserialize, crate::toolkit::events::Event)]
    #[machine(entity = "light", crate = "super::toolkit::events")]
    pub enum Light {
        #[event(terminal)]
        Lit,
    }
}

#[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
#[machine(entity = "light", crate = "crate::toolkit::events")]
pub enum Light {
    #[event(terminal)]
    Lit,
}

#[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
#[machine(entity = "light", crate = "eventsource_core")]
pub enum Lamp {
    #[event(terminal)]
    Lit,
}

fn main() {
    use toolkit::events::Event;
    assert_eq!(Light::MACHINE.fingerprint(), deep::Light::MACHINE.fingerprint());
    assert_eq!(Light::MACHINE.fingerprint(), Lamp::MACHINE.fingerprint());
}
