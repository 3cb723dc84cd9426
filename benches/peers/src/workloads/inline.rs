//! Appends with a read model that is written in their transaction.

use std::sync::Arc;

use eventsource_core::{
    EntityId, EventStore, Failure, Keys, Projection, Projects, Reads, RecordedEvent, Tables,
    Transaction, View, view,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Bench, Sides, by_turns, rows};
use crate::measure::append_rate;
use crate::report::{OURS, Report, Table};
use crate::server;
use crate::sides::{CONNECTIONS, Later, Lost, Ours, Side};
use crate::ticket::{TicketEvent, event, fields, name};

const WITH_VIEW: &str = "with an inline `View`";
const WITH_SQL: &str = "with an inline `Projection`";
const BY_HAND: &str = "one transaction an append";

/// Events and minutes of a ticket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Spent {
    events: u32,
    minutes: u64,
}

impl View for Spent {
    const NAME: &'static str = "spent";
    const VERSION: u32 = 1;
    type Key = EntityId;
}

impl Reads<TicketEvent> for Spent {
    fn keys(event: &RecordedEvent<TicketEvent>) -> Keys<EntityId> {
        event.entity_id.into()
    }

    fn apply(&mut self, event: &RecordedEvent<TicketEvent>) {
        self.events += 1;
        if let TicketEvent::Commented { minutes, .. } = &event.event {
            self.minutes += u64::from(*minutes);
        }
    }
}

/// The same by SQL, row by row.
struct SpentInSql;

const UPSERT: &str = "INSERT INTO {spent} AS old VALUES ($1, 1, $2)
ON CONFLICT (id) DO UPDATE SET events = old.events + 1, minutes = old.minutes + excluded.minutes";

fn create(table: &str) -> String {
    format!(
        "CREATE TABLE {table} (id uuid PRIMARY KEY, events integer NOT NULL, minutes bigint NOT NULL)"
    )
}

impl Projection for SpentInSql {
    const NAME: &'static str = "spent_in_sql";
    const VERSION: u32 = 1;

    fn schema(&self, tables: &Tables) -> String {
        create(&tables.name("spent"))
    }
}

impl Projects<TicketEvent> for SpentInSql {
    async fn apply(
        &self,
        event: &RecordedEvent<TicketEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        let minutes = match &event.event {
            TicketEvent::Commented { minutes, .. } => i64::from(*minutes),
            _ => 0,
        };
        transaction
            .execute(UPSERT, (event.entity_id, minutes))
            .await?;
        Ok(())
    }
}

/// This project, with a model.
struct Inline(&'static str, EventStore<TicketEvent>);

impl Side for Inline {
    fn name(&self) -> &'static str {
        self.0
    }

    fn append(&self, stream: Uuid, seen: u32, _count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let append = self.1.append(EntityId::from(stream), event(seen));
            append.await.map(drop).map_err(|error| panic!("{error}"))
        })
    }

    fn seen(&self, _stream: Uuid) -> Later<'_, u32> {
        Box::pin(async { 1 })
    }
}

/// The function for SQL and an upsert, in a transaction of their own.
struct ByHand(PgPool);

impl Side for ByHand {
    fn name(&self) -> &'static str {
        BY_HAND
    }

    fn append(&self, stream: Uuid, seen: u32, _count: u32) -> Later<'_, Result<(), Lost>> {
        Box::pin(async move {
            let mut transaction = self.0.begin().await.unwrap();
            sqlx::query("SELECT FROM ticket_append($1, $2, $3::json)")
                .bind(stream)
                .bind(name(seen))
                .bind(fields(seen).to_string())
                .execute(&mut *transaction)
                .await
                .unwrap();
            let minutes = if seen == 0 { 0_i64 } else { 5 };
            sqlx::query(
                "INSERT INTO spent AS old VALUES ($1, 1, $2)
ON CONFLICT (id) DO UPDATE SET events = old.events + 1, minutes = old.minutes + excluded.minutes",
            )
            .bind(stream)
            .bind(minutes)
            .execute(&mut *transaction)
            .await
            .unwrap();
            transaction.commit().await.unwrap();
            Ok(())
        })
    }

    fn seen(&self, _stream: Uuid) -> Later<'_, u32> {
        Box::pin(async { 1 })
    }
}

/// Measures one event a call, each client on streams of its own.
pub async fn run(bench: &Bench, report: &mut Report) {
    let connect = async |database: &str| {
        let url = bench.server.database(database).await;
        Ours::connect(&url, CONNECTIONS).await
    };
    let with_view = connect("inline_view").await.tickets.inline(view::<Spent>());
    let in_sql = connect("inline_sql").await.tickets.inline(SpentInSql);
    let url = bench.server.database("inline_by_hand").await;
    drop(Ours::connect(&url, 2).await);
    let by_hand = server::pool(&url, CONNECTIONS).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(create("spent")))
        .execute(&by_hand)
        .await
        .unwrap();
    let sides: Sides = vec![
        Arc::new(connect("inline_without").await),
        Arc::new(Inline(WITH_VIEW, with_view.await.unwrap())),
        Arc::new(Inline(WITH_SQL, in_sql.await.unwrap())),
        Arc::new(ByHand(by_hand)),
    ];
    let mut columns = Vec::new();
    let clients = [1, 16, 64];
    for clients in clients {
        let turn = bench.turns.turn;
        let measure = async |side: &_| Some(append_rate(side, clients, 1, turn).await);
        columns.push(by_turns(&sides, bench.turns.rounds, measure).await);
    }
    let table = Table {
        title: "Append with an inline read model",
        about: "Events a second, one a call, each client on streams of its own. The model has a row for \
                each stream. One transaction an append is the function for SQL, the same upsert, and a \
                commit."
            .to_owned(),
        columns: clients.iter().map(|n| format!("{n} clients")).collect(),
        rows: rows(&sides, columns),
        picture: None,
    };
    for (column, workload) in [
        ("16 clients", "append with an inline `View`, 16 clients"),
        ("64 clients", "append with an inline `View`, 64 clients"),
    ] {
        let to = |other| table.ratio(WITH_VIEW, other, column);
        report.at_least(
            workload,
            "0.5 of the append without; 4x one transaction an append",
            &[(OURS, to(OURS), 0.5), (BY_HAND, to(BY_HAND), 4.0)],
        );
    }
    report.table(table);
}
