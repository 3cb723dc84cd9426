//! Values of an event that JSON writes as null although they are something else.

use std::fmt;

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};

/// Value that JSON cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lossy {
    /// Fields, keys and numbers of elements that lead to the value from the payload, such as
    /// `readings.0.kg`.
    pub(crate) path: String,
    pub(crate) kind: LossyKind,
}

/// Reason why JSON cannot hold a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LossyKind {
    /// Float that is not a number, or infinite.
    NotANumber,
    /// Value within an option that is written as null, as no value is.
    NullInOption,
}

/// Returns the values of an event that JSON cannot hold, in the order in which serde writes them.
///
/// Every one of them is written as null: the payload of an event without a null has none.
pub(crate) fn lossy<E: Serialize>(event: &E) -> Vec<Lossy> {
    let mut found = Found::default();
    let _written = event.serialize(Walk {
        found: &mut found,
        is_event: true,
    });
    found.lossy
}

/// What a walk has found, and where it is.
#[derive(Default)]
struct Found {
    lossy: Vec<Lossy>,
    path: Vec<Step>,
}

/// Step of a path.
enum Step {
    Name(&'static str),
    Key(String),
    Element(usize),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Key(key) => f.write_str(key),
            Self::Element(number) => write!(f, "{number}"),
        }
    }
}

impl Found {
    fn push(&mut self, kind: LossyKind) {
        let path: Vec<String> = self.path.iter().map(ToString::to_string).collect();
        let path = path.join(".");
        self.lossy.push(Lossy { path, kind });
    }

    /// Walks through a part of a value; returns whether it is written as null.
    fn inside<T: ?Sized + Serialize>(&mut self, step: Step, value: &T) -> Result<bool, Stopped> {
        self.path.push(step);
        let is_null = value.serialize(self.walk());
        self.path.pop();
        is_null
    }

    fn walk(&mut self) -> Walk<'_> {
        Walk {
            found: self,
            is_event: false,
        }
    }
}

/// Error of a type that cannot be serialized, which ends the walk.
#[derive(Debug)]
struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value cannot be serialized")
    }
}

impl std::error::Error for Stopped {}

impl ser::Error for Stopped {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Serializer that writes nothing; each value answers whether JSON has null for it.
struct Walk<'a> {
    found: &'a mut Found,
    /// Whether the value is the event itself, whose variant is no step of a path.
    is_event: bool,
}

impl Walk<'_> {
    fn float(self, is_finite: bool) -> bool {
        if !is_finite {
            self.found.push(LossyKind::NotANumber);
        }
        !is_finite
    }
}

/// Parts of a value that is no null, which has names or numbers for them.
struct Parts<'a> {
    found: &'a mut Found,
    /// Number of elements so far.
    elements: usize,
    key: String,
    /// Whether the parts are within a variant, whose name is the last step.
    in_variant: bool,
}

impl<'a> Parts<'a> {
    fn of(walk: Walk<'a>, variant: Option<&'static str>) -> Self {
        let step = variant.filter(|_| !walk.is_event);
        walk.found.path.extend(step.map(Step::Name));
        Self {
            found: walk.found,
            elements: 0,
            key: String::new(),
            in_variant: step.is_some(),
        }
    }

    fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Stopped> {
        let step = Step::Element(self.elements);
        self.elements += 1;
        self.found.inside(step, value).map(drop)
    }

    fn finish(self) -> bool {
        if self.in_variant {
            self.found.path.pop();
        }
        false
    }
}

/// Declares methods for values that JSON has: method and type.
macro_rules! held {
    ($($method:ident($type:ty))*) => {
        $(
            fn $method(self, _: $type) -> Result<bool, Stopped> {
                Ok(false)
            }
        )*
    };
}

