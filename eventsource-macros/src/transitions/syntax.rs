//! Parser of `transitions!`.
//!
//! An error in one step does not hide the next: the parser skips to the next arrow or semicolon.

use eventsource_model::findings::Code;
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, Path, Token, braced, token};

use super::{EventPath, Invocation, PathStep, StateLiteral};
use crate::errors::Errors;
use crate::syntax::ParseContext;
use crate::syntax::list::{bare_name, comma_list, drain, found, next_token};

const EXAMPLE: &str = "\n= help: write `transitions!(TaskEvent: Created -> Started)`";
const SIGNS: &str = "`->`, `-/->`, `=>` or `;`";
const NO_NAMES: [&str; 5] = ["_", "self", "Self", "super", "crate"];

/// Parses the invocation, or as much of it as is usable.
pub(super) fn read(tokens: TokenStream, errors: &mut Errors) -> Option<Invocation> {
    let context = ParseContext {
        errors,
        events: &[],
        implies: false,
    };
    let mut paths = Paths {
        context,
        last: Span::call_site(),
    };
    let mut invocation = None;
    let parsed = Parser::parse2(
        |input: ParseStream| {
            invocation = paths.invocation(input);
            // The rest was reported.
            drain(input);
            Ok(())
        },
        tokens,
    );
    if let Err(error) = parsed {
        errors.push(Code::Syntax, error.span(), error);
    }
    invocation
}

struct Paths<'a> {
    context: ParseContext<'a>,
    /// Location of the last token, where an error stands if nothing follows.
    last: Span,
}

