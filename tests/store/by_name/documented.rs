//! Examples of the page about other languages, run as they stand there.

use std::path::Path;
use std::process::Command;

use eventsource_core::EntityId;
use eventsource_tests::postgres;
use eventsource_tests::tools::{file, installed};
use tasks::TaskEvent::{self, Assigned, Completed, Created, Ended, Scheduled, Started};

use super::support::column;
use crate::support::database::Database;
use crate::support::machines::deadline;

on_postgres! {
    examples_of_page_print_what_it_shows,
}

/// Folder beside which the tools are installed.
const TMP: &str = env!("CARGO_TARGET_TMPDIR");

/// Blocks of code in a page: the language and the text.
fn blocks(page: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = page.split("```").collect();
    let fenced = parts.iter().skip(1).step_by(2);
    fenced
        .map(|block| block.split_once('\n').unwrap())
        .collect()
}

/// Makes the command that runs a block of code, which it writes to a folder.
fn command(language: &str, code: &str, folder: &Path) -> Command {
    let (mut command, ending) = match language {
        "sql" => (postgres::psql().unwrap(), "sql"),
        "python" => (Command::new(installed(TMP).join("python/bin/python")), "py"),
        "javascript" => (Command::new("node"), "mjs"),
        other => panic!("a block of {other}"),
    };
    let path = folder.join(format!("example.{ending}"));
    std::fs::write(&path, code).unwrap();
    match language {
        "sql" => command.arg(database_url()).arg("--file").arg(path),
        _ => command.arg(path),
    };
    command
}

fn database_url() -> String {
    std::env::var("DATABASE_URL").unwrap()
}

/// Runs all examples, as a client with the role of a program, and reads what they have appended.
async fn examples_of_page_print_what_it_shows(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let page = std::fs::read_to_string(file("../docs/other_languages.md")).unwrap();
    // In the folder of the tools, where `import` finds them.
    let folder = tempfile::tempdir_in(installed(TMP)).unwrap();
    let (schema, writer) = (database.schema().unwrap(), database.role("writer"));
    let mut languages = Vec::new();
    for pair in blocks(&page).chunks(2) {
        let [(language, code), ("text", expected)] = pair else {
            panic!("no output after {pair:?}");
        };
        let output = command(language, code, folder.path())
            .env(
                "PGOPTIONS",
                format!("-c role={writer} -c search_path={schema}"),
            )
            .output()
            .unwrap();
        // Errors of psql begin with its name and the place.
        let mut printed = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        for line in errors.lines() {
            let line = line.find("ERROR:").map_or(line, |at| &line[at..]);
            printed += &format!("{line}\n");
        }
        let lines = printed.lines().map(str::trim_end).collect::<Vec<_>>();
        assert_eq!(lines.join("\n").trim_end(), expected.trim_end(), "{code}");
        languages.push(*language);
    }
    assert_eq!(languages, ["sql", "python", "javascript", "sql"]);

    let created = |text: &str| Created {
        description: Some(text.to_owned()),
    };
    let ann = || Assigned {
        assignee: "ann".to_owned(),
    };
    let pool = database.sql().await;
    let ids = column(&pool, "SELECT id::text FROM task ORDER BY id").await;
    let mut stored = Vec::new();
    for id in ids {
        let history = tasks
            .history(id.parse::<EntityId>().unwrap())
            .await
            .unwrap();
        stored.push(
            history
                .into_iter()
                .map(|event| event.event)
                .collect::<Vec<_>>(),
        );
    }
    let done = vec![
        created("write a test"),
        ann(),
        Scheduled {
            deadline: deadline(),
        },
        Started,
        Completed,
        Ended,
    ];
    let expected = [
        vec![created("write it down"), ann()],
        vec![created("call back"), ann()],
        done,
    ];
    assert_eq!(stored, expected);
    let verified = tasks.verify().await.unwrap();
    assert!(verified.is_valid(), "{verified:#?}");
}
