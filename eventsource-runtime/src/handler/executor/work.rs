//! What all tasks of one subscription share.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use eventsource_core::Failure;
use futures_util::FutureExt;

use crate::contract::event::SourceEvent;
use crate::contract::faults::{Faults, Point};
use crate::contract::kind::Kind;
use crate::failure::breaker::Breaker;
use crate::failure::on_failure::OnFailure;
use crate::failure::retry_policy::RetryPolicy;
use crate::handler::delivery::Attempt;
use crate::handler::target::Target;

/// Subscription of a handler or a process: what it delivers to, and how.
pub(crate) struct Work {
    pub(crate) kind: Kind,
    pub(crate) subscription: Arc<str>,
    /// One for each machine, in the order of the subscription's sources.
    pub(crate) targets: Vec<Arc<dyn Target>>,
    pub(crate) retry: RetryPolicy,
    pub(crate) on_failure: OnFailure,
    /// Longest time of one try.
    pub(crate) timeout: Duration,
    /// Whether the handler writes in the transaction of the checkpoint.
    pub(crate) in_transaction: bool,
    pub(crate) breaker: Breaker,
    pub(crate) faults: Faults,
}

/// Try that took too long.
#[derive(Debug, thiserror::Error)]
#[error("the handler did not end within {0:?}")]
struct TimedOut(Duration);

impl Work {
    /// Returns the key of an event; `None` if it is not for the handler.
    pub(crate) fn key(&self, event: &SourceEvent) -> Option<String> {
        self.targets.get(event.source)?.key(event)
    }

    /// Calls the handler; a panic and a handler that does not end are failures too.
    pub(crate) async fn call(
        &self,
        event: &Arc<SourceEvent>,
        attempt: Attempt,
    ) -> Result<(), Failure> {
        let Some(target) = self.targets.get(event.source) else {
            return Err(Failure::halt("the machine of the event is not read"));
        };
        let delivery = async {
            self.reach(Point::BeforeHandler).await?;
            let event = Arc::clone(event);
            target.deliver(event, &self.subscription, attempt).await?;
            self.reach(Point::AfterHandler).await
        };
        let guarded = AssertUnwindSafe(delivery).catch_unwind();
        match tokio::time::timeout(self.timeout, guarded).await {
            Ok(Ok(delivered)) => delivered,
            Ok(Err(panic)) => {
                let message = (panic.downcast_ref::<&str>().copied())
                    .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
                let message = message.unwrap_or("it does not say why");
                Err(Failure::retry(format!("the handler panicked: {message}")))
            }
            Err(_) => Err(Failure::retry(TimedOut(self.timeout))),
        }
    }

    /// Lets a test make the handler fail at a point.
    async fn reach(&self, point: Point) -> Result<(), Failure> {
        let reached = self.faults.reach(point, &self.subscription).await;
        reached.map_err(Failure::retry)
    }
}
