//! The toolkit is a dependency under another name.
#![deny(warnings)]

extern crate eventsource_core as es;

#[derive(serde::Serialize, serde::Deserialize, es::Event)]
#[machine(entity = "light", crate = "::es", never(Lit & PutOut), warn(redundant_operand))]
pub enum Light {
    Lit,
    #[event(follows = Lit, terminal)]
    PutOut,
}

mod inner {
    #[derive(serde::Serialize, serde::Deserialize, es::Event)]
    #[machine(entity = "light", crate = "es")]
    pub enum Light {
        Lit,
        #[event(follows = Lit, terminal)]
        PutOut,
    }
}

fn main() {
    use es::Event;
    assert_eq!(Light::MACHINE.fingerprint(), inner::Light::MACHINE.fingerprint());
}
