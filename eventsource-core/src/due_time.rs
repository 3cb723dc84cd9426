//! Times in an entity's data, for the timers that `at = field` makes.

use chrono::{DateTime, TimeZone, Utc};

/// Time at which an event is due.
pub type Time = DateTime<Utc>;

/// Value of a field that says when an event is due.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a time",
    label = "expected a field of type `DateTime<Utc>`, or of another zone"
)]
pub trait DueTime {
    /// Returns the time.
    fn due_time(&self) -> Time;
}

impl<Z: TimeZone> DueTime for DateTime<Z> {
    fn due_time(&self) -> Time {
        self.with_timezone(&Utc)
    }
}

/// Returns the time in a field, for generated code.
pub fn due_time<T: DueTime>(value: &T) -> Time {
    value.due_time()
}
