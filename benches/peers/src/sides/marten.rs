//! Quick append as Marten does it: one function call that finds the version of the stream, draws a
//! sequence, inserts a row for each event, and advances the stream. The function is rewritten after
//! the published one; it expects no version, as Marten's does by default.

use sqlx::PgPool;
use uuid::Uuid;

use super::{Later, Lost, Side, lost, sum_minutes};
use crate::server;
use crate::ticket::{fields, name};

const TABLES: &str = "CREATE TABLE mt_streams (
    id uuid PRIMARY KEY, type varchar, version bigint NOT NULL,
    timestamp timestamptz NOT NULL DEFAULT now(), snapshot jsonb, snapshot_version integer,
    created timestamptz NOT NULL DEFAULT now(), tenant_id varchar DEFAULT '*DEFAULT*',
    is_archived boolean DEFAULT false);
CREATE SEQUENCE mt_events_sequence;
CREATE TABLE mt_events (
    seq_id bigint PRIMARY KEY, id uuid NOT NULL,
    stream_id uuid REFERENCES mt_streams (id) ON DELETE CASCADE, version bigint NOT NULL,
    data jsonb NOT NULL, type varchar(500) NOT NULL, timestamp timestamptz NOT NULL DEFAULT now(),
    tenant_id varchar DEFAULT '*DEFAULT*', mt_dotnet_type varchar, is_archived boolean DEFAULT false);
CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON mt_events (stream_id, version);
CREATE FUNCTION quick_append(stream uuid, kind varchar, tenant varchar, ids uuid[], types varchar[],
    dotnet varchar[], bodies jsonb[]) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
    at bigint;
    drawn bigint;
    answer bigint[];
BEGIN
    SELECT version INTO at FROM mt_streams WHERE id = stream;
    IF at IS NULL THEN
        at := 0;
        INSERT INTO mt_streams (id, type, version, timestamp, tenant_id)
        VALUES (stream, kind, 0, now(), tenant);
    END IF;
    answer := ARRAY[at + array_length(ids, 1)];
    FOR n IN 1 .. array_length(ids, 1) LOOP
        drawn := nextval('mt_events_sequence');
        answer := array_append(answer, drawn);
        at := at + 1;
        INSERT INTO mt_events (seq_id, id, stream_id, version, data, type, tenant_id, timestamp,
            mt_dotnet_type, is_archived)
        VALUES (drawn, ids[n], stream, at, bodies[n], types[n], tenant, now(), dotnet[n], false);
    END LOOP;
    UPDATE mt_streams SET version = at, timestamp = now() WHERE id = stream;
    RETURN answer;
END $$";

pub struct Marten {
    pool: PgPool,
}

impl Marten {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool(url, connections).await;
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        Self { pool }
    }
}

impl Side for Marten {
    fn name(&self) -> &'static str {
        "Marten's SQL"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let places = seen..seen + count;
            let types: Vec<_> = places.clone().map(name).collect();
            let appended =
                sqlx::query("SELECT quick_append($1, 'ticket', '*DEFAULT*', $2, $3, $3, $4)")
                    .bind(stream)
                    .bind(places.clone().map(|_| Uuid::now_v7()).collect::<Vec<_>>())
                    .bind(types)
                    .bind(places.map(fields).collect::<Vec<_>>())
                    .execute(&self.pool)
                    .await;
            appended.map(|_| ()).map_err(lost)
        })
    }

    fn seen(&self, _stream: Uuid) -> Later<'_, u32> {
        Box::pin(async { 1 })
    }

    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        const SELECT: &str = "SELECT data, type, version, timestamp, seq_id, id FROM mt_events
            WHERE stream_id = $1 ORDER BY version";
        Box::pin(async move { Some(sum_minutes(&self.pool, SELECT, stream).await) })
    }
}
