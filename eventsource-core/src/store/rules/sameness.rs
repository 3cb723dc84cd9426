//! Sameness of two payloads, as a repeat of a request has it.

use eventsource_model::EventIndex;
use serde_json::Value;

use crate::Error;
use crate::store::contract::plan_rules::PlanRules;

/// Returns whether two payloads of an event type hold the same values.
///
/// They are compared as the event type writes them, since an older program did not know of a newer
/// field. The order of an object's keys does not matter; that of a list does, unless the event type
/// reads it as a set, whose order may differ each time it is written.
///
/// # Errors
/// [`Error::Payload`] if the event type cannot read one of them.
pub(crate) fn is_same(
    rules: &PlanRules,
    event_type: EventIndex,
    stored: &str,
    asked: &str,
) -> Result<bool, Error> {
    if stored == asked {
        return Ok(true);
    }
    let stored = rewritten(rules, event_type, stored)?;
    let asked = rewritten(rules, event_type, asked)?;
    let comparison = Comparison {
        rules,
        event_type,
        stored: &stored,
    };
    Ok(comparison.is_same(&stored, &asked, ""))
}

/// Returns a payload as the event type writes it.
fn rewritten(rules: &PlanRules, event_type: EventIndex, payload: &str) -> Result<Value, Error> {
    let payload = (rules.rewrite)(event_type, payload)?;
    serde_json::from_str(&payload).map_err(|error| Error::undecodable(error.into()))
}

struct Comparison<'a> {
    rules: &'a PlanRules,
    event_type: EventIndex,
    /// Whole payload of the first request.
    stored: &'a Value,
}

impl Comparison<'_> {
    /// Compares values at this JSON pointer.
    fn is_same(&self, stored: &Value, asked: &Value, at: &str) -> bool {
        match (stored, asked) {
            (Value::Object(stored), Value::Object(asked)) => {
                let mut fields = stored.iter();
                stored.len() == asked.len()
                    && fields.all(|(name, value)| {
                        let name_in_pointer = name.replace('~', "~0").replace('/', "~1");
                        let at = format!("{at}/{name_in_pointer}");
                        asked
                            .get(name)
                            .is_some_and(|asked| self.is_same(value, asked, &at))
                    })
            }
            (Value::Array(stored), Value::Array(asked)) => {
                let mut pairs = stored.iter().zip(asked).enumerate();
                stored.len() == asked.len()
                    && (pairs.all(|(number, (stored, asked))| {
                        self.is_same(stored, asked, &format!("{at}/{number}"))
                    }) || sorted(stored) == sorted(asked) && self.is_set(at))
            }
            _ => stored == asked,
        }
    }

    /// Returns whether the event type reads the list at this JSON pointer as a set: with an element twice
    /// it becomes shorter.
    fn is_set(&self, at: &str) -> bool {
        let mut probe = self.stored.clone();
        let Some(Value::Array(elements)) = probe.pointer_mut(at) else {
            return false;
        };
        let length = elements.len();
        match elements.as_mut_slice() {
            [first, second, ..] => *second = first.clone(),
            _ => return false,
        }
        let read = rewritten(self.rules, self.event_type, &probe.to_string());
        let read = read.ok();
        let elements = read.as_ref().and_then(|read| read.pointer(at));
        let elements = elements.and_then(Value::as_array);
        elements.is_some_and(|elements| elements.len() < length)
    }
}

/// Returns the elements of a list in an order that depends on them alone.
fn sorted(elements: &[Value]) -> Vec<String> {
    let mut elements: Vec<String> = elements.iter().map(Value::to_string).collect();
    elements.sort_unstable();
    elements
}
