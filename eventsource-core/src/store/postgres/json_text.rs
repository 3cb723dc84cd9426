//! Parameter of type `json`, whose text the server stores as it is sent.
//!
//! A parameter of sqlx's `Json` is a `jsonb`, which has no order of keys and its own notation of
//! numbers.

use serde::Serialize;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgHasArrayType, PgTypeInfo};
use sqlx::{Postgres, Type};

/// Number of the type `json`, the same on every server.
const JSON: Oid = Oid(114);

/// Number of the type `json[]`.
const JSON_ARRAY: Oid = Oid(199);

/// Value that is sent as the text which serde writes of it.
#[derive(Clone, Copy)]
pub(crate) struct JsonText<'a, T>(pub(crate) &'a T);

impl<T> Type<Postgres> for JsonText<'_, T> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(JSON)
    }
}

impl<T> PgHasArrayType for JsonText<'_, T> {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(JSON_ARRAY)
    }
}

impl<T: Serialize> Encode<'_, Postgres> for JsonText<'_, T> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        serde_json::to_writer(&mut **buffer, self.0)?;
        Ok(IsNull::No)
    }
}
