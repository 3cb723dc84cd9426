//! Query of a search for events: filters, order and page.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use eventsource_core::{EntityId, Event, EventId, Generation, LogSeq};

use crate::wire::names::WireNames;
use crate::wire::parameters::{QueryParameters, RawQuery};
use crate::wire::problem::Problem;

/// Size of a page, unless the client asks for another.
const DEFAULT_LIMIT: u64 = 20;

/// Filters, order and page of a search for events.
pub(crate) struct EventQuery<E: Event> {
    pub(crate) page: PageRequest,
    pub(crate) entity_id: Option<EntityId>,
    pub(crate) event_type: Option<E::Type>,
    pub(crate) log_seq: Option<LogSeq>,
    pub(crate) min_log_seq: Option<LogSeq>,
    pub(crate) max_log_seq: Option<LogSeq>,
    pub(crate) parent_id: Option<EventId>,
    pub(crate) generation: Option<Generation>,
    pub(crate) sort_by_clock: Option<bool>,
    pub(crate) ascending: Option<bool>,
    /// Cursor: the log sequence of the last event of the previous page, in ascending order.
    pub(crate) after: Option<LogSeq>,
    /// Parameters except those of the page, as links repeat them.
    pub(crate) parameters: BTreeMap<String, String>,
}

impl<E: Event> EventQuery<E> {
    /// Reads the parameters.
    ///
    /// # Errors
    /// 422 with all faults.
    pub(crate) fn read(
        names: &WireNames,
        given: RawQuery,
        headers: &HeaderMap,
        max_page_size: u64,
    ) -> Result<Self, Problem> {
        let mut parameters = QueryParameters::new(given)?;
        let page = PageRequest::read(&mut parameters, headers, max_page_size);
        let mut query = Self {
            page,
            entity_id: parameters.take_with(
                &names.entity_id_query,
                |text| {
                    names
                        .parse_id(text)
                        .ok_or_else(|| names.invalid_id_reason.clone())
                },
                |id| names.format_id(*id),
            ),
            event_type: parameters.take("event_type", |text| format!("Invalid enum member {text}")),
            log_seq: parameters.take_integer("clock").map(LogSeq::new),
            min_log_seq: parameters.take_integer("min_clock").map(LogSeq::new),
            max_log_seq: parameters.take_integer("max_clock").map(LogSeq::new),
            parent_id: parameters.take("parent_id", |_| "Not a valid UUID.".to_owned()),
            generation: parameters.take_integer("version").map(Generation::new),
            sort_by_clock: parameters.take_flag("sort_by_clock"),
            ascending: parameters.take_flag("sort_clock_in_ascending_order"),
            after: parameters.take_integer("after").map(LogSeq::new),
            parameters: BTreeMap::new(),
        };
        if query.ascending == Some(true) && query.sort_by_clock != Some(true) {
            parameters.fault(
                "_schema",
                "sort_by_clock must be set if sort_clock_in_ascending_order is set",
            );
        }
        query.check_cursor(&mut parameters);
        query.parameters = parameters.finish()?;
        Ok(query)
    }

    /// Records a fault if the query has a cursor with an offset or with another order than its own.
    fn check_cursor(&self, parameters: &mut QueryParameters) {
        if self.after.is_none() {
            return;
        }
        let other_order = self.sort_by_clock.is_some() || self.ascending.is_some();
        if other_order && self.ascending != Some(true) {
            let reason = "Requires ascending clocks, but the query asks for another order.";
            parameters.fault("after", reason);
        }
        if self.page.offset > 0 {
            parameters.fault("after", "Cannot be combined with offset.");
        }
    }
}

/// Offset and size of the page that a request asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PageRequest {
    /// Number of items before the page.
    pub(crate) offset: u64,
    /// Largest number of items on the page.
    pub(crate) limit: u64,
}

impl PageRequest {
    /// Takes `offset` and `limit`; without `limit`, `X-Request-Limit` or 20 is the size.
    pub(crate) fn read(
        parameters: &mut QueryParameters,
        headers: &HeaderMap,
        max_page_size: u64,
    ) -> Self {
        let default = headers
            .get("x-request-limit")
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .unwrap_or(DEFAULT_LIMIT);
        Self {
            offset: parameters.take_count("offset", u64::MAX).unwrap_or(0),
            limit: parameters
                .take_count("limit", max_page_size)
                .unwrap_or(default.min(max_page_size)),
        }
    }
}
