//! Report of a run: its tables, and whether the targets were met.

use std::fmt::Write;

use crate::measure::Measured;

/// Name of the side of this project.
pub const OURS: &str = "eventsource";
/// Name of the side that stores rows and checks nothing.
pub const BLIND: &str = "blind insert";
/// Names of the sides that are no peers.
const NO_PEERS: [&str; 4] = [OURS, "eventsource, expecting", BLIND, "bare query"];

/// Table of measurements of one kind.
pub struct Table {
    pub title: &'static str,
    /// Description of the numbers.
    pub about: String,
    pub columns: Vec<String>,
    pub rows: Vec<(String, Vec<Option<Measured>>)>,
    /// Name of the table's picture, if there is one.
    pub picture: Option<&'static str>,
}

/// Page of the documentation that a run writes.
pub struct Page {
    /// Name of the file.
    pub file: &'static str,
    pub title: &'static str,
    /// What follows the table of targets.
    pub why: &'static str,
}

/// Page about the store.
pub const STORE: Page = Page {
    file: "store.md",
    title: "The store beside its peers",
    why: "Why some are missed, and what would have to change: \
          [0026](../decisions/0026-append-functions.md#what-is-missed-and-why).",
};

/// Page about the runtime.
pub const RUNTIME: Page = Page {
    file: "runtime.md",
    title: "The runtime beside its peers",
    why: "What holds a number back, where one is missed:\n\n\
          * Client, server and database share the cores of one machine, and the databases are usually in memory: \
            nothing waits for a disk or a network, and each microsecond of computing counts. A slower disk or \
            network raises the ratios, for what is shared by many, such as a commit, weighs more then.\n\
          * `execute` is as fast as the append that it ends with, and that one checks the rules in the database: \
            see [the store](store.md) for what it costs beside an INSERT.\n\
          * An append with an inline view is five round trips for all that a lane has gathered, in place of one.\n\
          * One shard of a view reads ahead while it writes, so it keeps two cores busy by itself; more shards \
            are for more cores, or more processes.\n\
          * A webhook or a message is written as a CloudEvent, signed or checked by the server to follow the \
            one before it, and noted in a checkpoint: some ten microseconds each, which a server that takes \
            time to answer hides.\n\
          * A step of a process goes through the feed to a worker, which may be another machine, where \
            mire-sagas runs it in the call that begins the saga.",
};

/// Target of a workload.
pub struct Target {
    pub workload: &'static str,
    pub wanted: &'static str,
    pub measured: String,
    pub met: bool,
}

/// Results of a run.
#[derive(Default)]
pub struct Report {
    pub tables: Vec<Table>,
    pub targets: Vec<Target>,
}

impl Table {
    /// Returns the value of a side in a column.
    pub fn get(&self, side: &str, column: &str) -> f64 {
        let at = self.columns.iter().position(|name| name == column);
        let row = self.rows.iter().find(|row| row.0 == side);
        let value = row.zip(at).and_then(|(row, at)| row.1.get(at).copied());
        value.flatten().map_or(f64::NAN, |value| value.median)
    }

    /// Returns the ratio of one side to another.
    pub fn ratio(&self, side: &str, other: &str, column: &str) -> f64 {
        self.get(side, column) / self.get(other, column)
    }

    /// Returns the name of the best peer in a column, and the ratio of this project to it.
    ///
    /// `not`: peers that cannot be compared.
    pub fn to_best_peer(&self, not: &[&str], column: &str) -> (String, f64) {
        let (peer, best) = self.best_but(not, column);
        let ratio = self.get(OURS, column) / best;
        (format!("the best peer, {peer} ({column})"), ratio)
    }

    /// Returns the best of the other sides.
    fn best_but(&self, not: &[&str], column: &str) -> (String, f64) {
        let others = self
            .rows
            .iter()
            .filter(|row| !NO_PEERS.contains(&row.0.as_str()) && !not.contains(&row.0.as_str()));
        let values = others.map(|row| (row.0.clone(), self.get(&row.0, column)));
        let known = values.filter(|(_, value)| value.is_finite());
        known
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .unwrap_or((String::new(), f64::NAN))
    }

    pub fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n| |", self.title, self.about);
        for column in &self.columns {
            let _ = write!(text, " {column} |");
        }
        text += "\n| --- |";
        text += &" ---: |".repeat(self.columns.len());
        text.push('\n');
        for (name, values) in &self.rows {
            let _ = write!(text, "| {name} |");
            for value in values {
                let _ = match value {
                    Some(value) => write!(text, " {} |", with_spread(*value)),
                    None => write!(text, " |"),
                };
            }
            text.push('\n');
        }
        if let Some(picture) = self.picture {
            let _ = write!(text, "\n![{}]({picture}.svg)\n", self.title);
        }
        text
    }
}

/// Formats a median and how far from it the turns were.
fn with_spread(measured: Measured) -> String {
    let median = number(measured.median);
    match measured.spread {
        Some(spread) if spread.is_finite() => format!("{median} ±{:.0} %", spread * 100.0),
        _ => median,
    }
}

/// Formats a number with its significant digits.
pub fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => String::new(),
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

impl Report {
    pub fn table(&mut self, table: Table) {
        println!("{}", table.markdown());
        self.tables.push(table);
    }

    /// Adds a target: a ratio that should be at least this number.
    pub fn at_least(
        &mut self,
        workload: &'static str,
        wanted: &'static str,
        parts: &[(&str, f64, f64)],
    ) {
        let measured: Vec<String> = parts
            .iter()
            .map(|(of, value, _)| format!("{} of {of}", number(*value)))
            .collect();
        self.target(Target {
            workload,
            wanted,
            measured: measured.join("; "),
            met: parts.iter().all(|(_, value, least)| value >= least),
        });
    }

    pub fn target(&mut self, target: Target) {
        println!(
            "{} {}: {} (wanted: {})\n",
            if target.met { "MET" } else { "MISSED" },
            target.workload,
            target.measured,
            target.wanted
        );
        self.targets.push(target);
    }

    /// Adds a target: a ratio that should be at most this number.
    pub fn at_most(
        &mut self,
        workload: &'static str,
        wanted: &'static str,
        (of, value, most): (&str, f64, f64),
    ) {
        self.target(Target {
            workload,
            wanted,
            measured: format!("{} of {of}", number(value)),
            met: value <= most,
        });
    }

    /// Writes the page of the documentation.
    pub fn markdown(&self, page: &Page, machine: &str) -> String {
        let mut text = format!(
            "# {}\n\n\
             Written by `benches/peers`; do not edit. Numbers are medians of turns that all sides took \
             in one run on one throw-away Postgres, so the ratios mean more than the numbers do. After ± \
             is half of the distance between the quartiles of the turns.\n\n",
            page.title
        );
        text += machine;
        text += "\n## Targets\n\n| workload | target | measured | |\n| --- | --- | --- | --- |\n";
        for target in &self.targets {
            let met = if target.met { "met" } else { "**missed**" };
            let Target {
                workload,
                wanted,
                measured,
                ..
            } = target;
            let _ = writeln!(text, "| {workload} | {wanted} | {measured} | {met} |");
        }
        let _ = write!(
            text,
            "
{}
",
            page.why
        );
        for table in &self.tables {
            text.push('\n');
            text += &table.markdown();
        }
        text
    }
}
