//! Event stores that are compared, one in each file.

mod blind;
mod cqrs_es;
mod disintegrate;
mod emmett;
mod esrs;
mod eventcore;
mod marten;
mod message_db;
mod microcosm;
mod mire;
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
pub use mire::{Commanded as MireCommanded, Mire, Ticket as MireTicket, TicketEvent as MireEvent};
pub use ours::{Commanded, Expecting, Ours};

/// Number of connections of each side. The server takes 200, and all sides keep theirs open.
pub const CONNECTIONS: u32 = 15;

/// Future of a call of a side.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Error of an append that lost a race; the caller may retry.
#[derive(Debug)]
pub struct Lost;

/// Event store to compare.
pub trait Side: Send + Sync {
    /// Returns the name of the side in the tables of the report.
    fn name(&self) -> &'static str;

    /// Appends this many events, in one call, to a stream that has `seen` events.
    fn append(&self, stream: Uuid, seen: u32, count: u32) -> Later<'_, Result<(), Lost>>;

    /// Returns how many events the stream has, as a client reads it before an append.
    fn seen(&self, stream: Uuid) -> Later<'_, u32>;

    /// Reads a stream and folds it to the sum of its minutes. `None` if the side only appends.
    fn load(&self, stream: Uuid) -> Later<'_, Option<u64>> {
        let _ = stream;
        Box::pin(async { None })
    }
}

/// Creates all sides, each in a database of its own, through another port if one is given.
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
    let expected_seq = Expecting(Ours::connect(&url("ours_expecting").await, connections).await);
    let mire = Mire::connect(&url("mire").await, connections).await;
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
        Arc::new(mire.clone()),
        // On the same connections, of which the server has few.
        Arc::new(mire::AnyVersion(mire)),
        Arc::new(marten::Marten::connect(&url("marten").await, connections).await),
        Arc::new(emmett::Emmett::connect(&url("emmett").await, connections).await),
        Arc::new(message_db::MessageDb::connect(&url("message_db").await, connections).await),
        Arc::new(Microcosm::connect(&url("microcosm").await, connections).await),
    ]
}

/// Reads a stream by plain SQL and folds it. Only the payload is decoded.
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

/// Returns [`Lost`] if another append has stored an event at this place of the stream; panics at
/// other errors.
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
