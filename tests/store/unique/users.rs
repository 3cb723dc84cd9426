//! Users, before and after their address and number are unique.

/// Users without unique fields.
pub mod plain {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "user")]
    pub enum UserEvent {
        Registered {
            email: String,
            number: Option<i64>,
        },
        #[event(follows = any_state & !Left, accumulate = keep())]
        Moved {
            #[event(feeds = email)]
            to: Option<String>,
        },
        #[event(follows = any_state & !Left, accumulate = alias(Registered), restarting)]
        Renewed,
        #[event(follows = any_state & !Left, terminal)]
        Left,
    }
}

/// Users whose address and number are unique.
pub mod unique {
    use eventsource_core::Event;
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
    #[machine(entity = "user", unique(email, number))]
    pub enum UserEvent {
        Registered {
            email: String,
            number: Option<i64>,
        },
        #[event(follows = any_state & !Left, accumulate = keep())]
        Moved {
            #[event(feeds = email)]
            to: Option<String>,
        },
        #[event(follows = any_state & !Left, accumulate = alias(Registered), restarting)]
        Renewed,
        #[event(follows = any_state & !Left, terminal)]
        Left,
    }
}

pub fn registered(email: &str) -> unique::UserEvent {
    unique::UserEvent::Registered {
        email: email.to_owned(),
        number: None,
    }
}

pub fn moved(to: &str) -> unique::UserEvent {
    unique::UserEvent::Moved {
        to: Some(to.to_owned()),
    }
}
