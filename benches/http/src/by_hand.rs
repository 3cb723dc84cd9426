//! Service without rules, written by hand over sqlx: a handler that inserts one row, and one that
//! reads it.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use uuid::Uuid;

/// Maximum number of connections that a side has to the database.
pub const CONNECTIONS: u32 = 10;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    task_id: Uuid,
    event_type: String,
}

const POSTGRES: &str = "CREATE TABLE by_hand (
    id uuid PRIMARY KEY, task_id uuid NOT NULL, clock bigserial, event_type text NOT NULL,
    recorded_at timestamptz NOT NULL, data jsonb NOT NULL);
CREATE INDEX ON by_hand (task_id, clock);";

const SQLITE: &str = "CREATE TABLE by_hand (
    clock INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, task_id BLOB NOT NULL,
    event_type TEXT NOT NULL, recorded_at TEXT NOT NULL, data TEXT NOT NULL) STRICT;
CREATE INDEX by_hand_task ON by_hand (task_id, clock);";

const INSERT: &str = "INSERT INTO by_hand (id, task_id, event_type, recorded_at, data)
VALUES ($1, $2, $3, $4, $5)";

const SELECT: &str = "SELECT id, event_type, recorded_at FROM by_hand WHERE task_id = $1
ORDER BY clock DESC LIMIT 1";

type Found = Option<(Uuid, String, DateTime<Utc>)>;

/// Declares the two handlers for one kind of pool.
macro_rules! service {
    ($name:ident, $pool:ty) => {
        mod $name {
            use super::*;

            async fn append(
                State(pool): State<$pool>,
                Json(row): Json<Row>,
            ) -> Result<(StatusCode, Json<Row>), StatusCode> {
                sqlx::query(INSERT)
                    .bind(Uuid::now_v7())
                    .bind(row.task_id)
                    .bind(&row.event_type)
                    .bind(Utc::now())
                    .bind(json!({}))
                    .execute(&pool)
                    .await
                    .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
                Ok((StatusCode::CREATED, Json(row)))
            }

            async fn read(
                State(pool): State<$pool>,
                Path(id): Path<Uuid>,
            ) -> Result<Json<Value>, StatusCode> {
                let found: Found = sqlx::query_as(SELECT)
                    .bind(id)
                    .fetch_optional(&pool)
                    .await
                    .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
                let (event, event_type, at) = found.ok_or(StatusCode::NOT_FOUND)?;
                Ok(Json(json!({"id": event, "eventType": event_type, "recordedAt": at})))
            }

            pub fn router(pool: $pool) -> Router {
                Router::new()
                    .route("/by_hand", post(append))
                    .route("/by_hand/{id}", get(read))
                    .with_state(pool)
            }
        }
    };
}

service!(on_postgres, PgPool);
service!(on_sqlite, SqlitePool);

/// Builds the router of the service, on the same database as the store and as durable as the store.
pub async fn router(url: &str) -> Router {
    if url.starts_with("sqlite:") {
        let options: SqliteConnectOptions = url.parse().unwrap();
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .unwrap();
        sqlx::raw_sql(SQLITE).execute(&pool).await.unwrap();
        on_sqlite::router(pool)
    } else {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .test_before_acquire(false)
            .connect(url)
            .await
            .unwrap();
        sqlx::raw_sql(POSTGRES).execute(&pool).await.unwrap();
        on_postgres::router(pool)
    }
}
