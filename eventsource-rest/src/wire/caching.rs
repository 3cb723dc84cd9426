//! How long clients may keep a response: `Cache-Control`.
//!
//! A response that says nothing must not be kept.

use axum::http::{HeaderValue, header};
use axum::response::Response;

/// Lets the client keep a response, and ask by its `ETag` each time whether it is still right.
pub(crate) fn revalidate(response: &mut Response) {
    let kept = HeaderValue::from_static("private, no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
}

/// Lets the client keep what changes only with the program, for a few minutes.
pub(crate) async fn keep_briefly(mut response: Response) -> Response {
    if response.status().is_success() {
        let kept = HeaderValue::from_static("private, max-age=300");
        let headers = response.headers_mut();
        headers.entry(header::CACHE_CONTROL).or_insert(kept);
    }
    response
}
