//! Write as message-db does it: a function call for each message that takes the lock of its
//! category, reads the version of the stream and inserts. The function is rewritten after the
//! published one.

use sqlx::PgPool;
use uuid::Uuid;

use super::{Later, Lost, Side, lost};
use crate::server;
use crate::ticket::{fields, name};

const TABLES: &str = "CREATE TABLE messages (
    global_position bigserial PRIMARY KEY, position bigint NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    time timestamp NOT NULL DEFAULT (now() AT TIME ZONE 'utc'), stream_name text NOT NULL,
    type text NOT NULL, data jsonb, metadata jsonb);
CREATE FUNCTION category(stream text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT split_part(stream, '-', 1) $$;
CREATE UNIQUE INDEX messages_id ON messages (id);
CREATE UNIQUE INDEX messages_stream ON messages (stream_name, position);
CREATE INDEX messages_category ON messages
    (category(stream_name), global_position, category(metadata ->> 'correlationStreamName'));
CREATE FUNCTION write_one(message uuid, stream text, kind text, body jsonb, about jsonb, expected bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    version bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(left('x' || md5(category(stream)), 17)::bit(64)::bigint);
    SELECT max(position) INTO version FROM messages WHERE stream_name = stream;
    version := coalesce(version, -1);
    IF expected IS NOT NULL AND expected <> version THEN
        RAISE EXCEPTION 'wrong expected version' USING ERRCODE = '40001';
    END IF;
    INSERT INTO messages (id, stream_name, position, type, data, metadata)
    VALUES (message, stream, version + 1, kind, body, about);
    RETURN version + 1;
END $$";

pub struct MessageDb {
    pool: PgPool,
}

impl MessageDb {
    pub async fn connect(url: &str, connections: u32) -> Self {
        let pool = server::pool(url, connections).await;
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        Self { pool }
    }
}

fn stream_name(stream: Uuid) -> String {
    format!("ticket-{stream}")
}

impl Side for MessageDb {
    fn name(&self) -> &'static str {
        "message-db's SQL"
    }

    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let mut transaction = None;
            if count > 1 {
                transaction = Some(self.pool.begin().await.unwrap());
            }
            for place in seen..seen + count {
                let write = sqlx::query("SELECT write_one($1, $2, $3, $4, '{}', $5)")
                    .bind(Uuid::now_v7())
                    .bind(stream_name(stream))
                    .bind(name(place))
                    .bind(fields(place))
                    .bind(i64::from(place) - 1);
                let written = match &mut transaction {
                    Some(transaction) => write.execute(&mut **transaction).await,
                    None => write.execute(&self.pool).await,
                };
                written.map_err(lost)?;
            }
            if let Some(transaction) = transaction {
                transaction.commit().await.map_err(lost)?;
            }
            Ok(())
        })
    }

    fn seen(&self, stream: Uuid) -> Later<'_, u32> {
        Box::pin(async move {
            let last: Option<i64> =
                sqlx::query_scalar("SELECT max(position) FROM messages WHERE stream_name = $1")
                    .bind(stream_name(stream))
                    .fetch_one(&self.pool)
                    .await
                    .unwrap();
            u32::try_from(last.unwrap_or(-1) + 1).unwrap()
        })
    }
}
