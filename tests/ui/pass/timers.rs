//! Timers and rejections.
#![deny(warnings)]
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use eventsource_core::model::Timer;
use eventsource_core::{Event, EventType, State};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, Event)]
#[machine(entity = "loan", eventually(Returned | Lost))]
pub enum LoanEvent {
    Lent { until: DateTime<Utc>, r#final: DateTime<FixedOffset> },
    #[event(follows = Lent, accumulate = keep())]
    Extended { until: Option<DateTime<Utc>> },
    #[event(follows = Lent & !Reminded, accumulate = union(), at = until)]
    Reminded,
    #[event(follows = Lent, at = r#final, terminal)]
    Lost,
    #[event(follows = Reminded & !Fined, accumulate = union(), after = "2 weeks 1 day")]
    Fined { cents: Option<i64> },
    #[event(follows = Lent, terminal)]
    Returned,
    #[event(rejection)]
    Refused { reason: String },
}

fn main() {
    let seconds = Duration::from_secs(15 * 24 * 60 * 60).as_secs();
    assert_eq!(LoanEventType::Fined.timer(), Some(&Timer::After { seconds }));
    assert!(LoanEventType::Fined.is_internal() && LoanEventType::Refused.is_rejection());
    let returned: State<LoanEventType> = [LoanEventType::Returned].into_iter().collect();
    assert_eq!(LoanEventType::Refused.validate(returned), Ok(returned));
    let time = "2026-12-01T10:00:00+02:00".parse().unwrap();
    let data = LoanData { r#final: Some(time), ..LoanData::default() };
    let due = LoanEvent::due_time(&data, LoanEventType::Lost);
    assert_eq!(due.unwrap().to_rfc3339(), "2026-12-01T08:00:00+00:00");
    assert_eq!(LoanEvent::due_time(&data, LoanEventType::Reminded), None);
}