impl Paths<'_> {
    fn invocation(&mut self, input: ParseStream) -> Option<Invocation> {
        if input.is_empty() {
            let message = format!("expected an enum of events and a path{EXAMPLE}");
            self.error(input, message);
            return None;
        }
        let krate = if input.peek(Token![crate]) && input.peek2(Token![=]) {
            Some(self.krate(input)?)
        } else {
            None
        };
        let event = self.path(input, "an enum of events", EXAMPLE)?;
        let Ok(colon) = input.parse::<Token![:]>() else {
            let message = match next_token_pair(input).as_str() {
                "" => format!("expected `:` and a path{EXAMPLE}"),
                found => format!("expected `:` after the enum, found `{found}`{EXAMPLE}"),
            };
            self.error(input, message);
            return None;
        };
        self.last = colon.span;
        if input.is_empty() {
            self.error(input, format!("expected a path after `:`{EXAMPLE}"));
        }
        let mut paths = Vec::new();
        while !input.is_empty() {
            if input.peek(Token![;]) {
                self.error(input, "expected a path before `;`".to_owned());
            } else {
                paths.push(self.event_path(input));
            }
            if let Ok(semicolon) = input.parse::<Token![;]>() {
                self.last = semicolon.span;
            }
        }
        Some(Invocation {
            krate,
            event,
            paths,
        })
    }

    /// Parses `crate = path,`.
    fn krate(&mut self, input: ParseStream) -> Option<Path> {
        let help = "\n= help: write `crate = my_core, TaskEvent: ..`";
        self.last = input.parse::<Token![crate]>().ok()?.span;
        self.last = input.parse::<Token![=]>().ok()?.span;
        let krate = self.path(input, "the path of `eventsource_core`", help)?;
        let Ok(comma) = input.parse::<Token![,]>() else {
            self.expected("`,`", input, help);
            return None;
        };
        self.last = comma.span;
        Some(krate)
    }

    fn path(&mut self, input: ParseStream, what: &str, help: &str) -> Option<Path> {
        // By hand, because syn's error would say "expected identifier".
        let begins = input.peek(Ident::peek_any) || input.peek(Token![::]);
        let path = if begins {
            input.call(Path::parse_mod_style)
        } else {
            self.expected(what, input, help);
            return None;
        };
        match path {
            Ok(path) => {
                self.last = path.segments.last()?.ident.span();
                Some(path)
            }
            Err(_) => {
                self.expected(what, input, help);
                None
            }
        }
    }

    /// Parses a path up to the semicolon.
    fn event_path(&mut self, input: ParseStream) -> EventPath {
        let mut path = EventPath {
            start: None,
            steps: Vec::new(),
            whole: true,
        };
        if begins_path(input) {
            if let Ok(from) = input.call(Ident::parse_any) {
                self.last = from.span();
            }
            path.start = self.state(input);
            if at_end(input) {
                self.expected(
                    "a step",
                    input,
                    "\n= help: write `from {Created} -> Started`",
                );
                path.whole = false;
            }
        } else if input.peek(Token![->]) || input.peek(Token![=>]) {
            let found = next_token_pair(input);
            let message = format!("expected an event or `from {{..}}` before `{found}`");
            self.error(input, message);
            path.whole = false;
        } else if !refuses(input) {
            let step = self.event(input).map(PathStep::Then);
            self.add(step, &mut path, input);
        }
        while !at_end(input) {
            match self.step(input) {
                Ok(step) => self.add(step, &mut path, input),
                Err(()) => {
                    self.expected(SIGNS, input, "");
                    path.whole = false;
                    skip(input);
                }
            }
        }
        path
    }

    /// Adds a step to the path. Only a sign may follow.
    fn add(&mut self, step: Option<PathStep>, path: &mut EventPath, input: ParseStream) {
        let payload = matches!(step, Some(PathStep::Then(_) | PathStep::ThenNever(_)))
            && (input.peek(token::Brace) || input.peek(token::Paren));
        if payload {
            let message = "an event is named without its payload".to_owned();
            self.error(input, message);
        }
        if payload || step.is_none() {
            path.whole = false;
            skip(input);
        }
        path.steps.extend(step);
    }

    /// Parses a sign and its operand; an error if there is no sign.
    fn step(&mut self, input: ParseStream) -> Result<Option<PathStep>, ()> {
        if let Ok(sign) = input.parse::<Token![->]>() {
            self.last = sign.spans[1];
            return Ok(self.event(input).map(PathStep::Then));
        }
        if let Ok(sign) = input.parse::<Token![=>]>() {
            self.last = sign.spans[1];
            if input.peek(token::Brace) {
                return Ok(self.state(input).map(PathStep::Reaching));
            }
            let help = "\n= help: write it in braces, `=> {Created}`";
            self.expected("a state", input, help);
            return Ok(None);
        }
        if refuses(input) {
            let read = (
                input.parse::<Token![-]>(),
                input.parse::<Token![/]>(),
                input.parse::<Token![->]>(),
            );
            if let (_, _, Ok(sign)) = read {
                self.last = sign.spans[1];
            }
            return Ok(self.event(input).map(PathStep::ThenNever));
        }
        Err(())
    }

    fn event(&mut self, input: ParseStream) -> Option<Ident> {
        if begins_path(input) {
            let message = "`from {..}` begins a path\n= help: write `;` before it";
            self.error(input, message.to_owned());
            return None;
        }
        if input.peek(token::Brace) {
            let help = "\n= help: `=> {..}` gives the state that is reached";
            self.expected("an event", input, help);
            return None;
        }
        if at_end(input) || input.peek(Token![->]) || input.peek(Token![=>]) {
            self.context
                .errors
                .push(Code::Syntax, self.last, "expected an event after this");
            return None;
        }
        let name = bare_name(input, "an event", self.last, &mut self.context)?;
        self.last = name.span();
        if name == "from" && !at_end(input) && !at_sign(input) {
            let help = "\n= help: write it in braces, `from {Created}`";
            self.expected("a state after `from`", input, help);
            return None;
        }
        self.name(&name)
    }

    /// Checks a name and returns it as Rust writes it in a path.
    fn name(&mut self, name: &Ident) -> Option<Ident> {
        let text = name.to_string();
        if NO_NAMES.contains(&text.as_str()) {
            let message = format!("expected an event, found `{text}`");
            self.context.errors.push(Code::Syntax, name.span(), message);
            return None;
        }
        let is_keyword = syn::parse_str::<Ident>(&text).is_err();
        Some(if is_keyword {
            Ident::new_raw(&text, name.span())
        } else {
            name.clone()
        })
    }

    /// Parses the braces that come next.
    fn state(&mut self, input: ParseStream) -> Option<StateLiteral> {
        let (brace, content) = braces(input).ok()?;
        self.last = brace.span.close();
        let names = comma_list(
            &content,
            "an event",
            "`,`",
            &mut self.context,
            |input, context| bare_name(input, "an event", brace.span.close(), context),
        );
        let mut events: Vec<Ident> = Vec::new();
        for name in names {
            let Some(name) = self.name(&name) else {
                continue;
            };
            if events.iter().any(|event| event.unraw() == name.unraw()) {
                let message = format!("`{name}` is in the state twice");
                self.context.errors.push(Code::Syntax, name.span(), message);
            } else {
                events.push(name);
            }
        }
        Some(StateLiteral {
            braces: brace.span,
            events,
        })
    }

    fn expected(&mut self, what: &str, input: ParseStream, help: &str) {
        let found = found(&next_token_pair(input));
        self.error(input, format!("expected {what}{found}{help}"));
    }

    /// Reports an error on the next token, or on the last.
    fn error(&mut self, input: ParseStream, message: String) {
        let span = if input.is_empty() {
            self.last
        } else {
            input.span()
        };
        self.context.errors.push(Code::Syntax, span, message);
    }
}

fn braces(input: ParseStream<'_>) -> syn::Result<(token::Brace, syn::parse::ParseBuffer<'_>)> {
    let content;
    let brace = braced!(content in input);
    Ok((brace, content))
}

/// Returns whether `from {` comes next; an event may be called `from`.
fn begins_path(input: ParseStream) -> bool {
    let fork = input.fork();
    matches!(fork.parse::<Ident>(), Ok(word) if word == "from") && fork.peek(token::Brace)
}

fn at_end(input: ParseStream) -> bool {
    input.is_empty() || input.peek(Token![;])
}

/// Returns whether `-/->` comes next.
fn refuses(input: ParseStream) -> bool {
    input.peek(Token![-]) && input.peek2(Token![/]) && input.peek3(Token![->])
}

/// Names the next token, or both signs of an arrow.
fn next_token_pair(input: ParseStream) -> String {
    if input.peek(Token![->]) {
        "->".to_owned()
    } else if input.peek(Token![=>]) {
        "=>".to_owned()
    } else {
        next_token(input)
    }
}

fn at_sign(input: ParseStream) -> bool {
    input.peek(Token![->]) || input.peek(Token![=>]) || refuses(input)
}

/// Skips to the next sign.
fn skip(input: ParseStream) {
    while !at_end(input) && !at_sign(input) {
        if input.parse::<TokenTree>().is_err() {
            break;
        }
    }
}
