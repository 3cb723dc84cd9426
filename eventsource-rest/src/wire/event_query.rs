//! The query of a search: which filters, which page (M26, M27).

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use eventsource_core::{Clock, EntityId, Event, EventId, Version};

use crate::wire::names::Names;
use crate::wire::parameters::{Given, Parameters};
use crate::wire::problem::Problem;

const DEFAULT_LIMIT: u64 = 20;

/// A search as it was asked for.
pub(crate) struct Query<E: Event> {
    pub(crate) page: Page,
    pub(crate) entity_id: Option<EntityId>,
    pub(crate) event_type: Option<E::Type>,
    pub(crate) clock: Option<Clock>,
    pub(crate) min_clock: Option<Clock>,
    pub(crate) max_clock: Option<Clock>,
    pub(crate) parent_id: Option<EventId>,
    pub(crate) version: Option<Version>,
    pub(crate) sort_by_clock: Option<bool>,
    pub(crate) ascending: Option<bool>,
    /// Only what is after this clock, by ascending clocks: the cursor of the page before.
    pub(crate) after: Option<Clock>,
    /// The parameters but for the page, by name, as links repeat them.
    pub(crate) parameters: BTreeMap<String, String>,
}

impl<E: Event> Query<E> {
    /// Reads the parameters, telling all of their faults at once.
    pub(crate) fn read(
        names: &Names,
        given: Given,
        headers: &HeaderMap,
        most: u64,
    ) -> Result<Self, Problem> {
        let mut reader = Parameters::new(given)?;
        let page = Page::read(&mut reader, headers, most);
        let mut query = Self {
            page,
            entity_id: reader.take_with(
                &names.entity_id_query,
                |text| names.parse_id(text).ok_or_else(|| names.not_an_id.clone()),
                |id| names.format_id(*id),
            ),
            event_type: reader.take("event_type", |text| format!("Invalid enum member {text}")),
            clock: reader.take_integer("clock").map(Clock::new),
            min_clock: reader.take_integer("min_clock").map(Clock::new),
            max_clock: reader.take_integer("max_clock").map(Clock::new),
            parent_id: reader.take("parent_id", |_| "Not a valid UUID.".to_owned()),
            version: reader.take_integer("version").map(Version::new),
            sort_by_clock: reader.take_flag("sort_by_clock"),
            ascending: reader.take_flag("sort_clock_in_ascending_order"),
            after: reader.take_integer("after").map(Clock::new),
            parameters: BTreeMap::new(),
        };
        if query.ascending == Some(true) && query.sort_by_clock != Some(true) {
            reader.fault(
                "_schema",
                "sort_by_clock must be set if sort_clock_in_ascending_order is set",
            );
        }
        query.check_cursor(&mut reader);
        query.parameters = reader.finish()?;
        Ok(query)
    }

    /// A cursor is a clock, so it needs the order of clocks.
    fn check_cursor(&self, reader: &mut Parameters) {
        if self.after.is_none() {
            return;
        }
        let other_order = self.sort_by_clock.is_some() || self.ascending.is_some();
        if other_order && self.ascending != Some(true) {
            let reason = "Goes by ascending clocks, and the query asks for another order.";
            reader.fault("after", reason);
        }
        if self.page.offset > 0 {
            reader.fault("after", "Not with an offset.");
        }
    }
}

/// Which part of what was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) offset: u64,
    pub(crate) limit: u64,
}

impl Page {
    /// `most` is the largest page; a client's default is in its `X-Request-Limit`.
    pub(crate) fn read(reader: &mut Parameters, headers: &HeaderMap, most: u64) -> Self {
        let default = headers
            .get("x-request-limit")
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .unwrap_or(DEFAULT_LIMIT);
        Self {
            offset: reader.take_count("offset", u64::MAX).unwrap_or(0),
            limit: reader
                .take_count("limit", most)
                .unwrap_or(default.min(most)),
        }
    }
}
