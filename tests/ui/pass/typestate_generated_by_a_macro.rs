//! A typed handle for an enum that comes out of another macro.
#![deny(warnings)]

macro_rules! machine {
    ($name:ident, $first:ident, $second:ident, $formula:expr) => {
        #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
        #[machine(entity = "pair", typestate, allow(dead_end))]
        pub enum $name {
            $first,
            #[event(follows = $first & !$second, accumulate = union())]
            $second,
            #[event(follows = $formula)]
            Third { at: u8 },
        }
    };
}

machine!(Pair, Opened, Closed, Opened | Closed);

fn main() {
    let pair = PairHandle::new(eventsource_core::EntityId::new()).opened().closed().third(1);
    assert_eq!(pair.pending().len(), 3);
}
