//! Events in the binary form of COPY.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::store::contract::bulk::{ValidatedBatch, ValidatedRow};
use crate::store::contract::codes::EventTypeCodes;
use crate::store::contract::entity_context::EntityContext;
use crate::store::postgres::bulk::insert::EVENT;

/// The form's signature, no flags, no extension.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// The number of columns of a row, and where a row would be, the end.
const COLUMNS: [u8; 2] = 11_i16.to_be_bytes();

const END: [u8; 2] = (-1_i16).to_be_bytes();

/// Before the text of a jsonb.
const JSONB_VERSION: u8 = 1;

/// Midnight of the first of January 2000, from which Postgres counts, in microseconds.
const EPOCH: i64 = 946_684_800_000_000;

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

fn rows(codes: &EventTypeCodes, rows: &[ValidatedRow]) -> Vec<u8> {
    let texts: usize = rows
        .iter()
        .map(|row| row.data.len() + row.metadata.len())
        .sum();
    let mut to = Vec::with_capacity(HEADER.len() + texts + rows.len() * 140);
    to.extend_from_slice(HEADER);
    for row in rows {
        to.extend_from_slice(&COLUMNS);
        value(&mut to, row.entity_id.as_bytes());
        value(&mut to, &row.seq.get().to_be_bytes());
        value(&mut to, row.event_id.as_bytes());
        value(&mut to, &codes.number(row.event_type).to_be_bytes());
        value(&mut to, &codes.encode(row.prior_state).to_be_bytes());
        value(&mut to, &codes.encode(row.state).to_be_bytes());
        value(&mut to, &row.prior_generation.to_be_bytes());
        value(&mut to, &row.generation.get().to_be_bytes());
        value(&mut to, &micros(row.recorded_at).to_be_bytes());
        jsonb(&mut to, &row.data);
        jsonb(&mut to, &row.metadata);
    }
    to.extend_from_slice(&END);
    to
}

fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros() - EPOCH
}

fn length(to: &mut Vec<u8>, bytes: usize) {
    // No text is longer than a line of an import, or a batch.
    to.extend_from_slice(&i32::try_from(bytes).unwrap_or(i32::MAX).to_be_bytes());
}

fn value(to: &mut Vec<u8>, bytes: &[u8]) {
    length(to, bytes.len());
    to.extend_from_slice(bytes);
}

fn jsonb(to: &mut Vec<u8>, text: &str) {
    length(to, text.len() + 1);
    to.push(JSONB_VERSION);
    to.extend_from_slice(text.as_bytes());
}
