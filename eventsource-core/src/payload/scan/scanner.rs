//! Scanner of the text of a payload, which `serde_json` has written and so is well-formed.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::payload::limits::MAX_PAYLOAD_DEPTH;

/// Beginning of the keys that `serde_json` gives a meaning of its own.
pub(crate) const RESERVED: &str = "$serde_json::private::";

/// Content of a payload, as far as a scan tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scanned<'t> {
    /// Fields, in their order.
    pub(crate) fields: Vec<Field<'t>>,
    /// Whether a null is anywhere within them.
    pub(crate) has_null: bool,
}

/// Field of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field<'t> {
    pub(crate) name: Cow<'t, str>,
    /// Text of the value.
    pub(crate) value: &'t str,
    /// Text of name and value.
    pub(crate) text: &'t str,
}

impl Field<'_> {
    /// Checks whether the field has a value: "", 0 and false are values, null is none.
    pub(crate) fn has_value(&self) -> bool {
        self.value != "null"
    }
}

/// Reason why a payload could not be read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Text that is no JSON object, or has a text that a reader of JSON refuses.
    Malformed,
    /// Well-formed JSON that not every reader or database accepts.
    InField {
        field: String,
        /// Key within the field, if it is to blame.
        key: Option<String>,
        content: Content,
    },
}

/// Content that not every reader or database accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    /// Character U+0000, in a text or in a key.
    Nul,
    /// Value that is nested deeper than [`MAX_PAYLOAD_DEPTH`].
    TooDeep,
    /// Key that an object has twice.
    DuplicateKey,
    /// Key that begins with a marker of `serde_json`.
    ReservedKey,
    /// Number that 64 bits do not hold, of an integer or of a float.
    NumberOutOfRange,
}

/// Scans the text of a JSON object.
///
/// # Errors
/// [`Fault`] if some reader could not read the payload.
pub(crate) fn scan(text: &str) -> Result<Scanned<'_>, Fault> {
    let mut scanner = Scanner::of(text, true);
    let fields = scanner.fields()?;
    match scanner.is_at_end() {
        true => Ok(Scanned {
            fields,
            has_null: scanner.has_null,
        }),
        false => Err(Fault::Malformed),
    }
}

/// Scans JSON of any form, for what `serde_json` must not read: keys that it gives a meaning of its own,
/// keys that come twice, and what is nested too deep.
///
/// # Errors
/// [`Problem`] with the key to blame, if one is.
pub(crate) fn scan_document(text: &str) -> Result<(), Problem> {
    let mut scanner = Scanner::of(text, false);
    scanner.value(1)?;
    match scanner.is_at_end() {
        true => Ok(()),
        false => Err(Problem::Malformed),
    }
}

/// Fault before the field is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Malformed,
    Content(Content),
    Key(String, Content),
}

/// String of JSON, as far as a scan tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Plain,
    Escaped,
    /// Text with an escape of U+0000.
    WithNul,
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// Keys of the objects within fields that are open, innermost last.
    keys: Vec<Cow<'t, str>>,
    has_null: bool,
    /// Whether the text is a payload: texts and numbers are checked as well.
    is_payload: bool,
}

impl<'t> Scanner<'t> {
    fn of(text: &'t str, is_payload: bool) -> Self {
        Self {
            text,
            at: 0,
            keys: Vec::new(),
            has_null: false,
            is_payload,
        }
    }

    fn is_at_end(&mut self) -> bool {
        self.space();
        self.at == self.text.len()
    }

