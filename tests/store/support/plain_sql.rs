//! Events as plain SQL, as someone at a prompt writes them.

use eventsource_core::EntityId;
use eventsource_core::model::{EventIndex, Machine, StateSet};
use sqlx::{AnyPool, AssertSqlSafe};

use crate::support::database::Database;

/// Columns of a row, each with an SQL expression.
#[derive(Clone)]
pub struct Row(Vec<(String, String)>);

impl Row {
    fn new<'a>(columns: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        let columns = columns.into_iter();
        Self(
            columns
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// Replaces the value of a column.
    pub fn with(mut self, column: &str, value: impl ToString) -> Self {
        let found = self.0.iter_mut().find(|(name, _)| name == column);
        found.expect("the column exists").1 = value.to_string();
        self
    }

    fn values(&self) -> String {
        let values: Vec<&str> = self.0.iter().map(|(_, value)| value.as_str()).collect();
        format!("({})", values.join(", "))
    }

    fn insert_into(&self, table: &str, values: &str) -> String {
        let columns: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        format!(
            "INSERT INTO \"{table}\" ({}) VALUES {values}",
            columns.join(", ")
        )
    }
}

/// Stream at some event, and how to write what comes next.
#[derive(Clone)]
pub struct Stream<'a> {
    pub database: &'a Database,
    pub machine: &'static Machine,
    pub id: EntityId,
    pub seq: u32,
    pub state: StateSet,
    pub version: u32,
}

impl<'a> Stream<'a> {
    pub fn new(database: &'a Database, machine: &'static Machine) -> Self {
        Self {
            database,
            machine,
            id: EntityId::new(),
            seq: 0,
            state: StateSet::EMPTY,
            version: 0,
        }
    }

    fn uuid(&self, id: impl ToString) -> String {
        match self.database.is_postgres() {
            true => format!("CAST('{}' AS uuid)", id.to_string()),
            false => format!("'{}'", id.to_string()),
        }
    }

    /// Makes the row of an event by the rules, whether it is legal or not. Numbers of event types are their
    /// positions in the enum: the machine was never migrated before.
    pub fn step(&self, event: EventIndex) -> Row {
        let after = self.machine.accumulate(event, self.state);
        let version = self
            .machine
            .next_generation(event, (self.seq > 0).then_some(self.version));
        let json = if self.database.is_postgres() {
            "jsonb"
        } else {
            "TEXT"
        };
        let now = if self.database.is_postgres() {
            "CAST('2100-01-01 00:00:00Z' AS timestamptz)"
        } else {
            "'2100-01-01T00:00:00.000000Z'"
        };
        let event_id = self.uuid(uuid::Uuid::now_v7());
        let id_column = format!("{}_id", self.machine.name());
        Row::new([
            (id_column.as_str(), self.uuid(self.id)),
            ("seq", (self.seq + 1).to_string()),
            ("event_id", event_id.clone()),
            ("event_type", event.get().to_string()),
            ("prior_state", self.state.bits().cast_signed().to_string()),
            ("state", after.bits().cast_signed().to_string()),
            ("prior_version", self.version.to_string()),
            ("version", version.to_string()),
            ("recorded_at", now.to_owned()),
            ("data", format!("CAST('{}' AS {json})", self.data(event))),
            ("metadata", format!("CAST('{{}}' AS {json})")),
        ])
    }

    /// Writes the payload of an event, with a value for each required field, as in a literal.
    pub fn data(&self, event: EventIndex) -> String {
        let fields: Vec<String> = self
            .machine
            .rule(event)
            .requires
            .iter()
            .map(|field| format!("\"{field}\": \"2026-04-21T00:00:00Z\"").replace('\'', "''"))
            .collect();
        format!("{{{}}}", fields.join(", "))
    }

    /// Writes the entity's id as an expression.
    pub fn quoted_id(&self) -> String {
        self.uuid(self.id)
    }

    pub fn log(&self) -> String {
        format!("{}_event", self.machine.name())
    }

    /// Writes the statement that inserts an event: the log moves the head.
    pub fn write(&self, event: &Row) -> String {
        event.insert_into(&self.log(), &event.values())
    }

    /// Inserts an event past the guards, and takes the head along, which on SQLite a trigger does.
    pub async fn insert_past_guards(&self, event: &Row) {
        self.insert_by(&self.database.sql_past_guards().await, event)
            .await;
    }

