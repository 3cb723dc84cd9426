//! Parser of lists of roles: `by(Role, ..)` and `read_by(Role, ..)`.

use eventsource_model::findings::Code;
use syn::Ident;
use syn::parse::ParseStream;

use super::ParseContext;
use super::items;
use super::list::{bare_name, comma_list};

/// Roles that may write or read, as written.
pub(crate) struct AllowedRoles {
    pub(crate) key: Ident,
    pub(crate) roles: Vec<Ident>,
}

/// Parses the roles of `key(Role, ..)`. `without` says what holds if the key is left out.
pub(super) fn read(
    key: &Ident,
    without: &str,
    input: ParseStream,
    context: &mut ParseContext,
) -> Option<AllowedRoles> {
    let (paren, content) = items::list(key, input, "Role", context)?;
    if content.is_empty() {
        let message = format!(
            "`{key}()` names no role\n= help: without it {without}; or write `{key}(Role)`"
        );
        context.errors.push(Code::Syntax, key.span(), message);
        return None;
    }
    let roles = comma_list(&content, "a role", "`,`", context, |input, context| {
        bare_name(input, "a role", paren.span.close(), context)
    });
    let key = key.clone();
    Some(AllowedRoles { key, roles })
}
