//! `GET /api/v1/task`: searches entities by their current state and data.

use std::collections::BTreeMap;

use axum::extract::State as Extract;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use eventsource_core::{
    Entities, EntityCursor, EntityOrder, Event, EventStore, EventType, Generation, State,
    parse_untrusted_json,
};
use serde_json::Value;

use crate::endpoints::context::MachineContext;
use crate::endpoints::reader::Reader;
use crate::wire::event_query::PageRequest;
use crate::wire::names::{WireNames, wire_field};
use crate::wire::page::{Links, PageText, page_response};
use crate::wire::parameters::{QueryParameters, RawQuery};
use crate::wire::problem::Problem;
use crate::wire::resource;

/// Prefix of parameters that name a field of the data.
const DATA_PREFIX: &str = "data.";

/// Returns a page of the entities that match the query.
pub(crate) async fn search_entities<E: Event>(
    Extract(context): Extract<MachineContext<E>>,
    Reader(events): Reader<E>,
    headers: HeaderMap,
    query: RawQuery,
) -> Result<Response, Problem> {
    let mut parameters = QueryParameters::new(query)?;
    let by_offset = parameters.has("offset");
    let page = PageRequest::read(
        &mut parameters,
        &headers,
        context.service.limits.max_page_size,
    );
    let (search, order) = read_search(&context, &events, &mut parameters, by_offset);
    let parameters = parameters.finish()?;
    let search = search.offset(page.offset).limit(page.limit);
    let heads = search.await?;
    let total = heads.total.unwrap_or_default();
    let mut text = PageText::begin(page, total);
    for head in &heads.items {
        text.push(&resource::head_resource(&context.names, head));
    }
    let path = format!("/api/v1/{}", context.names.entity);
    let url = context.service.base_url.link(&headers, &path);
    let links = Links::new(url, page, &parameters);
    let links = match by_offset {
        true => links.by_offset(total),
        false => {
            let full = heads.items.len() as u64 == page.limit;
            let last = heads.items.last().filter(|_| full);
            links.by_cursor(last.map(|head| EntityCursor::of(head, order).to_string()))
        }
    };
    text.end(links);
    let body = context.service.unread.count(text.take())?;
    Ok(page_response(total, body.into()))
}

/// Takes the filters and the order from the query.
fn read_search<'a, E: Event>(
    context: &MachineContext<E>,
    events: &'a EventStore<E>,
    parameters: &mut QueryParameters,
    by_offset: bool,
) -> (Entities<'a, E>, EntityOrder) {
    let mut search = events.entities();
    if let Some(types) = take_types::<E::Type>(parameters, "state") {
        search = search.state(State::from_iter(types));
    }
    for event_type in take_types::<E::Type>(parameters, "having").unwrap_or_default() {
        search = search.state_contains(event_type);
    }
    for event_type in take_types::<E::Type>(parameters, "lacking").unwrap_or_default() {
        search = search.state_excludes(event_type);
    }
    let last = parameters.take("last_event_type", |name| {
        format!("Invalid enum member {name}")
    });
    if let Some(event_type) = last {
        search = search.last_event_type(event_type);
    }
    if let Some(generation) = parameters.take_integer("version") {
        search = search.generation(Generation::new(generation));
    }
    if let Some(time) = take_time(parameters, "created_from") {
        search = search.created_from(time);
    }
    if let Some(time) = take_time(parameters, "created_until") {
        search = search.created_until(time);
    }
    if let Some(time) = take_time(parameters, "updated_from") {
        search = search.updated_from(time);
    }
    if let Some(time) = take_time(parameters, "updated_until") {
        search = search.updated_until(time);
    }
    for (field, value) in take_data::<E>(&context.names, parameters) {
        search = search.field(field, value);
    }
    let order = take_order(parameters);
    search = search.order_by(order);
    if parameters.take_flag("descending") == Some(true) {
        search = search.descending();
    }
    let cursor: Option<EntityCursor> = parameters.take("after", |_| {
        "Not a cursor from the link to a next page.".to_owned()
    });
    if let Some(cursor) = cursor {
        if by_offset {
            parameters.fault("after", "Cannot be combined with offset.");
        }
        if cursor.order() != order {
            parameters.fault(
                "after",
                "The cursor belongs to a search with another sort_by.",
            );
        }
        search = search.after(cursor);
    }
    (search, order)
}

/// Takes a list of event types, separated by commas.
fn take_types<T: EventType>(parameters: &mut QueryParameters, name: &str) -> Option<Vec<T>> {
    let parse = |text: &str| {
        let parse = |name: &str| {
            let unknown = |_| format!("Invalid enum member {name}");
            name.parse().map_err(unknown)
        };
        text.split(',').map(parse).collect()
    };
    let write = |types: &Vec<T>| {
        types
            .iter()
            .map(|name| name.name())
            .collect::<Vec<_>>()
            .join(",")
    };
    parameters.take_with(name, parse, write)
}

/// Takes a time in RFC 3339.
fn take_time(parameters: &mut QueryParameters, name: &str) -> Option<DateTime<Utc>> {
    let parse = |text: &str| {
        // A plus that was not written as %2B has become a space.
        let time = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        time.map(|time| time.with_timezone(&Utc))
            .map_err(|_| "Not a time, such as 2026-04-21T00:00:00Z.".to_owned())
    };
    parameters.take_with(name, parse, |time| resource::time(*time))
}

/// Takes the order; by id if it is not given.
fn take_order(parameters: &mut QueryParameters) -> EntityOrder {
    let parse = |text: &str| match text {
        "id" => Ok(EntityOrder::Id),
        "created" => Ok(EntityOrder::Created),
        "updated" => Ok(EntityOrder::Updated),
        _ => Err("Not one of id, created, updated.".to_owned()),
    };
    let write = |order: &EntityOrder| match order {
        EntityOrder::Created => "created".to_owned(),
        EntityOrder::Updated => "updated".to_owned(),
        _ => "id".to_owned(),
    };
    let order = parameters.take_with("sort_by", parse, write);
    order.unwrap_or(EntityOrder::Id)
}

/// Takes fields of the data and the values they must have, such as `data.assignee=ann`.
///
/// Values of fields that are not always strings are written as JSON.
fn take_data<E: Event>(
    names: &WireNames,
    parameters: &mut QueryParameters,
) -> BTreeMap<&'static str, Value> {
    let mut fields = BTreeMap::new();
    for (given, text) in parameters.take_all(DATA_PREFIX) {
        let named = |name: &str| name == given || wire_field(name) == given;
        let mut all = E::DATA_FIELDS.iter().map(|field| field.name());
        let parameter = format!("{DATA_PREFIX}{given}");
        let Some(field) = all.find(|name| named(name)) else {
            parameters.fault(&parameter, "Unknown field.");
            continue;
        };
        let value = if names.string_fields.contains(field) {
            Some(Value::String(text))
        } else {
            parse_untrusted_json(text.as_bytes()).ok()
        };
        match value {
            Some(value) => drop(fields.insert(field, value)),
            None => parameters.fault(&parameter, "Not a JSON value."),
        }
    }
    fields
}
