//! Shrinking of walks with detours to shorter ways.

use eventsource_core::Event;
use eventsource_core::testing::legal_history;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde::{Deserialize, Serialize};

use crate::runner;

/// Machine with two ways to one goal that share no event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "route")]
enum RouteEvent {
    Set,
    #[event(follows = Set)]
    Long1,
    #[event(follows = Long1)]
    Long2,
    #[event(follows = Long2)]
    Long3,
    #[event(follows = Set)]
    Short,
    // The state keeps the way, so that only the event is the same.
    #[event(follows = (Long3 | Short) & !Arrived, accumulate = union(), terminal)]
    Arrived {
        hour: u32,
    },
}

#[test]
fn detour_is_replaced_and_payload_is_kept() {
    use RouteEventType as Type;
    let payloads = |event_type| match event_type {
        Type::Set => Just(RouteEvent::Set).boxed(),
        Type::Long1 => Just(RouteEvent::Long1).boxed(),
        Type::Long2 => Just(RouteEvent::Long2).boxed(),
        Type::Long3 => Just(RouteEvent::Long3).boxed(),
        Type::Short => Just(RouteEvent::Short).boxed(),
        Type::Arrived => (0..1000u32)
            .prop_map(|hour| RouteEvent::Arrived { hour })
            .boxed(),
    };
    // Fails for one hour in ten, and not for those that are smaller.
    let wrong = |e: &RouteEvent| matches!(e, RouteEvent::Arrived { hour } if hour % 10 == 7);
    let strategy = legal_history::<RouteEvent>(payloads, 0..9);
    let mut detours = 0;
    let mut runner = runner(1);
    for _ in 0..2000 {
        let mut tree = strategy.new_tree(&mut runner).unwrap();
        let history = tree.current();
        if history.len() < 5 || !history.iter().any(wrong) {
            continue;
        }
        detours += 1;
        let mut moved = tree.simplify();
        while moved {
            let fails = tree.current().iter().any(wrong);
            moved = if fails {
                tree.simplify()
            } else {
                tree.complicate()
            };
        }
        let found = tree.current();
        assert_eq!(found[..2], [RouteEvent::Set, RouteEvent::Short]);
        assert!(wrong(&found[2]));
    }
    assert!(detours > 10, "{detours}");
}
