//! Pages of the codes: the enum on a page is that of the UI case, and the message is the recorded
//! one.

use std::path::PathBuf;
use std::{env, fs};

use eventsource_model::findings::{Code, Severity};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the content of the page's first block in this language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let start = format!("```{language}\n");
    let (_, rest) = page.split_once(&start).expect("a block");
    rest.split_once("```").expect("its end").0
}

fn weight(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "It is an error.",
        Severity::Warning => "It is a warning.",
        Severity::Allowed => "It is silent unless asked for.",
    }
}

#[test]
fn each_code_has_its_page() {
    for code in Code::ALL {
        let page = read(&format!("docs/diagnostics/{code}.md"));
        let title = format!("# {code} `{}`\n", code.name());
        assert!(page.starts_with(&title), "{code}: the title is {title}");
        assert!(page.contains(weight(*code)), "{code}: {}", weight(*code));
        for part in ["What it means", "How to fix it", "How to silence it"] {
            assert!(page.contains(&format!("\n## {part}\n")), "{code}: {part}");
        }
        let lines = page.lines().count();
        assert!((20..=70).contains(&lines), "{code}: {lines} lines");
    }
}

#[test]
fn each_page_shows_a_case() {
    for code in Code::ALL {
        let page = read(&format!("docs/diagnostics/{code}.md"));
        let case = read(&format!("tests/ui/fail/findings/{}.rs", code.name()));
        let example = block(&page, "rust");
        assert!(
            case.contains(example),
            "{code}: the case has not\n{example}"
        );
    }
}

/// Returns the first message of the code among the recorded ones, as a reader of the page would see
/// it: a warning is a warning, and the file has another name.
fn message(recorded: &str, code: Code) -> String {
    let mut messages = recorded.split("\n\n");
    let mark = format!("[{code}]\n");
    let message = messages.find(|message| message.contains(&mark));
    let message = message.unwrap_or_else(|| panic!("{code} is not among the recorded messages"));
    let warning = message.starts_with("error: use of deprecated macro");
    let mut lines: Vec<String> = message
        .lines()
        .take_while(|line| !line.starts_with("note: "))
        .filter(|line| !line.trim_start().starts_with("--> "))
        .map(|line| match line.strip_prefix("error: ") {
            Some(text) if warning => format!("warning: {text}"),
            None if warning && line.starts_with("       = ") => format!("  {line}"),
            _ => line.to_owned(),
        })
        .collect();
    while lines.last().is_some_and(|line| line.trim() == "|") {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

/// Compares the recorded messages with the pages; writes them to the pages with
/// `DIAGNOSTICS=overwrite`.
#[test]
fn each_page_shows_the_message() {
    for code in Code::ALL {
        let path = format!("docs/diagnostics/{code}.md");
        let page = read(&path);
        let recorded = read(&format!("tests/ui/fail/findings/{}.stderr", code.name()));
        let (shown, expected) = (block(&page, "text"), message(&recorded, *code));
        if env::var("DIAGNOSTICS").is_ok_and(|wish| wish == "overwrite") {
            let page = page.replacen(shown, &expected, 1);
            fs::write(repository().join(&path), page).expect("a page");
        } else {
            assert_eq!(shown, expected, "{path}");
        }
    }
}

#[test]
fn the_index_lists_each_code_once() {
    let index = read("docs/diagnostics/README.md");
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Allowed => "silent",
        };
        let row = format!("| [{code}]({code}.md) | `{}` | {severity} |", code.name());
        assert_eq!(index.matches(&row).count(), 1, "{row}");
    }
    let rows = index.lines().filter(|line| line.starts_with("| [ES"));
    assert_eq!(rows.count(), Code::ALL.len());
}

#[test]
fn the_documentation_of_the_derive_lists_each_code() {
    let source = read("eventsource-macros/src/reference/event.md");
    let early = [Code::UnknownEvent, Code::Syntax, Code::Operands];
    let early = [&early[..], &[Code::UnknownField, Code::Shape]].concat();
    for code in Code::ALL.iter().filter(|code| !early.contains(code)) {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Allowed => "silent",
        };
        let row = format!("| {code} | `{}` | {severity}", code.name());
        assert!(source.contains(&row), "{row}");
    }
    for code in early {
        assert!(source.contains(&format!("`{}`", code.name())), "{code}");
    }
}

/// The README's messages are recorded ones.
#[test]
fn the_readme_shows_what_the_compiler_says() {
    let recorded = ["many_mistakes", "findings/readme_of_microcosm"]
        .map(|case| read(&format!("tests/ui/fail/{case}.stderr")))
        .concat();
    let readme = read("README.md");
    let says = |line: &&str| {
        ["error: ", "warning: ", "       = "]
            .iter()
            .any(|start| line.starts_with(start))
    };
    let lines: Vec<&str> = readme.lines().filter(says).collect();
    assert!(lines.len() > 10);
    for line in lines {
        // In the case a warning is denied, for it to be recorded.
        let line = line.replacen("warning: ", "error: ", 1);
        assert!(recorded.contains(&line), "{line}");
    }
}
