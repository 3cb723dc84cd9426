//! Faults at named points, for tests. Without the feature `testing` there are none, and asking costs nothing.

use std::fmt;
#[cfg(feature = "testing")]
use std::sync::{Arc, OnceLock};

#[cfg(feature = "testing")]
use crate::contract::source::BoxFuture;

/// Point in the work of a runtime at which a test can make something go wrong.
///
/// ```
/// assert_eq!(eventsource_runtime::testing::Point::AfterCommit.to_string(), "AfterCommit");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Point {
    /// An event is about to be handed to a handler or a process. Waiting here is a slow handler.
    BeforeHandler,
    /// A process is about to give a command, or to be given one.
    BeforeCommand,
    /// The command is executed, and stored. Failing here is an answer that was lost.
    AfterCommand,
    /// A handler has done its work. Failing here is an answer that was lost.
    AfterHandler,
    /// A checkpoint is about to be committed, with all that is in its transaction.
    BeforeCommit,
    /// The checkpoint is committed. Failing here is an answer that was lost.
    AfterCommit,
}

#[cfg(feature = "testing")]
impl Point {
    /// All points, in the order in which an event passes them.
    pub const ALL: [Self; 6] = [
        Self::BeforeHandler,
        Self::BeforeCommand,
        Self::AfterCommand,
        Self::AfterHandler,
        Self::BeforeCommit,
        Self::AfterCommit,
    ];
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Error that a fault pretends.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a test decides about a point that was reached.
#[cfg(feature = "testing")]
type Ask = Arc<dyn Fn(Point, &str) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync>;

/// What goes wrong in a runtime under test, and where.
///
/// The closure is asked whenever a worker reaches a [`Point`], with the name of the subscription. It
/// may wait, which makes that worker slow; end the program; or return an error, which the worker takes
/// for a failure of the handler, the command or the commit.
///
/// ```
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use eventsource_runtime::testing::{Faults, Point};
///
/// // The answer to the first command is lost.
/// let is_first = AtomicBool::new(true);
/// let faults = Faults::new(move |point, _subscription| {
///     let lost = point == Point::AfterCommand && is_first.swap(false, Ordering::SeqCst);
///     async move { if lost { Err("the answer is lost".into()) } else { Ok(()) } }
/// });
/// # let _ = faults;
/// ```
#[derive(Clone, Default)]
pub struct Faults {
    #[cfg(feature = "testing")]
    ask: Arc<OnceLock<Ask>>,
}

impl Faults {
    /// Creates faults that `ask` decides on.
    #[cfg(feature = "testing")]
    pub fn new<F>(ask: impl Fn(Point, &str) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let faults = Self::default();
        let ask: Ask = Arc::new(move |point, subscription| Box::pin(ask(point, subscription)));
        let _ = faults.ask.set(ask);
        faults
    }

    /// Lets others decide on these faults, and their clones.
    #[cfg(feature = "testing")]
    pub(crate) fn arm(&self, others: &Self) {
        if let Some(ask) = others.ask.get() {
            let _ = self.ask.set(Arc::clone(ask));
        }
    }

    /// Tells that a worker has reached a point.
    #[cfg(feature = "testing")]
    pub(crate) async fn reach(&self, point: Point, subscription: &str) -> Result<(), BoxError> {
        match self.ask.get() {
            Some(ask) => ask(point, subscription).await,
            None => Ok(()),
        }
    }

    /// Does nothing.
    #[cfg(not(feature = "testing"))]
    #[allow(clippy::unused_async, reason = "faults of tests may wait")]
    pub(crate) async fn reach(&self, _point: Point, _subscription: &str) -> Result<(), BoxError> {
        Ok(())
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").finish_non_exhaustive()
    }
}
