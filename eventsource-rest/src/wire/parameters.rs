//! Parameters of a query string, taken one by one; all faults are reported together.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;

use crate::wire::faults::line;
use crate::wire::problem::Problem;

/// Query string as axum extracts it.
pub(crate) type RawQuery = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// Most parameters of a query.
const MAX_PARAMETERS: usize = 100;

/// Longest query, names and values together, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// Parameters of a request that are still to be taken, and the faults found so far.
pub(crate) struct QueryParameters {
    /// Parameters that have not been taken.
    given: BTreeMap<String, String>,
    /// Parameters that have been taken, as links repeat them.
    used: BTreeMap<String, String>,
    /// Reasons by parameter.
    faults: BTreeMap<String, Vec<String>>,
}

impl QueryParameters {
    /// Collects the parameters; of one that is given several times, the last counts.
    ///
    /// # Errors
    /// 422 if the query string cannot be decoded or is too long.
    pub(crate) fn new(given: RawQuery) -> Result<Self, Problem> {
        let invalid = |reason: String| {
            let faults = [("_schema".to_owned(), vec![reason])];
            Err(Problem::query(&faults.into()))
        };
        let Ok(Query(given)) = given else {
            return invalid("Not a valid query.".to_owned());
        };
        let bytes: usize = given
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if given.len() > MAX_PARAMETERS || bytes > MAX_BYTES {
            return invalid(format!(
                "A query has at most {MAX_PARAMETERS} parameters and {MAX_BYTES} bytes."
            ));
        }
        Ok(Self {
            given: given.into_iter().collect(),
            used: BTreeMap::new(),
            faults: BTreeMap::new(),
        })
    }

    /// Returns whether the parameter is given and has not been taken.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// Takes a parameter whose `ToString` is the inverse of its `FromStr`.
    pub(crate) fn take<T: FromStr + ToString>(
        &mut self,
        name: &str,
        reason: impl Fn(&str) -> String,
    ) -> Option<T> {
        self.take_with(
            name,
            |text| text.parse().map_err(|_| reason(text)),
            T::to_string,
        )
    }

    /// Takes a parameter with its own parser, and the writer that links use.
    pub(crate) fn take_with<T>(
        &mut self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, String>,
        write: impl Fn(&T) -> String,
    ) -> Option<T> {
        let text = self.given.remove(name)?;
        match parse(&text) {
            Ok(value) => {
                self.used.insert(name.to_owned(), write(&value));
                Some(value)
            }
            Err(reason) => {
                self.fault(name, &reason);
                None
            }
        }
    }

    /// Takes an integer.
    pub(crate) fn take_integer<T: FromStr + ToString>(&mut self, name: &str) -> Option<T> {
        self.take(name, |_| "Not a valid integer.".to_owned())
    }

    /// Takes an integer from 0 to `max`.
    ///
    /// [`QueryParameters::finish`] leaves it out, because links write the page by themselves.
    pub(crate) fn take_count(&mut self, name: &str, max: u64) -> Option<u64> {
        let value: i128 = self.take_integer(name)?;
        self.used.remove(name);
        match u64::try_from(value) {
            Ok(value) if value <= max => Some(value),
            Ok(_) => {
                self.fault(name, &format!("Must be less than or equal to {max}."));
                None
            }
            Err(_) => {
                self.fault(name, "Must be greater than or equal to 0.");
                None
            }
        }
    }

    /// Takes a boolean, spelled in any way that Python's marshmallow accepts.
    pub(crate) fn take_flag(&mut self, name: &str) -> Option<bool> {
        let parse = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
            _ => Err("Not a valid boolean.".to_owned()),
        };
        self.take_with(name, parse, ToString::to_string)
    }

    /// Takes all parameters whose names begin with `prefix`; their names are returned without it.
    pub(crate) fn take_all(&mut self, prefix: &str) -> Vec<(String, String)> {
        let begins = |name: &&String| name.starts_with(prefix);
        let names: Vec<String> = self.given.keys().filter(begins).cloned().collect();
        let take = |name: String| {
            let value = self.given.remove(&name)?;
            self.used.insert(name.clone(), value.clone());
            Some((name[prefix.len()..].to_owned(), value))
        };
        names.into_iter().filter_map(take).collect()
    }

    /// Records a fault of a parameter.
    pub(crate) fn fault(&mut self, name: &str, reason: &str) {
        let reasons = self.faults.entry(line(name)).or_default();
        reasons.push(line(reason));
    }

    /// Returns the parameters that were taken, in the form that links repeat.
    ///
    /// # Errors
    /// 422 with all faults. A parameter that was not taken is one of them: a misspelled filter must
    /// not match everything.
    pub(crate) fn finish(mut self) -> Result<BTreeMap<String, String>, Problem> {
        for name in std::mem::take(&mut self.given).into_keys() {
            self.fault(&name, "Unknown field.");
        }
        if self.faults.is_empty() {
            Ok(self.used)
        } else {
            Err(Problem::query(&self.faults))
        }
    }
}
