//! Measurement: checks the crates one after the other, in several rounds.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::cases::Case;
use crate::options::Options;

/// Measured times of one check.
#[derive(Clone, Copy)]
pub struct Round {
    pub elapsed: Duration,
    /// CPU time, which depends less on other load on the machine; zero where it is not known.
    pub processors: Duration,
}

/// Result of a case.
pub enum Measured {
    /// Times in the order of the rounds.
    Took(Vec<Round>),
    /// First error of the compiler.
    Failed(String),
}

/// Measures all cases in each round, so that other load on the machine affects all of them alike.
pub fn measure(cases: &[Case], options: &Options) -> Result<Vec<Measured>, Box<dyn Error>> {
    let workspace = Workspace::write(cases)?;
    let mut measured = Vec::new();
    for case in cases {
        // The first check compiles the dependencies and says whether the case compiles.
        let output = workspace.check(case)?;
        measured.push(if output.status.success() {
            Measured::Took(Vec::with_capacity(options.runs))
        } else {
            Measured::Failed(first_error(&output))
        });
    }
    for round in 1..=options.runs {
        eprintln!("round {round} of {}", options.runs);
        for (case, measured) in cases.iter().zip(&mut measured) {
            if let Measured::Took(took) = measured {
                workspace.write_source(case)?;
                let (begun, used) = (Instant::now(), used_by_children());
                let output = workspace.check(case)?;
                let round = Round {
                    elapsed: begun.elapsed(),
                    processors: used_by_children().saturating_sub(used),
                };
                if !output.status.success() {
                    return Err(first_error(&output).into());
                }
                took.push(round);
            }
        }
    }
    Ok(measured)
}

/// Returns the user and system time of the child processes that have ended, to ten milliseconds, as
/// Linux reports it.
fn used_by_children() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program may have spaces; it ends with the last parenthesis.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    // Number 16 and 17 of the line, of which two are before the parenthesis; 100 to a second.
    let ticks = fields.split_whitespace().skip(13).take(2);
    let ticks = ticks.filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

fn first_error(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let line = text.lines().find(|line| line.starts_with("error"));
    line.unwrap_or("cargo failed without an error").to_owned()
}

/// Crates on disk, in a workspace of their own that uses the versions of this one.
struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    fn write(cases: &[Case]) -> Result<Self, Box<dyn Error>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let root = root.ok_or("the package is not in a workspace")?;
        let workspace = Self {
            folder: root.join("target").join("compile_time"),
        };
        let members: Vec<String> = cases
            .iter()
            .map(|case| format!("{:?}", case.package))
            .collect();
        let core = root.join("eventsource-core");
        fs::create_dir_all(&workspace.folder)?;
        fs::write(
            workspace.folder.join("Cargo.toml"),
            format!(
                "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[workspace.dependencies]\n\
                 eventsource-core = {{ path = {core:?}, default-features = false }}\n\
                 serde = {{ version = \"1\", features = [\"derive\"] }}\n",
                members.join(", ")
            ),
        )?;
        fs::copy(root.join("Cargo.lock"), workspace.folder.join("Cargo.lock"))?;
        for case in cases {
            let folder = workspace.folder.join(&case.package);
            fs::create_dir_all(folder.join("src"))?;
            fs::write(
                folder.join("Cargo.toml"),
                format!(
                    "[package]\nname = {:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
                     [dependencies]\neventsource-core.workspace = true\nserde.workspace = true\n",
                    case.package
                ),
            )?;
            workspace.write_source(case)?;
        }
        Ok(workspace)
    }

    /// Writes the source, which is then newer than the build and is checked again.
    fn write_source(&self, case: &Case) -> std::io::Result<()> {
        let path = self.folder.join(&case.package).join("src/lib.rs");
        fs::write(path, &case.source)
    }

    /// Checks a crate without incremental compilation, so that nothing of the round before is used.
    fn check(&self, case: &Case) -> std::io::Result<Output> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Command::new(cargo)
            .args(["check", "--quiet", "--package", &case.package])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null())
            .output()
    }
}
