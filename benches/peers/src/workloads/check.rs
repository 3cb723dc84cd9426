//! Check of an event in memory.

use std::hint::black_box;
use std::time::Instant;

use eventsource_core::{Event, EventType, State};

use crate::measure::median;
use crate::report::{Report, Target, number};
use crate::ticket::{TicketEvent, TicketEventType};

pub fn run(report: &mut Report) {
    // Short enough that most samples have the processor to themselves.
    const ROUNDS: u32 = 20_000;
    let opened = TicketEventType::Opened.accumulate(State::EMPTY);
    let asked = [
        (TicketEventType::Commented, opened),
        (TicketEventType::Assigned, opened),
        (TicketEventType::Opened, opened),
        (TicketEventType::Closed, State::EMPTY),
    ];
    let times = (0..301)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..ROUNDS {
                for (event, state) in &asked {
                    black_box(black_box(event).may_follow(black_box(*state)));
                }
            }
            start.elapsed().as_secs_f64() * 1e9 / f64::from(ROUNDS) / asked.len() as f64
        })
        .collect();
    let nanoseconds = median(times);
    report.target(Target {
        workload: "an in-memory check",
        wanted: "under 5 ns",
        measured: format!(
            "{} ns ({} event types)",
            number(nanoseconds),
            TicketEvent::MACHINE.len()
        ),
        met: nanoseconds < 5.0,
    });
}
