//! Request ids, and the trace that a request belongs to.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

use crate::wire::correlation::Correlation;

/// Header with the id of a request.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Header with the trace of a request (W3C Trace Context).
static TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Most characters of a request id that a client chooses.
const MAX_REQUEST_ID: usize = 128;

/// Gives the request an id, opens its span, and hands [`Correlation`] to the handlers.
///
/// Events keep the trace id as their correlation, or else the request id, and the request id as
/// their causation. The response repeats the request id.
pub(crate) async fn correlate(mut request: Request, next: Next) -> Response {
    let request_id = request_id(request.headers());
    let trace_id = trace_id(request.headers());
    let route = request.extensions().get::<axum::extract::MatchedPath>();
    let route = route.map_or("", axum::extract::MatchedPath::as_str);
    // Handlers record the empty fields.
    let span = tracing::info_span!(
        "request",
        otel.name = %format_args!("{} {route}", request.method()),
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        method = %request.method(),
        route,
        request_id,
        trace_id,
        status = tracing::field::Empty,
        entity_id = tracing::field::Empty,
        event_type = tracing::field::Empty,
        sequence = tracing::field::Empty,
    );
    #[cfg(feature = "otel")]
    if trace_id.is_some() {
        super::traces::set_parent(&span, request.headers());
    }
    request.extensions_mut().insert(Correlation {
        correlation_id: trace_id.or_else(|| Some(request_id.clone())),
        causation_id: Some(request_id.clone()),
    });
    let mut response = next.run(request).instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    if let Ok(value) = HeaderValue::try_from(request_id) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    response
}

/// Returns the client's id of the request if it is short and printable, or else a new UUID.
fn request_id(headers: &HeaderMap) -> String {
    let given = only(headers, &REQUEST_ID);
    given
        .filter(|id| !id.is_empty() && id.len() <= MAX_REQUEST_ID)
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()))
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Returns the text of a header that is given once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok())?
}

/// Parses the trace id of a `traceparent` (W3C Trace Context).
///
/// Its form is `00-`, 32 digits, `-`, 16 digits, `-`, 2 digits, in lower-case hex, and neither the
/// trace nor the parent is all zeros. Later versions may append more.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let text = only(headers, &TRACEPARENT)?;
    let mut parts = text.split('-');
    let mut digits = |len: usize| {
        let part = parts.next().filter(|part| part.len() == len)?;
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        part.bytes().all(hex).then_some(part)
    };
    let (version, trace, parent, _flags) = (digits(2)?, digits(32)?, digits(16)?, digits(2)?);
    let known = version != "ff" && (version != "00" || parts.next().is_none());
    let zero = |id: &str| id.bytes().all(|byte| byte == b'0');
    (known && !zero(trace) && !zero(parent)).then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, value: &str) -> HeaderMap {
        let value = HeaderValue::try_from(value).ok();
        value
            .map(|value| (name.clone(), value))
            .into_iter()
            .collect()
    }

    #[test]
    fn trace_id_of_malformed_traceparent_is_none() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let of = |text: &str| trace_id(&headers(&TRACEPARENT, text));
        let good = format!("00-{trace}-00f067aa0ba902b7-01");
        assert_eq!(of(&good).as_deref(), Some(trace));
        let later = format!("01-{trace}-00f067aa0ba902b7-01-more");
        assert_eq!(of(&later).as_deref(), Some(trace));
        for bad in [
            String::new(),
            trace.to_owned(),
            format!("{good}-more"),
            good.to_uppercase(),
            good.replace("00-4", "ff-4"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{trace}-0000000000000000-01"),
            format!("00-{trace}-00f067aa0ba902b7"),
        ] {
            assert_eq!(of(&bad), None, "{bad}");
        }
    }

    #[test]
    fn request_id_that_is_long_or_not_printable_is_replaced() {
        let of = |text: &str| request_id(&headers(&REQUEST_ID, text));
        assert_eq!(of("order-7/retry:2"), "order-7/retry:2");
        assert_eq!(of(&"x".repeat(MAX_REQUEST_ID)), "x".repeat(MAX_REQUEST_ID));
        for bad in ["", "two words", &"x".repeat(MAX_REQUEST_ID + 1)] {
            let made: Result<Uuid, _> = of(bad).parse();
            assert!(made.is_ok(), "{bad}");
        }
    }
}
