//! Batch of events written by COPY in its binary format.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::store::contract::bulk::{ValidatedBatch, ValidatedRow};
use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::entity_context::EntityContext;

/// Signature of the format, without flags and extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Columns of an event, except the id of the entity.
const EVENT: &str = "seq, event_id, event_type, prior_state, state, prior_version, \
    version, recorded_at, data, metadata";

/// Number of columns, which precedes each row.
const COLUMN_COUNT: [u8; 2] = 11_i16.to_be_bytes();

/// End of the data, in place of a number of columns.
const TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// Epoch of Postgres, midnight of the first of January 2000, in microseconds of the Unix epoch.
const EPOCH: i64 = 946_684_800_000_000;

/// Writes the events of a batch.
pub(crate) async fn copy(
    connection: &mut PgConnection,
    context: &EntityContext,
    batch: &ValidatedBatch,
) -> Result<(), sqlx::Error> {
    let (log, id) = (context.names.log(), context.names.id_column());
    let statement = format!("COPY {log} ({id}, {EVENT}) FROM STDIN WITH (FORMAT binary)");
    let rows = rows(&context.codes, &batch.rows);
    let mut copy = connection.copy_in_raw(&statement).await?;
    copy.send(rows).await?;
    copy.finish().await?;
    Ok(())
}

/// Returns the rows in the format of COPY.
fn rows(codes: &EventTypeCodes, rows: &[ValidatedRow]) -> Vec<u8> {
    let texts: usize = rows
        .iter()
        .map(|row| row.data.len() + row.metadata.len())
        .sum();
    let mut buffer = Vec::with_capacity(HEADER.len() + texts + rows.len() * 140);
    buffer.extend_from_slice(HEADER);
    for row in rows {
        buffer.extend_from_slice(&COLUMN_COUNT);
        push_value(&mut buffer, row.entity_id.as_bytes());
        push_value(&mut buffer, &row.seq.get().to_be_bytes());
        push_value(&mut buffer, row.event_id.as_bytes());
        push_value(&mut buffer, &codes.number(row.event_type).to_be_bytes());
        push_value(&mut buffer, &codes.encode(row.prior_state).to_be_bytes());
        push_value(&mut buffer, &codes.encode(row.state).to_be_bytes());
        push_value(&mut buffer, &row.prior_generation.to_be_bytes());
        push_value(&mut buffer, &row.generation.get().to_be_bytes());
        push_value(&mut buffer, &micros(row.recorded_at).to_be_bytes());
        push_value(&mut buffer, row.data.as_bytes());
        push_value(&mut buffer, row.metadata.as_bytes());
    }
    buffer.extend_from_slice(&TRAILER);
    buffer
}

/// Returns the time in microseconds since the epoch of Postgres.
fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros() - EPOCH
}

fn push_length(buffer: &mut Vec<u8>, bytes: usize) {
    // Texts are limited by the length of a line or the size of a batch, which fit an i32.
    buffer.extend_from_slice(&i32::try_from(bytes).unwrap_or(i32::MAX).to_be_bytes());
}

fn push_value(buffer: &mut Vec<u8>, bytes: &[u8]) {
    push_length(buffer, bytes.len());
    buffer.extend_from_slice(bytes);
}
