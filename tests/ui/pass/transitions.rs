//! Paths that hold, wherever a macro can be invoked.
#![deny(warnings, clippy::pedantic)]

use eventsource_core::{Event, transitions};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, Event)]
#[machine(entity = "task", allow(dead_end))]
pub enum TaskEvent {
    Created { description: Option<String> },
    #[event(follows = Created & !Assigned, accumulate = union())]
    Assigned { assignee: String },
    #[event(follows = Created & !Scheduled, accumulate = union())]
    Scheduled { deadline: String },
    #[event(follows = all_of(Assigned, Scheduled))]
    Started,
    #[event(follows = Started, accumulate = keep())]
    Reassigned { assignee: String },
    #[event(follows = any_of(Created, Started), accumulate = alias(Created), restarting)]
    Revised,
    #[event(follows = Started)]
    Completed,
    #[event(follows = Completed, auto_transition, terminal)]
    Ended,
}

transitions!(TaskEvent: Created -> Assigned -> Scheduled -> Started);
transitions!(TaskEvent: Created -> Assigned -> Scheduled -> Started);
transitions!(crate::TaskEvent: Created;);
transitions! {
    self::TaskEvent:
    Created -> Assigned => {Assigned, Created} -> Scheduled -> Started => {Started,};
    -/-> Assigned -/-> Started -> Created -/-> Started -> Assigned -/-> Assigned -> Scheduled;
    from {Created, Assigned} => {Created, Assigned} -/-> Started -> Scheduled;
    from {} -> Created;
    from {} -/-> Revised;
    from {Started} -> Reassigned -> Reassigned => {Started} -> Revised => {Created} -> Assigned;
    // `Ended` is written by itself, so nothing else is next; the path may end before it.
    from {Started} -> Completed => {Completed};
    from {Started} -> Completed -/-> Started -/-> Completed -> Ended => {Ended};
}
transitions!(eventsource_ui_tests::ParcelEvent: Posted -> Delivered -/-> Posted);
transitions!(::eventsource_ui_tests::ParcelEvent: Posted);

// More than sixteen million states.
mod many {
    #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
    #[machine(entity = "many", allow(dead_end, too_many_states))]
    pub enum Many {
        Begun,
        #[event(follows = Begun & !Aa, accumulate = union())]
        Aa,
        #[event(follows = Begun & !Bb, accumulate = union())]
        Bb,
        #[event(follows = Begun & !Cc, accumulate = union())]
        Cc,
        #[event(follows = Begun & !Dd, accumulate = union())]
        Dd,
        #[event(follows = Begun & !Ee, accumulate = union())]
        Ee,
        #[event(follows = Begun & !Ff, accumulate = union())]
        Ff,
        #[event(follows = Begun & !Gg, accumulate = union())]
        Gg,
        #[event(follows = Begun & !Hh, accumulate = union())]
        Hh,
        #[event(follows = Begun & !Ii, accumulate = union())]
        Ii,
        #[event(follows = Begun & !Jj, accumulate = union())]
        Jj,
        #[event(follows = Begun & !Kk, accumulate = union())]
        Kk,
        #[event(follows = Begun & !Ll, accumulate = union())]
        Ll,
        #[event(follows = Begun & !Mm, accumulate = union())]
        Mm,
        #[event(follows = Begun & !Nn, accumulate = union())]
        Nn,
        #[event(follows = Begun & !Oo, accumulate = union())]
        Oo,
        #[event(follows = Begun & !Pp, accumulate = union())]
        Pp,
        #[event(follows = Begun & !Qq, accumulate = union())]
        Qq,
        #[event(follows = Begun & !Rr, accumulate = union())]
        Rr,
        #[event(follows = Begun & !Ss, accumulate = union())]
        Ss,
        #[event(follows = Begun & !Tt, accumulate = union())]
        Tt,
        #[event(follows = Begun & !Uu, accumulate = union())]
        Uu,
        #[event(follows = Begun & !Vv, accumulate = union())]
        Vv,
        #[event(follows = Begun & !Ww, accumulate = union())]
        Ww,
        #[event(follows = Begun & !Xx, accumulate = union())]
        Xx,
        #[event(follows = Begun & Aa & Xx)]
        Done,
    }
}

transitions!(many::Many: Begun -> Aa -/-> Done -> Xx -> Done;
    Begun -> Aa -> Bb -> Cc -> Dd -> Ee -> Ff -> Gg -> Hh -> Ii -> Jj -> Kk -> Ll -> Mm -> Nn -> Oo -> Pp -> Qq -> Rr -> Ss -> Tt -> Uu -> Vv -> Ww -> Xx -/-> Aa -> Done => {Done});

mod keywords {
    #[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
    #[machine(entity = "thing", allow(dead_end))]
    #[allow(non_camel_case_types)]
    pub enum r#enum {
        r#type,
        #[event(follows = r#type)]
        from,
        #[event(follows = from)]
        r#match,
    }

    eventsource_core::transitions!(r#enum: r#type -> from -> match -/-> type);
    eventsource_core::transitions!(r#enum: from {from} -> r#match => {match}; -/-> from);
}

mod shadow {
    #![no_implicit_prelude]
    #![allow(dead_code)]

    mod core {}
    mod eventsource_core {}
    struct Event;

    ::eventsource_core::transitions!(super::TaskEvent: Created -> Assigned);
}

mod renamed {
    extern crate eventsource_core as my_core;
    pub mod events {
        pub use super::my_core::*;
        pub use super::my_core::__private;
    }

    my_core::transitions!(crate = my_core, super::TaskEvent: Created -> Assigned);
    events::transitions!(crate = crate::renamed::events, super::TaskEvent: -/-> Assigned);
}

macro_rules! from_a_macro {
    ($event:ident, $path:path, $name:ident) => {
        transitions!($event: $name -/-> $name);
        transitions!($path: Created -> Assigned => {$name, Assigned});
    };
}

from_a_macro!(TaskEvent, crate::TaskEvent, Created);

fn main() {
    #[derive(Serialize, Deserialize, Event)]
    #[machine(entity = "light", allow(dead_end))]
    enum Light {
        Lit,
        #[event(follows = Lit)]
        PutOut,
    }

    transitions!(Light: Lit -> PutOut);
    let light = Light::Lit;
    transitions! { Light: Lit -/-> Lit }
    assert_eq!(light.event_type(), LightType::Lit);
    assert_eq!(Light::PutOut.event_type(), LightType::PutOut);
}
