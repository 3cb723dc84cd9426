//! `POST /api/v1/task_event`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use eventsource_core::{Error, Event, Seq};

use crate::api::Api;
use crate::problem::{Fault, Problem};
use crate::resource::{self, without_nulls};
use crate::retrieve::skips_nulls;
use crate::{body, retrieve};

static IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
static IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Appends the event of the body. The answer is that event; auto transitions are not in it.
pub(crate) async fn append<E: Event>(
    State(api): State<Api<E>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let body = body.map_err(|rejection| Problem::unreadable(&rejection))?;
    let (entity_id, event) = body::read::<E>(&api.names, &body)?;
    let found = api.events.load(entity_id).await?.map(|head| head.seq);
    let mut append = api.events.append(entity_id, event);
    if let Some(key) = text(&headers, &IDEMPOTENCY_KEY)? {
        append = append.idempotency_key(key);
    }
    let appended = match if_match(&headers, found)? {
        Some(expected) => {
            let appended = append.expecting(expected).await;
            appended.map_err(Problem::precondition_failed)?
        }
        // Whoever comes in between has the caller's event be a conflict, as in microcosm.
        None => append.expecting(found.unwrap_or(Seq::NONE)).await?,
    };
    let first = appended.first();
    let mut resource = resource::event(&api.names, first)?;
    if skips_nulls(&headers) {
        without_nulls(&mut resource);
    }
    let location = format!("/api/v1/{}/{}", api.names.event, first.id);
    let mut response = (StatusCode::CREATED, Json(resource)).into_response();
    let answer = response.headers_mut();
    answer.insert(header::LOCATION, value(&location)?);
    answer.insert(header::ETAG, retrieve::etag(appended.last().seq));
    let id_header: HeaderName = api
        .names
        .id_header
        .parse()
        .map_err(|_| internal("an entity's name is not one for a header"))?;
    answer.insert(id_header, value(&first.id.to_string())?);
    if appended.replayed {
        answer.insert(
            IDEMPOTENCY_REPLAYED.clone(),
            HeaderValue::from_static("true"),
        );
    }
    Ok(response)
}

/// The sequence that `If-Match` asks for, of an entity found with that many events: of several, the
/// one that is right; for `*`, which asks that there are events at all, what was found.
fn if_match(headers: &HeaderMap, found: Option<Seq>) -> Result<Option<Seq>, Problem> {
    let Some(tags) = text(headers, &header::IF_MATCH)? else {
        return Ok(None);
    };
    if tags == "*" {
        // No entity has one event less than none.
        return Ok(Some(found.unwrap_or(Seq::new(u32::MAX))));
    }
    let sequences: Option<Vec<Seq>> = tags.split(',').map(sequence).collect();
    match sequences {
        Some(sequences) => Ok(found
            .filter(|found| sequences.contains(found))
            .or(sequences.first().copied())),
        None => Err(Problem::body(vec![Fault::new(
            "If-Match",
            "Not a sequence in quotes, such as \"3\".",
        )])),
    }
}

fn sequence(tag: &str) -> Option<Seq> {
    let digits = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    digits.parse().ok().map(Seq::new)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    headers
        .get(name)
        .map(|value| {
            let text = value.to_str().map(str::trim).unwrap_or_default();
            if text.is_empty() {
                let reason = "Not a text of visible characters.";
                return Err(Problem::body(vec![Fault::new(name.as_str(), reason)]));
            }
            Ok(text)
        })
        .transpose()
}

fn value(text: &str) -> Result<HeaderValue, Problem> {
    text.parse().map_err(|_| internal("not a header's value"))
}

fn internal(what: &'static str) -> Problem {
    Problem::from(Error::Database {
        source: what.into(),
    })
}
