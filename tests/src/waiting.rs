//! Waits for a condition, however busy the machine is.

use std::time::Duration;

/// Limit of a wait, long enough for any condition that comes true at all.
///
/// No test is meant to take that long. On a machine with many times more work than cores, what takes
/// milliseconds elsewhere takes seconds.
pub const LIMIT: Duration = Duration::from_mins(3);

/// Pause between two looks at a condition. It leaves the processor to what is waited for.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits for a future, and panics after [`LIMIT`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// assert_eq!(eventsource_tests::waiting::within(async { 7 }).await, 7);
/// # });
/// ```
///
/// # Panics
/// If the future is not ready in time.
#[track_caller]
pub fn within<T>(future: impl Future<Output = T>) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let ready = tokio::time::timeout(LIMIT, future).await;
        ready.unwrap_or_else(|elapsed| panic!("{caller}: not ready within {LIMIT:?}: {elapsed}"))
    }
}

/// Repeats a query until its answer is true, and panics after [`LIMIT`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let mut asked = 0;
/// eventsource_tests::waiting::until(async || {
///     asked += 1;
///     asked == 3
/// })
/// .await;
/// # });
/// ```
///
/// # Panics
/// If the answer is not yes in time.
#[track_caller]
pub fn until(mut condition: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    within(async move {
        while !condition().await {
            tokio::time::sleep(PAUSE).await;
        }
    })
}
