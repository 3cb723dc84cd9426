//! The typed handle and `transitions!` where the derive alone is tried elsewhere: under another
//! name of the toolkit, inside a function, and with raw identifiers.
#![deny(warnings, clippy::pedantic)]

extern crate eventsource_core as es;

#[derive(serde::Serialize, serde::Deserialize, es::Event)]
#[machine(entity = "word", typestate, crate = "::es")]
#[allow(non_camel_case_types)]
pub enum r#Words {
    r#type,
    #[event(follows = r#type & !r#loop, accumulate = union(), requires(r#fn))]
    r#loop { r#fn: u8 },
    #[event(follows = r#loop, terminal)]
    Done,
}

es::transitions!(crate = es, Words: r#type -> r#loop -> Done => {Done});

fn inside() -> usize {
    #[derive(serde::Serialize, serde::Deserialize, es::Event)]
    #[machine(entity = "light", typestate, crate = "es")]
    enum LightEvent {
        Lit,
        #[event(follows = Lit, terminal)]
        PutOut,
    }

    es::transitions!(crate = es, LightEvent: Lit -> PutOut -/-> Lit);

    let light: LightHandle<light_states::AfterPutOut> =
        LightHandle::new(es::EntityId::new()).lit().put_out();
    light.pending().len()
}

fn main() {
    let words = WordsHandle::new(es::EntityId::new());
    assert_eq!(words.r#type().r#loop(1).done().pending().len(), 3);
    assert_eq!(inside(), 2);
}
