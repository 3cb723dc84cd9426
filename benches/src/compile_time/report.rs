//! Report of the results, as a page of the documentation.

use std::error::Error;
use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use crate::cases::Case;
use crate::measure::{Measured, Round};
use crate::options::Options;

const HEAD: &str = "\
# Compile time

What `cargo check` of a crate with one annotated enum takes, over an empty crate with the same
dependencies. Written by a program; do not edit.

The enums have an event `Created`, then a number of independent events that come in any order, then
`Started` and `Completed`, so each independent event doubles the states. The dependencies are
compiled before; each crate is checked anew, not incrementally, by turns with the others, in several
rounds. `over empty` is the median over the rounds of the difference to the empty crate in the same
round; `processor ms` is the same of the time that processors spent, which other work on the machine
disturbs less. `serde` is the same enum with nothing but serde's derives, which every enum has.
";

pub fn markdown(
    cases: &[Case],
    measured: &[Measured],
    options: &Options,
) -> Result<String, Box<dyn Error>> {
    let Some(Measured::Took(empty)) = measured.first() else {
        return Err("the empty crate does not compile".into());
    };
    let mut out = format!("{HEAD}\n{}\n", setting(options)?);
    out.push_str(
        "| states | event types | the crate holds | median ms | over empty ms | processor ms | least ms | most ms |\n",
    );
    out.push_str("| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |\n");
    for (case, measured) in cases.iter().zip(measured) {
        let states = case
            .states
            .map_or_else(String::new, |states| states.to_string());
        let events = match case.events {
            0 => String::new(),
            events => events.to_string(),
        };
        write!(out, "| {states} | {events} | {} | ", case.holds)?;
        match measured {
            Measured::Failed(error) => writeln!(out, "{error} | | | | |")?,
            Measured::Took(took) => {
                let over = |time: fn(&Round) -> Duration| {
                    let rounds = took.iter().zip(empty);
                    let over = rounds.map(|(took, empty)| millis(time(took)) - millis(time(empty)));
                    median(&sorted(over.collect()))
                };
                let all = took.iter().map(|round| millis(round.elapsed));
                let all = sorted(all.collect());
                writeln!(
                    out,
                    "{:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
                    median(&all),
                    over(|round| round.elapsed),
                    over(|round| round.processors),
                    all.first().copied().unwrap_or_default(),
                    all.last().copied().unwrap_or_default(),
                )?;
            }
        }
    }
    Ok(out)
}

/// Describes the machine, and the command that repeats the measurement.
fn setting(options: &Options) -> Result<String, Box<dyn Error>> {
    let rustc = Command::new("rustc").arg("--version").output()?;
    let rustc = String::from_utf8(rustc.stdout)?;
    let cores = std::thread::available_parallelism()?;
    let mut out = String::new();
    writeln!(out, "* {}", rustc.trim())?;
    writeln!(out, "* {}, {cores} cores", processor())?;
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        let load = load.split(' ').next().unwrap_or_default();
        writeln!(out, "* load at the end {load}, this program's own among it")?;
    }
    writeln!(out, "* {} rounds", options.runs)?;
    let asked: String = options
        .asked
        .iter()
        .map(|word| format!(" {word}"))
        .collect();
    writeln!(
        out,
        "\n```sh\ncargo run --release -p eventsource-benches --bin compile_time --{asked}\n```"
    )?;
    Ok(out)
}

fn processor() -> String {
    let system = std::env::consts::OS;
    let architecture = std::env::consts::ARCH;
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut names = text.lines().filter(|line| line.starts_with("model name"));
    let name = names.next().and_then(|line| line.split_once(": "));
    let name = name.map_or("a processor without a name", |(_, name)| name);
    format!("{name}, {system} on {architecture}")
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Returns the median of sorted values.
fn median(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    match (values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => (below + above) / 2.0,
        (_, Some(value)) => *value,
        (_, None) => 0.0,
    }
}