    /// Inserts an event by a connection that the guards let pass.
    pub async fn insert_by(&self, pool: &AnyPool, event: &Row) {
        execute(pool, &self.write(event)).await.unwrap();
        if self.database.is_postgres() {
            let heads = self.machine.name();
            let head = format!(
                "INSERT INTO \"{heads}\" (id, seq, version, state, last_event_type, last_event_id,
                    created_at, updated_at)
                SELECT \"{heads}_id\", seq, version, state, event_type, event_id, recorded_at, recorded_at
                FROM \"{heads}_event\" WHERE \"{heads}_id\" = {} ORDER BY seq DESC LIMIT 1
                ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, version = excluded.version,
                    state = excluded.state, last_event_type = excluded.last_event_type,
                    last_event_id = excluded.last_event_id, updated_at = excluded.updated_at",
                self.quoted_id()
            );
            execute(pool, &head).await.unwrap();
        }
    }

    /// Writes the statement that inserts many events, in this order.
    pub fn write_all(&self, events: &[&Row]) -> String {
        let values: Vec<String> = events.iter().map(|event| event.values()).collect();
        events[0].insert_into(&self.log(), &values.join(", "))
    }

    /// Advances a copy of the stream by an event, without writing it.
    #[must_use]
    pub fn after(&self, event: EventIndex) -> Self {
        let version = (self.seq > 0).then_some(self.version);
        Self {
            version: self.machine.next_generation(event, version),
            state: self.machine.accumulate(event, self.state),
            seq: self.seq + 1,
            ..self.clone()
        }
    }

    /// Writes the call by which an event is appended on Postgres.
    pub fn call(&self, event: EventIndex) -> String {
        format!(
            "SELECT outcome FROM {}_append_one({}, CAST({} AS smallint), CAST('{}' AS uuid), {}, '{}', '{{}}', NULL)",
            self.machine.name(),
            self.quoted_id(),
            event.get(),
            uuid::Uuid::now_v7(),
            self.seq,
            self.data(event),
        )
    }

    /// Writes a legal event.
    pub async fn advance(&mut self, pool: &AnyPool, event: EventIndex) {
        let sql = match self.database.is_postgres() {
            true => self.call(event),
            false => self.write(&self.step(event)),
        };
        let name = self.machine.name_of(event);
        if let Err(error) = execute(pool, &sql).await {
            panic!("{} refuses '{name}': {error}", self.machine.name());
        }
        *self = self.after(event);
    }
}

pub async fn execute(pool: &AnyPool, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(pool)
        .await
        .map(|_| ())
}

/// Tries a statement and rolls it back.
pub async fn takes(pool: &AnyPool, sql: &str) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let both = format!("BEGIN; {sql}; ROLLBACK");
    let taken = sqlx::raw_sql(AssertSqlSafe(both))
        .execute(&mut *connection)
        .await;
    if taken.is_err() {
        sqlx::raw_sql("ROLLBACK")
            .execute(&mut *connection)
            .await
            .ok();
    }
    taken.map(|_| ())
}

/// Asserts that the database refused a statement for what it is: by a constraint, a guard, or a missing
/// right.
pub fn assert_refused(result: Result<(), sqlx::Error>, what: &str) {
    let error = result.expect_err(what);
    let database = error
        .as_database_error()
        .unwrap_or_else(|| panic!("{what}: {error}"));
    let code = database.code().unwrap_or_default();
    // Postgres: integrity constraints, a missing right, a generated column, numbers that the column
    // cannot hold, and a TRUNCATE of what others refer to. SQLite: constraints by CHECK, NOT NULL,
    // key, trigger or type.
    let refused = code.starts_with("23")
        || ["42501", "428C9", "22003", "0A000"].contains(&code.as_ref())
        || ["20", "275", "787", "1299", "1555", "1811", "2067", "3091"].contains(&code.as_ref());
    assert!(refused, "{what}: {code} {error}");
}

/// Opens a connection for which nothing is enforced on the events of tasks.
pub async fn unguarded(database: &Database) -> AnyPool {
    let pool = database.sql().await;
    if database.is_postgres() {
        // Neither triggers nor foreign keys, nor, once they are dropped, the other constraints.
        let off = "SET session_replication_role = replica;
            DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT conname FROM pg_constraint
                    WHERE conrelid = 'task_event'::regclass AND contype IN ('c', 'u')
                LOOP
                    EXECUTE format('ALTER TABLE task_event DROP CONSTRAINT %I CASCADE', name);
                END LOOP;
            END $$;
            ALTER TABLE task_event ALTER COLUMN recorded_at DROP NOT NULL";
        execute(&pool, off).await.unwrap();
    } else {
        execute(&pool, "PRAGMA ignore_check_constraints = ON")
            .await
            .unwrap();
        let triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'";
        for row in sqlx::query(triggers).fetch_all(&pool).await.unwrap() {
            let name: String = sqlx::Row::get(&row, "name");
            let drop = format!("DROP TRIGGER \"{name}\"");
            sqlx::query(AssertSqlSafe(drop))
                .execute(&pool)
                .await
                .unwrap();
        }
    }
    pool
}
