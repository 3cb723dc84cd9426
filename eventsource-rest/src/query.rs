//! The query of a search: which filters, which page (M26, M27).

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::http::HeaderMap;
use eventsource_core::{Clock, EntityId, Event, EventId, Version};

use crate::names::Names;
use crate::problem::Problem;

const DEFAULT_LIMIT: u64 = 20;
const MAX_LIMIT: u64 = 1000;

/// A search as it was asked for.
pub(crate) struct Query<E: Event> {
    pub(crate) offset: u64,
    pub(crate) limit: u64,
    pub(crate) entity_id: Option<EntityId>,
    pub(crate) event_type: Option<E::Type>,
    pub(crate) clock: Option<Clock>,
    pub(crate) min_clock: Option<Clock>,
    pub(crate) max_clock: Option<Clock>,
    pub(crate) parent_id: Option<EventId>,
    pub(crate) version: Option<Version>,
    pub(crate) sort_by_clock: Option<bool>,
    pub(crate) ascending: Option<bool>,
    /// The parameters but for the page, by name, as links repeat them.
    pub(crate) parameters: BTreeMap<String, String>,
}

impl<E: Event> Query<E> {
    /// Reads the parameters, telling all of their faults at once.
    pub(crate) fn read(
        names: &Names,
        given: Vec<(String, String)>,
        headers: &HeaderMap,
    ) -> Result<Self, Problem> {
        let mut reader = Reader {
            given: given.into_iter().collect(),
            used: BTreeMap::new(),
            faults: BTreeMap::new(),
        };
        let default_limit = headers
            .get("x-request-limit")
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .unwrap_or(DEFAULT_LIMIT);
        let offset = reader.take_count("offset", u64::MAX).unwrap_or(0);
        let limit = reader
            .take_count("limit", MAX_LIMIT)
            .unwrap_or(default_limit.min(MAX_LIMIT));
        // Links name the page by themselves.
        reader.used.clear();
        let uuid = "Not a valid UUID.";
        let integer = "Not a valid integer.";
        let query = Self {
            offset,
            limit,
            entity_id: reader.take(&names.entity_id_query, |_| uuid.to_owned()),
            event_type: reader.take("event_type", |text| format!("Invalid enum member {text}")),
            clock: reader.take("clock", |_| integer.to_owned()).map(Clock::new),
            min_clock: reader
                .take("min_clock", |_| integer.to_owned())
                .map(Clock::new),
            max_clock: reader
                .take("max_clock", |_| integer.to_owned())
                .map(Clock::new),
            parent_id: reader.take("parent_id", |_| uuid.to_owned()),
            version: reader
                .take("version", |_| integer.to_owned())
                .map(Version::new),
            sort_by_clock: reader.take_flag("sort_by_clock"),
            ascending: reader.take_flag("sort_clock_in_ascending_order"),
            parameters: std::mem::take(&mut reader.used),
        };
        if query.ascending == Some(true) && query.sort_by_clock != Some(true) {
            reader.fault(
                "_schema",
                "sort_by_clock must be set if sort_clock_in_ascending_order is set",
            );
        }
        reader.finish()?;
        Ok(query)
    }
}

struct Reader {
    given: BTreeMap<String, String>,
    used: BTreeMap<String, String>,
    faults: BTreeMap<String, Vec<String>>,
}

impl Reader {
    fn take<T: FromStr + ToString>(
        &mut self,
        name: &str,
        reason: impl Fn(&str) -> String,
    ) -> Option<T> {
        let text = self.given.remove(name)?;
        match text.parse::<T>() {
            Ok(value) => {
                self.used.insert(name.to_owned(), value.to_string());
                Some(value)
            }
            Err(_) => {
                self.fault(name, &reason(&text));
                None
            }
        }
    }

    /// 0 to `most`.
    fn take_count(&mut self, name: &str, most: u64) -> Option<u64> {
        let value: i128 = self.take(name, |_| "Not a valid integer.".to_owned())?;
        match u64::try_from(value) {
            Ok(value) if value <= most => Some(value),
            Ok(_) => {
                self.fault(name, &format!("Must be less than or equal to {most}."));
                None
            }
            Err(_) => {
                self.fault(name, "Must be greater than or equal to 0.");
                None
            }
        }
    }

    fn take_flag(&mut self, name: &str) -> Option<bool> {
        let text = self.given.remove(name)?;
        let flag = match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => true,
            "false" | "f" | "no" | "n" | "off" | "0" => false,
            _ => {
                self.fault(name, "Not a valid boolean.");
                return None;
            }
        };
        self.used.insert(name.to_owned(), flag.to_string());
        Some(flag)
    }

    fn fault(&mut self, name: &str, reason: &str) {
        let reasons = self.faults.entry(name.to_owned()).or_default();
        reasons.push(reason.to_owned());
    }

    /// Whatever has not been taken is not a parameter: a typing mistake must not find everything.
    fn finish(mut self) -> Result<(), Problem> {
        for name in std::mem::take(&mut self.given).into_keys() {
            self.fault(&name, "Unknown field.");
        }
        if self.faults.is_empty() {
            Ok(())
        } else {
            Err(Problem::query(&self.faults))
        }
    }
}
