//! Checks of the payload types against the machine.

use eventsource_model::names::{clash, is_reserved_field};

use crate::payload::absent::{Asked, asked, is_flattened};
use crate::payload::inspect::{Shape, shape_of};
use crate::payload::text::{from_payload_text, to_payload_text};
use crate::store::contract::plan_rules::PlanRules;
#[cfg(feature = "postgres")]
use crate::store::rules::autos::autos_after_each;
use crate::{DataField, Error, Event, EventType};

/// Checks the payload types of `E` and returns the rules of an append.
///
/// # Errors
/// [`Error::InvalidMachine`] if a payload type does not fit the rules.
pub(crate) fn payload_rules<E: Event>() -> Result<PlanRules, Error> {
    let invalid = |reason: String| Error::InvalidMachine {
        entity: E::ENTITY,
        reason,
    };
    let mut all_fields = Vec::with_capacity(E::Type::ALL.len());
    for event_type in E::Type::ALL {
        // The derive cannot see the fields of a payload struct; serde reports them.
        let fields = match shape_of::<E>(*event_type) {
            Shape::Fields(fields) => Some(fields),
            Shape::AnyFields => None,
            Shape::NoObject => {
                let reason = format!("the payload of '{event_type}' is not a JSON object");
                return Err(invalid(reason));
            }
        };
        if let Some((one, other)) = clash(fields.unwrap_or_default()) {
            let reason = format!(
                "the fields '{one}' and '{other}' of '{event_type}' are spelled alike in JSON"
            );
            return Err(invalid(reason));
        }
        for field in fields.unwrap_or_default() {
            if is_reserved_field(E::ENTITY, field) {
                let reason = format!(
                    "the payload of '{event_type}' has the reserved field '{field}': rename it"
                );
                return Err(invalid(reason));
            }
        }
        for field in event_type.requires() {
            if fields.is_some_and(|fields| !fields.contains(&field)) {
                let reason = format!(
                    "'{event_type}' requires '{field}', which does not exist in the serialized payload"
                );
                return Err(invalid(reason));
            }
        }
        if let Some(reason) = wrongly_required::<E>(*event_type) {
            return Err(invalid(reason));
        }
        for source in E::DATA_FIELDS.iter().flat_map(DataField::sources) {
            if source.event() == event_type.index()
                && let Some(field) = source.payload_field()
                && fields.is_some_and(|fields| !fields.contains(&field))
            {
                let reason = format!(
                    "'{event_type}' feeds the data from '{field}', which does not exist in the \
                     serialized payload"
                );
                return Err(invalid(reason));
            }
        }
        all_fields.push(fields);
    }
    Ok(PlanRules {
        machine: E::MACHINE,
        entity: E::ENTITY,
        id: E::ID,
        fields: all_fields,
        #[cfg(feature = "postgres")]
        autos: autos_after_each(E::MACHINE),
        read: |event, payload| match E::Type::from_index(event) {
            Some(event_type) => from_payload_text::<E>(event_type, payload).map(drop),
            // Never: the index is one of this machine.
            None => Ok(()),
        },
        rewrite: |event, payload| match E::Type::from_index(event) {
            Some(event_type) => to_payload_text(&from_payload_text::<E>(event_type, payload)?),
            // Never: the index is one of this machine.
            None => Ok(payload.to_owned()),
        },
    })
}

/// Returns why a required field could never have a value, or was meant to do without one.
fn wrongly_required<E: Event>(event_type: E::Type) -> Option<String> {
    let by_type = E::Type::REQUIRED_BY_TYPE.get(event_type.index().get());
    let is_by_type = |field: &str| by_type.is_some_and(|fields| fields.contains(&field));
    event_type.requires().find_map(|field| {
        if is_flattened::<E>(event_type, field) {
            return Some(format!(
                "'{event_type}' requires '{field}', which is flattened: the payload has the fields of \
                 '{field}' in its place, of which a type that is no `Option` is required anyway"
            ));
        }
        match asked::<E>(event_type, field) {
            Asked::Unit => Some(format!(
                "'{event_type}' requires '{field}', which JSON writes as null, as it writes no value: \
                 remove the field, or mark it `#[serde(default)]`"
            )),
            Asked::Option if is_by_type(field) => Some(format!(
                "'{event_type}' requires '{field}', whose type is an `Option` by another name: write \
                 `Option<..>` or mark it `#[serde(default)]` if it may be absent, and name it in \
                 `requires(..)` if not"
            )),
            Asked::Option | Asked::Value => None,
        }
    })
}
