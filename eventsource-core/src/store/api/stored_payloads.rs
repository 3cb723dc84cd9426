//! Check that a program reads what is stored.

use std::str::FromStr;

use uuid::Uuid;

use crate::payload::text::from_payload_text;
use crate::store::contract::driver::SchemaDriver;
use crate::store::contract::names::Names;
use crate::store::contract::schema_version::SchemaVersion;
use crate::store::contract::stored_payload::StoredPayload;
use crate::store::database::{Database, on_database};
use crate::store::rules::stored_payloads::sample;
use crate::{EntityId, Error, Event, PayloadError, Seq};

/// Reads a sample of the stored events: the first and the last of each type in several parts of the log.
///
/// # Errors
/// [`Error::StoredPayload`] for the first event that `E` cannot read.
pub(crate) async fn check_sample<E: Event>(
    database: &Database,
    names: &Names,
    registered: &SchemaVersion,
) -> Result<(), Error> {
    let ends = on_database!(database, backend => backend.log_ends(names).await)?;
    let Some((first, last)) = ends else {
        return Ok(());
    };
    for part in sample(first, last) {
        let payloads = on_database!(database, backend => backend.payloads(names, part).await)?;
        for stored in &payloads {
            let Err(source) = read::<E>(registered, stored) else {
                continue;
            };
            return Err(Error::StoredPayload {
                entity: E::ENTITY,
                id: E::ID.format(entity_id(stored)),
                seq: seq(stored).unwrap_or_default(),
                source,
            });
        }
    }
    Ok(())
}

/// Reads the payload of a stored event, unless that has no type of this program or no payload, which others
/// find.
fn read<E: Event>(registered: &SchemaVersion, stored: &StoredPayload) -> Result<(), PayloadError> {
    let mut codes = registered.codes.iter();
    let name = codes.find(|(_, code)| stored.event_type == Some(i64::from(*code)));
    let event_type = name.and_then(|(name, _)| E::Type::from_str(name).ok());
    match (event_type, &stored.data) {
        (Some(event_type), Some(data)) => from_payload_text::<E>(event_type, data).map(drop),
        _ => Ok(()),
    }
}

fn entity_id(stored: &StoredPayload) -> EntityId {
    let id = stored.entity_id.as_deref().map(Uuid::parse_str);
    id.and_then(Result::ok).unwrap_or_default().into()
}

fn seq(stored: &StoredPayload) -> Option<Seq> {
    let seq = stored.seq.map(u32::try_from);
    seq.and_then(Result::ok).map(Seq::new)
}
