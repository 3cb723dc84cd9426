//! Text that creates the tables of the runtime, or what of them does not exist yet.

use crate::store::contract::names::Names;
use crate::store::contract::schema_options::SchemaOptions;
use crate::store::postgres::ddl::create::create_schema;
use crate::store::postgres::ddl::parts::begin_as_owner_sql;
use crate::store::postgres::ddl::runtime::{functions, rights, tables};

/// Returns the SQL, one transaction, which may be run any number of times.
pub(crate) fn text(names: &Names, options: &SchemaOptions) -> String {
    format!(
        "-- The tables of the runtime: subscriptions, read models, commands and deadlines.
{begin}
{create_schema}{tables}{functions}{rights}COMMIT;
",
        begin = begin_as_owner_sql(options),
        create_schema = create_schema(options.schema_or_public()),
        tables = tables::create(names),
        functions = functions::create(names),
        rights = rights::grant(names, options),
    )
}
