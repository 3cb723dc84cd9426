//! Value that a statement is given, as either database stores it.

use chrono::{DateTime, NaiveDate, Utc};
#[cfg(feature = "postgres")]
use sqlx::Postgres;
#[cfg(feature = "postgres")]
use sqlx::postgres::PgArguments;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
use sqlx::query::Query;
#[cfg(feature = "sqlite")]
use sqlx::sqlite::SqliteArguments;
#[cfg(feature = "postgres")]
use sqlx::types::Json;
use uuid::Uuid;

#[cfg(feature = "sqlite")]
use crate::store::sqlite::read::row::time_text;
use crate::{EntityId, EventId, Position, Seq};

/// Value that a statement is given for one of its placeholders.
///
/// Made by [`Arg`]; `None` is NULL.
#[derive(Clone, Debug)]
pub struct Value(Typed);

/// Value with its type, which NULL has too.
#[derive(Clone, Debug)]
enum Typed {
    SmallInt(Option<i16>),
    Integer(Option<i32>),
    BigInt(Option<i64>),
    Bool(Option<bool>),
    Float(Option<f64>),
    Text(Option<String>),
    Uuid(Option<Uuid>),
    Time(Option<DateTime<Utc>>),
    Date(Option<NaiveDate>),
    Json(Option<serde_json::Value>),
    Bytes(Option<Vec<u8>>),
}

/// Type of the values that a statement can be given.
///
/// SQLite stores ids as hyphenated text, times as text of RFC 3339 with microseconds, dates and JSON
/// as text. Implement it for a type of your own by that of the value in it.
///
/// ```
/// use eventsource_core::{Arg, ArgValue};
///
/// struct Cents(i64);
///
/// impl Arg for Cents {
///     fn value(cents: Option<Self>) -> ArgValue {
///         Arg::value(cents.map(|cents| cents.0))
///     }
/// }
/// ```
pub trait Arg: Sized {
    /// Returns the value, or NULL of its type.
    fn value(this: Option<Self>) -> Value;
}

impl<T: Arg> Arg for Option<T> {
    fn value(this: Option<Self>) -> Value {
        T::value(this.flatten())
    }
}

macro_rules! arg {
    ($($type:ty as $variant:ident, $this:ident => $value:expr;)+) => {
        $(impl Arg for $type {
            fn value(this: Option<Self>) -> Value {
                Value(Typed::$variant(this.map(|$this| $value)))
            }
        })+
    };
}

arg! {
    i16 as SmallInt, this => this;
    i32 as Integer, this => this;
    i64 as BigInt, this => this;
    bool as Bool, this => this;
    f64 as Float, this => this;
    &str as Text, this => this.to_owned();
    &String as Text, this => this.clone();
    String as Text, this => this;
    Uuid as Uuid, this => this;
    EntityId as Uuid, this => this.uuid();
    EventId as Uuid, this => this.uuid();
    // No database of this crate has a position or a sequence that does not fit.
    Position as BigInt, this => i64::try_from(this.get()).unwrap_or(i64::MAX);
    Seq as Integer, this => i32::try_from(this.get()).unwrap_or(i32::MAX);
    DateTime<Utc> as Time, this => this;
    NaiveDate as Date, this => this;
    serde_json::Value as Json, this => this;
    &serde_json::Value as Json, this => this.clone();
    Vec<u8> as Bytes, this => this;
}

#[cfg(feature = "postgres")]
impl Value {
    /// Binds the value as the next parameter.
    pub(crate) fn bind_postgres(
        self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Query<'_, Postgres, PgArguments> {
        match self.0 {
            Typed::SmallInt(value) => query.bind(value),
            Typed::Integer(value) => query.bind(value),
            Typed::BigInt(value) => query.bind(value),
            Typed::Bool(value) => query.bind(value),
            Typed::Float(value) => query.bind(value),
            Typed::Text(value) => query.bind(value),
            Typed::Uuid(value) => query.bind(value),
            Typed::Time(value) => query.bind(value),
            Typed::Date(value) => query.bind(value),
            Typed::Json(value) => query.bind(value.map(Json)),
            Typed::Bytes(value) => query.bind(value),
        }
    }
}

#[cfg(feature = "sqlite")]
impl Value {
    /// Binds the value as the next parameter.
    pub(crate) fn bind_sqlite(
        self,
        query: Query<'_, sqlx::Sqlite, SqliteArguments>,
    ) -> Query<'_, sqlx::Sqlite, SqliteArguments> {
        match self.0 {
            Typed::SmallInt(value) => query.bind(value),
            Typed::Integer(value) => query.bind(value),
            Typed::BigInt(value) => query.bind(value),
            Typed::Bool(value) => query.bind(value),
            Typed::Float(value) => query.bind(value),
            Typed::Text(value) => query.bind(value),
            Typed::Uuid(value) => query.bind(value.map(|id| id.hyphenated().to_string())),
            Typed::Time(value) => query.bind(value.map(time_text)),
            Typed::Date(value) => query.bind(value.map(|date| date.to_string())),
            Typed::Json(value) => query.bind(value.map(|json| json.to_string())),
            Typed::Bytes(value) => query.bind(value),
        }
    }
}
