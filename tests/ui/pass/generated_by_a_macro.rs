//! Enums come out of other macros, their formulas as captured tokens.
#![deny(warnings)]

macro_rules! machine {
    ($name:ident, $first:ident, $second:ident, $formula:expr) => {
        #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
        #[machine(entity = "pair", allow(unreachable_event, always_legal))]
        pub enum $name {
            $first,
            #[event(follows = $first & !$second)]
            $second,
            #[event(follows = $formula)]
            Third,
            #[event(follows = !$formula)]
            Neither,
            #[event(follows = $formula & Third)]
            Both,
        }
    };
}

machine!(Pair, Opened, Closed, Opened | Closed);

fn main() {
    use eventsource_core::{EventType, State};
    let opened: State<PairType> = [PairType::Opened].into_iter().collect();
    assert_eq!(PairType::available(opened), [PairType::Closed, PairType::Third]);
    // What was captured is one operand.
    assert!(PairType::Neither.is_initial());
    assert!(!PairType::Neither.may_follow([PairType::Closed].into_iter().collect()));
    assert!(!PairType::Both.may_follow(opened));
}
