//! The parameters of a query, read one by one, with all of their faults told at once.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;

use crate::wire::problem::Problem;

/// A query as axum reads it.
pub(crate) type Given = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// What is left to read, what has been, and what was wrong with it.
pub(crate) struct Parameters {
    given: BTreeMap<String, String>,
    used: BTreeMap<String, String>,
    faults: BTreeMap<String, Vec<String>>,
}

impl Parameters {
    /// All parameters. Of one that is given several times the last counts.
    ///
    /// # Errors
    /// 422 if the query is not one.
    pub(crate) fn new(given: Given) -> Result<Self, Problem> {
        let Ok(Query(given)) = given else {
            let reason = "Not a valid query.".to_owned();
            return Err(Problem::query(
                &[("_schema".to_owned(), vec![reason])].into(),
            ));
        };
        Ok(Self {
            given: given.into_iter().collect(),
            used: BTreeMap::new(),
            faults: BTreeMap::new(),
        })
    }

    /// Whether it is given and was not taken.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// The value of a parameter, by what is written the same way by `ToString`.
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

    /// The value of a parameter, and how links write it.
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

    /// A whole number.
    pub(crate) fn take_integer<T: FromStr + ToString>(&mut self, name: &str) -> Option<T> {
        self.take(name, |_| "Not a valid integer.".to_owned())
    }

    /// 0 to `most`. Links name the page by themselves, so this is not in [`Parameters::finish`].
    pub(crate) fn take_count(&mut self, name: &str, most: u64) -> Option<u64> {
        let value: i128 = self.take_integer(name)?;
        self.used.remove(name);
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

    /// A truth value, as marshmallow reads it.
    pub(crate) fn take_flag(&mut self, name: &str) -> Option<bool> {
        let parse = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Ok(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Ok(false),
            _ => Err("Not a valid boolean.".to_owned()),
        };
        self.take_with(name, parse, ToString::to_string)
    }

    /// The parameters whose names begin so, without that beginning.
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

    pub(crate) fn fault(&mut self, name: &str, reason: &str) {
        let reasons = self.faults.entry(name.to_owned()).or_default();
        reasons.push(reason.to_owned());
    }

    /// The parameters as they were understood, by name. Whatever has not been taken is not a
    /// parameter: a typing mistake must not find everything.
    ///
    /// # Errors
    /// 422 with all faults.
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
