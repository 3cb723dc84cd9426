//! Response that holds something until its body has been sent or dropped.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};

/// Keeps `held` until the body of the response has been sent or dropped, and then drops it.
pub(crate) fn hold_until_sent<T: Send + Unpin + 'static>(response: Response, held: T) -> Response {
    response.map(|body| {
        Body::new(HeldBody {
            body,
            rest: Bytes::new(),
            held: Some(held),
        })
    })
}

/// Most bytes that are handed over at once.
///
/// Whoever sends the body takes a chunk whatever its size, and would have all of a large response
/// before the client has read any of it.
const MAX_CHUNK: usize = 64 * 1024;

/// Body that holds something until it ends.
struct HeldBody<T> {
    body: Body,
    /// Rest of a large chunk.
    rest: Bytes,
    held: Option<T>,
}

impl<T> HeldBody<T> {
    /// Takes the next chunk of the rest.
    fn next_of_rest(&mut self) -> Frame<Bytes> {
        let length = self.rest.len().min(MAX_CHUNK);
        Frame::data(self.rest.split_to(length))
    }
}

impl<T: Unpin> hyper::body::Body for HeldBody<T> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        if !this.rest.is_empty() {
            return Poll::Ready(Some(Ok(this.next_of_rest())));
        }
        match ready!(Pin::new(&mut this.body).poll_frame(context)) {
            Some(Ok(frame)) => Poll::Ready(Some(Ok(match frame.into_data() {
                Ok(data) if data.len() > MAX_CHUNK => {
                    this.rest = data;
                    this.next_of_rest()
                }
                Ok(data) => Frame::data(data),
                Err(frame) => frame,
            }))),
            ended => {
                this.held = None;
                Poll::Ready(ended)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.len() as u64;
        let of_body = self.body.size_hint();
        let mut hint = SizeHint::new();
        if let Some(upper) = of_body.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(of_body.lower() + rest);
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn large_body_is_sent_in_chunks_and_held_until_the_last() {
        let text = "x".repeat(2 * MAX_CHUNK + 1);
        let held = Arc::new(());
        let response = hold_until_sent(Response::new(Body::from(text)), Arc::clone(&held));
        let mut body = response.into_body();
        for (length, left) in [(MAX_CHUNK, MAX_CHUNK + 1), (MAX_CHUNK, 1), (1, 0)] {
            use hyper::body::Body as _;
            assert_eq!(Arc::strong_count(&held), 2);
            let frame = body.frame().await.unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap().len(), length);
            assert_eq!(body.size_hint().exact(), Some(left as u64));
            assert_eq!(body.is_end_stream(), left == 0);
        }
        assert!(body.frame().await.is_none());
        assert_eq!(Arc::strong_count(&held), 1);
    }
}
