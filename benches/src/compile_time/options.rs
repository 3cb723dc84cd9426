//! Options of the command line.

use std::path::PathBuf;

pub const HELP: &str = "\
Measures `cargo check` of crates that hold one annotated enum each.

    --runs N         how often each crate is checked; the median counts [7]
    --sizes K,K,..   how many independent events the enums have [3,6,9,12,20]
    --transitions    also with a path in `transitions!`
    --typestate      also with the typed handle, and one walk through it
    --explore        raise `max_states` for the enums of 4096 to 65535 states, so that all of
                     theirs are explored
    --machine TEXT   more keys for `#[machine(..)]`
    --write FILE     write the report there as well";

pub struct Options {
    pub runs: usize,
    pub sizes: Vec<u32>,
    pub transitions: bool,
    pub typestate: bool,
    pub explore: bool,
    pub machine: String,
    pub write: Option<PathBuf>,
    /// Arguments as given, for the report.
    pub asked: Vec<String>,
}

impl Options {
    /// Parses the arguments; `None` if help is asked for.
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            runs: 7,
            sizes: vec![3, 6, 9, 12, 20],
            transitions: false,
            typestate: false,
            explore: false,
            machine: String::new(),
            write: None,
            asked: Vec::new(),
        };
        let mut arguments = arguments;
        let mut asked = Vec::new();
        while let Some(key) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.ok_or_else(|| format!("`{key}` needs a value"))
            };
            let given = match key.as_str() {
                "--help" | "-h" => return Ok(None),
                "--transitions" => {
                    options.transitions = true;
                    None
                }
                "--typestate" => {
                    options.typestate = true;
                    None
                }
                "--explore" => {
                    options.explore = true;
                    None
                }
                "--runs" => {
                    let value = value()?;
                    options.runs = number(&value, 1..=1000)?;
                    Some(value)
                }
                "--sizes" => {
                    let value = value()?;
                    let sizes = value.split(',').map(|size| number(size, 1..=60));
                    options.sizes = sizes.collect::<Result<_, _>>()?;
                    Some(value)
                }
                "--machine" => {
                    let value = value()?;
                    options.machine.clone_from(&value);
                    Some(format!("'{value}'"))
                }
                "--write" => {
                    let value = value()?;
                    options.write = Some(PathBuf::from(&value));
                    Some(value)
                }
                other => return Err(format!("unknown option `{other}`")),
            };
            asked.push(key);
            asked.extend(given);
        }
        options.asked = asked;
        Ok(Some(options))
    }
}

fn number<T: TryFrom<u64>>(text: &str, range: std::ops::RangeInclusive<u64>) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| {
        let (from, to) = range.into_inner();
        format!("`{text}` is not a number from {from} to {to}")
    })
}