    /// Reads the outermost object.
    fn fields(&mut self) -> Result<Vec<Field<'t>>, Fault> {
        let malformed = |_| Fault::Malformed;
        let mut fields: Vec<Field<'t>> = Vec::new();
        self.begin(b'{').map_err(malformed)?;
        if self.end(b'}') {
            return Ok(fields);
        }
        loop {
            self.space();
            let first = self.at;
            let name = self.key().map_err(malformed)?;
            if let Some(content) = fault_of_key(&name) {
                return Err(Problem::Content(content).in_field(&name));
            }
            self.space();
            let start = self.at;
            self.value(2).map_err(|problem| problem.in_field(&name))?;
            fields.push(Field {
                name,
                value: &self.text[start..self.at],
                text: &self.text[first..self.at],
            });
            if !self.next(b'}').map_err(malformed)? {
                break;
            }
        }
        match duplicate(fields.iter().map(|field| &field.name)) {
            None => Ok(fields),
            Some(name) => Err(Problem::Content(Content::DuplicateKey).in_field(name)),
        }
    }

    /// Reads a value; `depth`: that of the value, if it is an object or an array.
    fn value(&mut self, depth: usize) -> Result<(), Problem> {
        self.space();
        match self.peek() {
            Some(b'{' | b'[') if depth > MAX_PAYLOAD_DEPTH => {
                Err(Problem::Content(Content::TooDeep))
            }
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => match self.string()? {
                Text::WithNul if self.is_payload => Err(Problem::Content(Content::Nul)),
                _ => Ok(()),
            },
            _ => self.literal(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Problem> {
        self.begin(b'{')?;
        if self.end(b'}') {
            return Ok(());
        }
        let outer = self.keys.len();
        loop {
            let key = self.key()?;
            if let Some(content) = fault_of_key(&key)
                && (self.is_payload || content != Content::Nul)
            {
                return Err(Problem::Key(key.into_owned(), content));
            }
            self.keys.push(key);
            self.value(depth + 1)?;
            if !self.next(b'}')? {
                break;
            }
        }
        if let Some(key) = duplicate(self.keys[outer..].iter()) {
            return Err(Problem::Key(
                key.clone().into_owned(),
                Content::DuplicateKey,
            ));
        }
        self.keys.truncate(outer);
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), Problem> {
        self.begin(b'[')?;
        if self.end(b']') {
            return Ok(());
        }
        loop {
            self.value(depth + 1)?;
            if !self.next(b']')? {
                return Ok(());
            }
        }
    }

    /// Reads a key and the colon after it.
    fn key(&mut self) -> Result<Cow<'t, str>, Problem> {
        self.space();
        let start = self.at;
        let text = self.string()?;
        let quoted = &self.text[start..self.at];
        let key = match text {
            Text::Plain => Cow::Borrowed(&quoted[1..quoted.len() - 1]),
            Text::Escaped | Text::WithNul => {
                Cow::Owned(serde_json::from_str(quoted).map_err(|_| Problem::Malformed)?)
            }
        };
        self.begin(b':')?;
        Ok(key)
    }

    /// Reads a string.
    fn string(&mut self) -> Result<Text, Problem> {
        self.begin(b'"')?;
        let mut text = Text::Plain;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let special = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'));
            let special = special.ok_or(Problem::Malformed)?;
            let is_end = rest[special] == b'"';
            self.at += special + 1;
            if is_end {
                return Ok(text);
            }
            match self.escape()? {
                Some(0) => text = Text::WithNul,
                _ if text == Text::Plain => text = Text::Escaped,
                _ => {}
            }
        }
    }

    /// Reads the rest of an escape, after its backslash; returns the code if the escape has one.
    fn escape(&mut self) -> Result<Option<u16>, Problem> {
        match self.peek() {
            Some(b'u') => self.at += 1,
            Some(kind) if kind.is_ascii() => {
                self.at += 1;
                return Ok(None);
            }
            _ => return Err(Problem::Malformed),
        }
        let code = self.hex()?;
        let is_text = match code {
            0xd800..=0xdbff => {
                let has_other = self.text[self.at..].starts_with("\\u");
                self.at += 2;
                has_other && matches!(self.hex()?, 0xdc00..=0xdfff)
            }
            0xdc00..=0xdfff => false,
            _ => true,
        };
        match is_text {
            true => Ok(Some(code)),
            false => Err(Problem::Malformed),
        }
    }

    /// Reads the digits of an escape.
    fn hex(&mut self) -> Result<u16, Problem> {
        let digits = self.text.get(self.at..self.at + 4);
        let code = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        self.at += 4;
        code.ok_or(Problem::Malformed)
    }

    /// Reads a number, a boolean or null.
    fn literal(&mut self) -> Result<(), Problem> {
        let rest = &self.text[self.at..];
        let is_end = |byte: u8| matches!(byte, b',' | b'}' | b']') || is_space(byte);
        let length = rest.bytes().position(is_end).unwrap_or(rest.len());
        let literal = &rest[..length];
        self.at += length;
        match literal.bytes().next() {
            Some(b'n') => self.has_null = true,
            Some(b't' | b'f') => {}
            _ => match is_held(literal) {
                None => return Err(Problem::Malformed),
                Some(false) if self.is_payload => {
                    return Err(Problem::Content(Content::NumberOutOfRange));
                }
                Some(_) => {}
            },
        }
        Ok(())
    }

    /// Reads what an element, or a key and its value, ends with; returns whether another one comes.
    fn next(&mut self, close: u8) -> Result<bool, Problem> {
        if self.end(close) {
            return Ok(false);
        }
        self.begin(b',').map(|()| true)
    }

    /// Reads the end of an object or array, if it comes.
    fn end(&mut self, close: u8) -> bool {
        self.begin(close).is_ok()
    }

    /// Reads one character of punctuation.
    fn begin(&mut self, byte: u8) -> Result<(), Problem> {
        self.space();
        match self.peek() == Some(byte) {
            true => {
                self.at += 1;
                Ok(())
            }
            false => Err(Problem::Malformed),
        }
    }

    fn space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

impl Problem {
    fn in_field(self, field: &str) -> Fault {
        let (key, content) = match self {
            Self::Malformed => return Fault::Malformed,
            Self::Content(content) => (None, content),
            Self::Key(key, content) => (Some(key), content),
        };
        Fault::InField {
            field: field.to_owned(),
            key,
            content,
        }
    }
}

fn fault_of_key(key: &str) -> Option<Content> {
    if key.contains('\0') {
        Some(Content::Nul)
    } else if key.starts_with(RESERVED) {
        Some(Content::ReservedKey)
    } else {
        None
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

fn is_integer(literal: &str) -> bool {
    literal.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether 64 bits hold the number; `None` if it is none.
///
/// Some readers take an integer for one of 64 bits, and any other number for a float.
fn is_held(number: &str) -> Option<bool> {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let max = match digits.len() == number.len() {
        true => u64::MAX,
        false => 1 << 63,
    };
    match digits.bytes().next() {
        Some(b'0'..=b'9') if is_integer(digits) => Some(is_within(digits, max)),
        Some(b'0'..=b'9') => {
            let float: f64 = number.parse().ok()?;
            // What is not 0 must not become it.
            let is_zero =
                |mantissa: &str| !mantissa.bytes().any(|digit| matches!(digit, b'1'..=b'9'));
            Some(match float == 0.0 {
                true => number.split(['e', 'E']).next().is_some_and(is_zero),
                false => float.is_finite(),
            })
        }
        _ => None,
    }
}

fn is_within(integer: &str, max: u64) -> bool {
    /// Digits that always fit.
    const FITTING: usize = 18;
    integer.len() <= FITTING || integer.parse().is_ok_and(|value: u64| value <= max)
}

/// Returns a key that comes twice.
fn duplicate<'k, 't: 'k>(
    keys: impl ExactSizeIterator<Item = &'k Cow<'t, str>> + Clone,
) -> Option<&'k Cow<'t, str>> {
    /// Most keys that are compared each with each.
    const FEW: usize = 16;
    if keys.len() > FEW {
        let mut seen = HashSet::with_capacity(keys.len());
        return keys.clone().find(|key| !seen.insert(*key));
    }
    let mut earlier = 0;
    keys.clone().find(|key| {
        let is_known = keys.clone().take(earlier).any(|known| known == *key);
        earlier += 1;
        is_known
    })
}
