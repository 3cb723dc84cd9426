//! Findings in what another macro wrote.
#![deny(deprecated)]

macro_rules! pair {
    ($name:ident, $second:ident, $formula:expr) => {
        #[derive(::serde::Serialize, ::serde::Deserialize, ::eventsource_core::Event)]
        #[machine(entity = "pair")]
        pub enum $name {
            First,
            #[event(follows = $formula)]
            $second,
        }
    };
}

pair!(Dead, Last, First);
pair!(Mistaken, Never, First & !First);

fn main() {}
