//! Comparison of the tables of two generations, row by row.

use crate::Error;
use crate::store::api::generations::switch::names;
use crate::store::api::store::Store;
use crate::store::api::transaction::handle::Transaction;
use crate::store::contract::dialect::Dialect;
use crate::store::contract::names::{literal, quoted};

/// Rows of which the text is told, for each table and direction.
const TOLD: usize = 10;

/// Longest text of a row that is told, in characters.
const LONGEST: usize = 500;

/// Rows by which the tables of two generations differ.
///
/// A row that has another value counts twice: as one that is too many and as one that is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GenerationComparison {
    /// Number of different rows that only the first generation has.
    pub unexpected: u64,
    /// Number of different rows that only the second generation has.
    pub missing: u64,
    /// First of these rows, in the order of their texts: up to ten of each kind and table.
    pub rows: Vec<DifferingRow>,
}

/// Row that only one of two generations has, or has another number of times.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DifferingRow {
    /// Name of the table, without the generation.
    pub table: String,
    /// Values of the columns as the database writes them, cut after 500 characters.
    pub row: String,
    /// Whether the first generation lacks it; else it has it, and should not.
    pub is_missing: bool,
}

impl GenerationComparison {
    /// Returns whether the generations have the same rows.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.unexpected == 0 && self.missing == 0
    }
}

impl Store {
    /// Compares all tables of two generations of a read model: each value of each row, as text.
    ///
    /// The database sorts the rows, on its disk if need be. Lock or stop whoever fills them, so that both
    /// are at the same position.
    ///
    /// # Errors
    /// [`Error::Unavailable`], [`Error::Database`].
    pub async fn compare_generations(
        &self,
        transaction: &mut Transaction<'_>,
        name: &str,
        first: u32,
        second: u32,
    ) -> Result<GenerationComparison, Error> {
        compare(transaction, name, (first, second), None).await
    }
}

/// Compares the tables of two generations, except for a column that may differ.
pub(crate) async fn compare(
    transaction: &mut Transaction<'_>,
    name: &str,
    (first, second): (u32, u32),
    except: Option<&str>,
) -> Result<GenerationComparison, Error> {
    let mut found = GenerationComparison::default();
    for table in tables_of(transaction, name, second).await? {
        let Some(shown) = table.strip_suffix(&format!("__{second}")) else {
            let unnamed = format!("the table '{table}' has no generation in its name");
            return Err(Error::database(unnamed));
        };
        let columns = columns(transaction, &table).await?;
        let columns: Vec<_> = columns
            .into_iter()
            .filter(|column| Some(&**column) != except)
            .collect();
        if columns.is_empty() {
            continue;
        }
        let line = line(transaction.dialect(), &columns);
        let of = |generation| transaction.tables().of_generation(generation).name(shown);
        let (first, second) = (of(first), of(second));
        for (one, other, is_missing) in [(&first, &second, false), (&second, &first, true)] {
            let (number, rows) = only_in(transaction, &line, one, other).await?;
            match is_missing {
                true => found.missing += number,
                false => found.unexpected += number,
            }
            found.rows.extend(rows.into_iter().map(|row| DifferingRow {
                table: shown.to_owned(),
                row,
                is_missing,
            }));
        }
    }
    Ok(found)
}

/// Returns the names of the tables of a generation.
async fn tables_of(
    transaction: &mut Transaction<'_>,
    name: &str,
    generation: u32,
) -> Result<Vec<String>, Error> {
    let list = match transaction.dialect() {
        Dialect::Sqlite => "tables",
        Dialect::Postgres => "to_jsonb(tables)",
    };
    let select = format!(
        "SELECT {list} FROM {{eventsource_generation}} WHERE subscription = $1 AND generation = $2"
    );
    let rows = transaction.fetch(&select, (name, i64::from(generation)));
    let rows = rows.await?;
    let Some(row) = rows.first() else {
        let none = format!("the read model '{name}' has no generation {generation}");
        return Err(Error::database(none));
    };
    let list: serde_json::Value = row.get(0)?;
    Ok(names(&list).map(str::to_owned).collect())
}

/// Returns the names of the columns of a table, in their order.
async fn columns(transaction: &mut Transaction<'_>, table: &str) -> Result<Vec<String>, Error> {
    let schema = transaction.tables().schema().map(str::to_owned);
    let rows = match schema {
        None => {
            let select = format!(
                "SELECT name FROM pragma_table_info({}) ORDER BY cid",
                literal(table)
            );
            transaction.fetch(&select, ()).await?
        }
        Some(schema) => {
            let select = "SELECT attname::text FROM pg_attribute
WHERE attnum > 0 AND NOT attisdropped AND attrelid = (SELECT oid FROM pg_class
    WHERE relname = $2 AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1))
ORDER BY attnum";
            transaction.fetch(select, (schema, table)).await?
        }
    };
    rows.iter().map(|row| row.get(0)).collect()
}

/// Returns the SQL of a row as text, which differs if any value does.
fn line(dialect: Dialect, columns: &[String]) -> String {
    match dialect {
        Dialect::Postgres => {
            let columns: Vec<_> = columns.iter().map(|column| quoted(column)).collect();
            format!("ROW({})::text", columns.join(", "))
        }
        Dialect::Sqlite => {
            let value = |column: &String| format!("quote({})", quoted(column));
            let columns: Vec<_> = columns.iter().map(value).collect();
            format!("'(' || {} || ')'", columns.join(" || ',' || "))
        }
    }
}

/// Returns how many different rows one table has that another has not, or not as often, and the first.
async fn only_in(
    transaction: &mut Transaction<'_>,
    line: &str,
    one: &str,
    other: &str,
) -> Result<(u64, Vec<String>), Error> {
    let of = |table: &str| {
        format!(
            "SELECT line, count(*) AS n FROM (SELECT {line} AS line FROM {table}) AS r GROUP BY line"
        )
    };
    let select = format!(
        "SELECT substr(line, 1, {LONGEST}), count(*) OVER ()
FROM ({} EXCEPT {}) AS differing ORDER BY line LIMIT {TOLD}",
        of(one),
        of(other)
    );
    let rows = transaction.fetch(&select, ()).await?;
    let number: i64 = rows.first().map_or(Ok(0), |row| row.get(1))?;
    let texts = rows.iter().map(|row| row.get(0));
    Ok((number.unsigned_abs(), texts.collect::<Result<_, _>>()?))
}
