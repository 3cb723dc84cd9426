//! Ids and numbers as values of SQL, for statements of one's own.
//!
//! On Postgres an id is a `uuid`; on SQLite it is text with hyphens, as the store writes it. A
//! [`Position`] is a `bigint`, a [`Seq`] an `integer`.

use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Decode, Encode, Type};

use crate::{EntityId, EventId, Position, Seq};

/// Implements the traits of sqlx for a type that is stored as another one.
macro_rules! stored_as {
    ($database:ty: $($type:ty as $stored:ty, $to:expr, $from:expr;)+) => {$(
        impl Type<$database> for $type {
            fn type_info() -> <$database as sqlx::Database>::TypeInfo {
                <$stored as Type<$database>>::type_info()
            }

            fn compatible(info: &<$database as sqlx::Database>::TypeInfo) -> bool {
                <$stored as Type<$database>>::compatible(info)
            }
        }

        impl Encode<'_, $database> for $type {
            fn encode_by_ref(
                &self,
                buffer: &mut <$database as sqlx::Database>::ArgumentBuffer,
            ) -> Result<IsNull, BoxDynError> {
                let to: fn($type) -> Result<$stored, BoxDynError> = $to;
                Encode::<$database>::encode(to(*self)?, buffer)
            }
        }

        impl Decode<'_, $database> for $type {
            fn decode(
                value: <$database as sqlx::Database>::ValueRef<'_>,
            ) -> Result<Self, BoxDynError> {
                let from: fn($stored) -> Result<$type, BoxDynError> = $from;
                from(<$stored as Decode<$database>>::decode(value)?)
            }
        }
    )+};
}

#[cfg(feature = "postgres")]
mod postgres {
    use sqlx::Postgres;
    use sqlx::postgres::{PgHasArrayType, PgTypeInfo};
    use uuid::Uuid;

    use super::{BoxDynError, Decode, Encode, EntityId, EventId, IsNull, Position, Seq, Type};

    stored_as! { Postgres:
        EntityId as Uuid, |id| Ok(id.into()), |id| Ok(id.into());
        EventId as Uuid, |id| Ok(id.into()), |id| Ok(id.into());
        Position as i64, |at| Ok(at.get().try_into()?), |at| Ok(Position::new(at.try_into()?));
        Seq as i32, |seq| Ok(seq.get().try_into()?), |seq| Ok(Seq::new(seq.try_into()?));
    }

    macro_rules! array_of {
        ($($type:ty as $stored:ty;)+) => {$(
            impl PgHasArrayType for $type {
                fn array_type_info() -> PgTypeInfo {
                    <$stored as PgHasArrayType>::array_type_info()
                }
            }
        )+};
    }

    array_of! { EntityId as Uuid; EventId as Uuid; Position as i64; Seq as i32; }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use sqlx::Sqlite;
    use uuid::Uuid;
    use uuid::fmt::Hyphenated;

    use super::{BoxDynError, Decode, Encode, EntityId, EventId, IsNull, Position, Seq, Type};

    stored_as! { Sqlite:
        EntityId as Hyphenated, |id| Ok(Uuid::from(id).hyphenated()), |id| Ok(id.into_uuid().into());
        EventId as Hyphenated, |id| Ok(Uuid::from(id).hyphenated()), |id| Ok(id.into_uuid().into());
        Position as i64, |at| Ok(at.get().try_into()?), |at| Ok(Position::new(at.try_into()?));
        Seq as i64, |seq| Ok(seq.get().into()), |seq| Ok(Seq::new(seq.try_into()?));
    }
}
