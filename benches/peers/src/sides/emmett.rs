//! Append as Emmett does it: one function call that advances the stream if it is at the expected
//! version, inserts all events by `unnest` and collects their positions, inside a transaction of
//! the client. Tables are partitioned by list as Emmett's are. The function is rewritten after the
//! published one.

use sqlx::PgPool;
use uuid::Uuid;

use super::{Later, Lost, Side, lost, sum_minutes};
use crate::server;
use crate::ticket::{fields, name};

const TABLES: &str = "CREATE TABLE emt_streams (
    stream_id text NOT NULL, stream_position bigint NOT NULL, partition text NOT NULL,
    stream_type text NOT NULL, stream_metadata jsonb NOT NULL,
    is_archived boolean NOT NULL DEFAULT false,
    PRIMARY KEY (stream_id, partition, is_archived)) PARTITION BY LIST (partition);
CREATE TABLE emt_streams_default PARTITION OF emt_streams DEFAULT;
CREATE SEQUENCE emt_global_message_position;
CREATE TABLE emt_messages (
    stream_position bigint NOT NULL,
    global_position bigint DEFAULT nextval('emt_global_message_position'),
    transaction_id xid8 NOT NULL, created timestamptz NOT NULL DEFAULT now(),
    is_archived boolean NOT NULL DEFAULT false, message_kind char(1) NOT NULL DEFAULT 'E',
    stream_id text NOT NULL, partition text NOT NULL, message_schema_version text NOT NULL,
    message_id text NOT NULL, message_type text NOT NULL, message_data jsonb NOT NULL,
    message_metadata jsonb NOT NULL,
    PRIMARY KEY (stream_id, stream_position, partition, is_archived)) PARTITION BY LIST (partition);
CREATE TABLE emt_messages_default PARTITION OF emt_messages DEFAULT;
CREATE FUNCTION append_to_stream(ids text[], bodies jsonb[], metadatas jsonb[], versions text[],
    types text[], kinds text[], stream text, kind text, expected bigint, part text)
RETURNS TABLE (success boolean, next_position bigint, positions bigint[], transaction xid8)
LANGUAGE plpgsql AS $$
DECLARE
    after bigint;
    moved integer;
    stored bigint[];
    own xid8 := pg_current_xact_id();
BEGIN
    IF expected IS NULL THEN
        SELECT coalesce((SELECT s.stream_position FROM emt_streams AS s WHERE s.stream_id = stream
            AND s.partition = part AND NOT s.is_archived LIMIT 1), 0) INTO expected;
    END IF;
    after := expected + array_length(ids, 1);
    IF expected = 0 THEN
        INSERT INTO emt_streams VALUES (stream, after, part, kind, '{}', false);
    ELSE
        UPDATE emt_streams AS s SET stream_position = after
        WHERE s.stream_id = stream AND s.stream_position = expected AND s.partition = part
            AND NOT s.is_archived;
        GET DIAGNOSTICS moved = ROW_COUNT;
        IF moved = 0 THEN
            RETURN QUERY SELECT false, NULL::bigint, NULL::bigint[], NULL::xid8;
            RETURN;
        END IF;
    END IF;
    WITH row AS (
        SELECT expected + ordinality AS place, id, body, metadata, version, type, message
        FROM unnest(ids, bodies, metadatas, versions, types, kinds) WITH ORDINALITY
            AS given (id, body, metadata, version, type, message, ordinality)
    ), inserted AS (
        INSERT INTO emt_messages (stream_id, stream_position, partition, message_data,
            message_metadata, message_schema_version, message_type, message_kind, message_id,
            transaction_id)
        SELECT stream, place, part, body, metadata, version, type, message, id, own FROM row
        RETURNING global_position
    )
    SELECT array_agg(global_position) INTO stored FROM inserted;
    RETURN QUERY SELECT true, after, stored, own;
EXCEPTION WHEN unique_violation THEN
    RETURN QUERY SELECT false, NULL::bigint, NULL::bigint[], NULL::xid8;
END $$";

pub struct Emmett {
    pool: PgPool,
}

impl Emmett {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool(url, connections).await;
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        Self { pool }
    }
}

impl Side for Emmett {
    fn name(&self) -> &'static str {
        "Emmett's SQL"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let places = seen..seen + count;
            let each = |text: &'static str| vec![text; count as usize];
            let mut transaction = self.pool.begin().await.unwrap();
            let success: Result<bool, _> = sqlx::query_scalar(
                "SELECT success FROM append_to_stream($1, $2, $3, $4, $5, $6, $7, 'ticket', $8, 'emt:default')",
            )
            .bind(places.clone().map(|_| Uuid::now_v7().to_string()).collect::<Vec<_>>())
            .bind(places.clone().map(fields).collect::<Vec<_>>())
            .bind(vec![serde_json::json!({}); count as usize])
            .bind(each("1"))
            .bind(places.map(name).collect::<Vec<_>>())
            .bind(each("E"))
            .bind(stream.to_string())
            .bind(i64::from(seen))
            .fetch_one(&mut *transaction)
            .await;
            let success = success.map_err(lost)?;
            transaction.commit().await.map_err(lost)?;
            if success { Ok(()) } else { Err(Lost) }
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        Box::pin(async move {
            let position: Option<i64> = sqlx::query_scalar(
                "SELECT stream_position FROM emt_streams WHERE stream_id = $1
                    AND partition = 'emt:default' AND NOT is_archived",
            )
            .bind(stream.to_string())
            .fetch_optional(&self.pool)
            .await
            .unwrap();
            u32::try_from(position.unwrap_or_default()).unwrap()
        })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        const SELECT: &str = "SELECT message_data, stream_position, global_position, message_type,
            message_id, message_metadata FROM emt_messages
            WHERE stream_id = $1::text AND partition = 'emt:default' AND NOT is_archived
            ORDER BY stream_position";
        Box::pin(async move { Some(sum_minutes(&self.pool, SELECT, stream).await) })
    }
}
