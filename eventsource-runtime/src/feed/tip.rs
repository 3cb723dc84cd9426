//! Last position of the store, which all subscriptions of a worker watch.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use eventsource_core::{Position, Store};
use futures_util::future::{Either, select};
use tokio::sync::watch;

/// Pause after a failure to read.
const PAUSE: Duration = Duration::from_millis(500);

/// Sends the last position of the store, each time it moves, until `stop` completes.
pub(crate) async fn watch_tip(
    store: &Store,
    tip: &watch::Sender<Position>,
    stop: impl Future<Output = ()>,
) {
    let watching = async {
        loop {
            let Ok(latest) = store.feed().latest_position().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            raise(tip, latest);
            let mut events = store.feed().after(latest).subscribe();
            while let Ok(event) = events.next().await {
                raise(tip, event.position);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match select(pin!(watching), pin!(stop)).await {
        Either::Left((never, _)) => never,
        Either::Right(_) => (),
    }
}

/// Sends a position, unless a later one was sent.
fn raise(tip: &watch::Sender<Position>, position: Position) {
    tip.send_if_modified(|tip| {
        let moved = position > *tip;
        *tip = position.max(*tip);
        moved
    });
}
