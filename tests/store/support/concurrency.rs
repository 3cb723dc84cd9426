//! Futures that are polled in a known order.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use tokio::runtime::Builder;
use tokio::task::spawn_blocking;

/// Polls all futures once, in this order, and then waits for all of them.
pub async fn in_order<T>(futures: impl IntoIterator<Item: Future<Output = T>>) -> Vec<T> {
    let futures = futures.into_iter().map(Box::pin);
    let mut waiting: Vec<(Pin<Box<_>>, Option<T>)> = futures.map(|future| (future, None)).collect();
    poll_fn(|context| {
        for (future, answer) in waiting.iter_mut().filter(|(_, answer)| answer.is_none()) {
            if let Poll::Ready(ready) = future.as_mut().poll(context) {
                *answer = Some(ready);
            }
        }
        if waiting.iter().any(|(_, answer)| answer.is_none()) {
            return Poll::Pending;
        }
        Poll::Ready(waiting.drain(..).filter_map(|(_, answer)| answer).collect())
    })
    .await
}

/// Runs a future on a runtime of one thread, where nothing is sent before all have been polled.
pub async fn on_one_thread<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let run = move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work)
    };
    spawn_blocking(run).await.unwrap()
}
