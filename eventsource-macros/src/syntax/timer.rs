//! Parser of `after = "3 days"` and `at = field`.

use std::time::Duration;

use eventsource_model::findings::Code;
use syn::parse::ParseStream;
use syn::{Ident, LitStr};

use super::list::bare_name;
use super::{ParseContext, items};

/// Longest time that a timer takes: a hundred years.
const LONGEST: Duration = Duration::from_hours(100 * 366 * 24);

/// Timer as written.
pub(crate) struct WrittenTimer {
    pub(crate) key: Ident,
    pub(crate) when: WrittenTime,
}

pub(crate) enum WrittenTime {
    After { text: LitStr, seconds: u64 },
    At(Ident),
}

/// Parses `= "3 days"`.
pub(super) fn after(
    key: &Ident,
    input: ParseStream,
    context: &mut ParseContext,
) -> Option<WrittenTimer> {
    let text = items::string(key, input, "\"3 days\"", context)?;
    let message = match humantime::parse_duration(&text.value()) {
        Ok(time) if time > LONGEST => "a timer ends within a hundred years".to_owned(),
        Ok(time) if time.is_zero() || time.subsec_nanos() != 0 => {
            "a timer takes a number of whole seconds, 1 or more".to_owned()
        }
        Ok(time) => {
            let seconds = time.as_secs();
            return Some(WrittenTimer {
                key: key.clone(),
                when: WrittenTime::After { text, seconds },
            });
        }
        Err(error) => format!("`{}` is not a duration: {error}", text.value()),
    };
    let message =
        format!("{message}\n= help: write `after = \"3 days\"`, or `\"1 hour 30 minutes\"`");
    context.errors.push(Code::Syntax, text.span(), message);
    None
}

/// Parses `= field`.
pub(super) fn at(
    key: &Ident,
    input: ParseStream,
    context: &mut ParseContext,
) -> Option<WrittenTimer> {
    let equals = items::equals(key, input, "deadline", context)?;
    let field = bare_name(input, "a field", equals, context)?;
    Some(WrittenTimer {
        key: key.clone(),
        when: WrittenTime::At(field),
    })
}
