//! Media types: the `Content-Type` of requests and the `Accept` of responses.

use axum::http::{HeaderMap, StatusCode, header};

use crate::wire::problem::Problem;

/// Most media ranges of `Accept` that are read.
const MAX_RANGES: usize = 100;

/// Refuses a body that is not declared to be JSON, or that is compressed.
///
/// A page of another origin may send a form, plain text, or a body without any media type to a
/// service that did not allow it; JSON it may not.
///
/// # Errors
/// 415 for any other media type, or none.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |detail: &str| {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Problem::new(status, "unsupported-media-type", "Unsupported media type").detail(detail)
    };
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    if encodings.any(|encoding| encoding != "identity") {
        return Err(refuse("The body must not have a Content-Encoding."));
    }
    let given = headers.get(header::CONTENT_TYPE);
    let media = essence(given.map_or("", |given| given.to_str().unwrap_or_default()));
    let is_json = media == "application/json"
        || media.starts_with("application/") && media.ends_with("+json");
    match is_json {
        true => Ok(()),
        false => Err(refuse(
            "The body must be JSON, of Content-Type application/json.",
        )),
    }
}

/// Chooses the media type of `offered` that `Accept` weighs highest; of equals, the first.
///
/// `None` if the client accepts none of them.
pub(crate) fn negotiate(headers: &HeaderMap, offered: &[&'static str]) -> Option<&'static str> {
    let mut accept = headers.get_all(header::ACCEPT).iter().peekable();
    if accept.peek().is_none() {
        return offered.first().copied();
    }
    let ranges: Vec<(String, u16)> = accept
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .take(MAX_RANGES)
        .map(|range| (essence(range), weight(range)))
        .collect();
    let mut best: Option<(&'static str, u16)> = None;
    for media in offered {
        let weight = weight_of(media, &ranges);
        if weight > best.map_or(0, |(_, best)| best) {
            best = Some((media, weight));
        }
    }
    best.map(|(media, _)| media)
}

/// Returns the weight of the most specific range that contains the media type.
fn weight_of(media: &str, ranges: &[(String, u16)]) -> u16 {
    let weight = |wanted: &str| {
        let mut ranges = ranges.iter();
        ranges.find(|(range, _)| range == wanted).map(|(_, q)| *q)
    };
    let kind = media.split('/').next().unwrap_or_default();
    weight(media)
        .or_else(|| weight(&format!("{kind}/*")))
        .or_else(|| weight("*/*"))
        .unwrap_or(0)
}

/// Parses the weight of a range, in thousandths (RFC 9110, section 12.4.2).
fn weight(range: &str) -> u16 {
    let parameters = range.split(';').skip(1);
    let q = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value)
    });
    let q = q
        .last()
        .map_or(Some(1.0), |value| value.trim().parse().ok());
    let q: f32 = q.unwrap_or(0.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000"
    )]
    let thousandths = (q.clamp(0.0, 1.0) * 1000.0) as u16;
    thousandths
}

/// Returns a media type in lower case, without its parameters.
fn essence(text: &str) -> String {
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiate_returns_offer_of_highest_weight() {
        let (json, lines) = ("application/json", "application/jsonl");
        for (accept, chosen) in [
            ("*/*", Some(json)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(json)),
            ("application/jsonl", Some(lines)),
            ("application/json;q=0.5, Application/JSONL", Some(lines)),
            ("application/jsonl;q=0, application/*", Some(json)),
            ("text/csv", None),
            ("application/json; q=0", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(negotiate(&headers, &[json, lines]), chosen, "{accept}");
        }
        assert_eq!(negotiate(&HeaderMap::new(), &[lines, json]), Some(lines));
    }
}
