//! Benchmark of the compiler: its time for an enum, by the number of states that the rules can
//! reach.
//!
//! `cargo run --release -p eventsource-benches --bin compile_time -- --help` says how to run it;
//! the last results are in `docs/benchmarks/compile_time.md`.

mod cases;
mod measure;
mod options;
mod report;

use std::error::Error;
use std::process::ExitCode;

use options::Options;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            eprintln!("{wrong}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let cases = cases::all(options);
    let measured = measure::measure(&cases, options)?;
    let report = report::markdown(&cases, &measured, options)?;
    println!("{report}");
    if let Some(path) = &options.write {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, report)?;
    }
    Ok(())
}