impl<'a> ser::Serializer for Walk<'a> {
    /// Whether the value is written as null.
    type Ok = bool;
    type Error = Stopped;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    held! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
    }

    fn serialize_f32(self, value: f32) -> Result<bool, Stopped> {
        Ok(self.float(value.is_finite()))
    }

    fn serialize_f64(self, value: f64) -> Result<bool, Stopped> {
        Ok(self.float(value.is_finite()))
    }

    fn serialize_none(self) -> Result<bool, Stopped> {
        Ok(true)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<bool, Stopped> {
        let known = self.found.lossy.len();
        let is_null = value.serialize(self.found.walk())?;
        // A null that has been found already is told as what it is.
        if is_null && self.found.lossy.len() == known {
            self.found.push(LossyKind::NullInOption);
        }
        Ok(is_null)
    }

    fn serialize_unit(self) -> Result<bool, Stopped> {
        Ok(true)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, Stopped> {
        Ok(true)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<bool, Stopped> {
        Ok(false)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Stopped> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<bool, Stopped> {
        match self.is_event {
            true => value.serialize(self.found.walk())?,
            false => self.found.inside(Step::Name(variant), value)?,
        };
        Ok(false)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, Stopped> {
        Ok(Parts::of(self, None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, Stopped> {
        Ok(Parts::of(self, None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, Stopped> {
        Ok(Parts::of(self, None))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Stopped> {
        Ok(Parts::of(self, Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, Stopped> {
        Ok(Parts::of(self, None))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, Stopped> {
        Ok(Parts::of(self, None))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Stopped> {
        Ok(Parts::of(self, Some(variant)))
    }
}

/// Implements the traits of parts without names.
macro_rules! elements {
    ($($trait:ident $method:ident)*) => {
        $(
            impl $trait for Parts<'_> {
                type Ok = bool;
                type Error = Stopped;

                fn $method<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Stopped> {
                    self.element(value)
                }

                fn end(self) -> Result<bool, Stopped> {
                    Ok(self.finish())
                }
            }
        )*
    };
}

elements! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

/// Implements the traits of parts with names.
macro_rules! fields {
    ($($trait:ident)*) => {
        $(
            impl $trait for Parts<'_> {
                type Ok = bool;
                type Error = Stopped;

                fn serialize_field<T: ?Sized + Serialize>(
                    &mut self,
                    name: &'static str,
                    value: &T,
                ) -> Result<(), Stopped> {
                    self.found.inside(Step::Name(name), value).map(drop)
                }

                fn end(self) -> Result<bool, Stopped> {
                    Ok(self.finish())
                }
            }
        )*
    };
}

fields! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Parts<'_> {
    type Ok = bool;
    type Error = Stopped;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Stopped> {
        // A key that JSON does not have was refused when the payload was written.
        let written = serde_json::to_string(key).map_err(|_| Stopped)?;
        written.trim_matches('"').clone_into(&mut self.key);
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Stopped> {
        let key = std::mem::take(&mut self.key);
        self.found.inside(Step::Key(key), value).map(drop)
    }

    fn end(self) -> Result<bool, Stopped> {
        Ok(self.finish())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(serde::Serialize)]
    struct Unit;

    #[derive(serde::Serialize)]
    struct Weight(Option<f64>);

    #[allow(clippy::option_option, reason = "the option that is refused")]
    #[derive(serde::Serialize)]
    enum Part {
        Weighed(f32),
        Measured { cm: Option<Option<u8>> },
    }

    #[derive(serde::Serialize)]
    enum Thing {
        Taken {
            weight: Weight,
            parts: BTreeMap<u8, Vec<Part>>,
            unit: Option<Unit>,
            fine: (Option<u8>, (), Option<bool>, f64),
        },
    }

    #[test]
    fn lossy_finds_each_value_that_json_writes_as_null() {
        let thing = Thing::Taken {
            weight: Weight(Some(f64::NAN)),
            parts: BTreeMap::from([
                (3, vec![Part::Weighed(1.0), Part::Weighed(f32::INFINITY)]),
                (4, vec![Part::Measured { cm: Some(None) }]),
            ]),
            unit: Some(Unit),
            fine: (None, (), Some(false), -0.0),
        };
        let found = lossy(&thing);
        let found: Vec<_> = found.iter().map(|l| (l.path.as_str(), l.kind)).collect();
        assert_eq!(
            found,
            [
                ("weight", LossyKind::NotANumber),
                ("parts.3.1.Weighed", LossyKind::NotANumber),
                ("parts.4.0.Measured.cm", LossyKind::NullInOption),
                ("unit", LossyKind::NullInOption),
            ]
        );
    }
}
