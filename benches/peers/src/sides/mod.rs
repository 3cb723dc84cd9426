//! The stores that are compared, one a file.

mod blind;
mod cqrs_es;
mod disintegrate;
mod emmett;
mod esrs;
mod eventcore;
mod marten;
mod message_db;
mod microcosm;
mod ours;

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;

use uuid::Uuid;

use crate::server::{self, Server};

pub use blind::Blind;
pub use cqrs_es::CqrsEs;
pub use microcosm::Microcosm;
pub use ours::Ours;

/// Each side's connections. The server takes 200, and all sides keep theirs.
pub const CONNECTIONS: u32 = 15;

/// What a side answers, later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Another append was faster; the caller may try again.
#[derive(Debug)]
pub struct Lost;

/// A store of events.
pub trait Side: Send + Sync {
    /// How the tables of the report call it.
    fn name(&self) -> &'static str;

    /// Appends so many events, in one call, to a stream that has `seen` of them.
    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>>;

    /// How many events the stream has, as a client finds it before it appends.
    fn seen(&self, stream: Uuid) -> Later<'_, u32>;

    /// Reads a stream and folds it: the sum of its minutes. `None` if the side only appends.
    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        let _ = stream;
        Box::pin(async { None })
    }
}

/// All sides, each in a database of its own, through another port if one is given.
pub async fn all(
    server: &Server,
    run: &str,
    port: Option<u16>,
    connections: u32,
) -> Vec<Arc<dyn Side>> {
    let url = async |side: &str| {
        let url = server.database(&format!("{run}_{side}")).await;
        port.map_or(url.clone(), |port| server::through(&url, port))
    };
    let ours = Ours::connect(&url("ours").await, connections).await;
    let expected_seq = ours::Expecting(Ours::connect(&url("ours_expecting").await, connections).await);
    let persist = cqrs_es::PersistOnly::connect(&url("cqrs_es_store").await, connections).await;
    vec![
        Arc::new(ours),
        Arc::new(expected_seq),
        Arc::new(Blind::connect(&url("blind").await, connections).await),
        Arc::new(CqrsEs::connect(&url("cqrs_es").await, connections).await),
        Arc::new(persist),
        Arc::new(esrs::Esrs::connect(&url("esrs").await, connections).await),
        Arc::new(
            disintegrate::Disintegrate::connect(&url("disintegrate").await, connections).await,
        ),
        Arc::new(eventcore::Eventcore::connect(&url("eventcore").await, connections).await),
        Arc::new(marten::Marten::connect(&url("marten").await, connections).await),
        Arc::new(emmett::Emmett::connect(&url("emmett").await, connections).await),
        Arc::new(message_db::MessageDb::connect(&url("message_db").await, connections).await),
        Arc::new(Microcosm::connect(&url("microcosm").await, connections).await),
    ]
}

/// Reads a stream with plain SQL and folds it. The payload is decoded, nothing else.
async fn sum_minutes(pool: &sqlx::PgPool, select: &'static str, stream: Uuid) -> u64 {
    use sqlx::Row;
    let rows = sqlx::query(select)
        .bind(stream)
        .fetch_all(pool)
        .await
        .unwrap();
    rows.iter()
        .map(|row| {
            let sqlx::types::Json(fields): sqlx::types::Json<crate::ticket::Fields> =
                row.try_get(0).unwrap();
            let fields = black_box(fields);
            u64::from(fields.minutes)
        })
        .sum()
}

/// Whether another append had the place.
fn lost(error: sqlx::Error) -> Lost {
    let code = error
        .as_database_error()
        .and_then(|database| database.code())
        .map(|code| code.into_owned());
    match code.as_deref() {
        Some("23505" | "40001" | "40P01") => Lost,
        _ => panic!("{error}"),
    }
}
