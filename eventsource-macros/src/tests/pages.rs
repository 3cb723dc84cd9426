//! Every code has a page that shows what the compiler says: the page's enum is the UI case, and the
//! message is the one that was recorded.

use std::fs;
use std::path::PathBuf;

use eventsource_model::findings::{Code, Severity};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    let path = repository().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands between the fences of the page's first block in this language.
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
        for part in ["What it means", "How to mend it", "How to silence it"] {
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

/// The compiler's words without what depends on the file: where it is, and whether a warning was
/// made an error for the test.
fn words(rendered: &str) -> Vec<String> {
    rendered
        .lines()
        .map(|line| line.trim().replace("warning: use of", "error: use of"))
        .filter(|line| !line.is_empty() && !line.starts_with("-->"))
        .collect()
}

#[test]
fn each_page_shows_the_message() {
    for code in Code::ALL {
        let page = read(&format!("docs/diagnostics/{code}.md"));
        let recorded = read(&format!("tests/ui/fail/findings/{}.stderr", code.name()));
        assert!(recorded.contains(&format!("[{code}]\n")), "{code}");
        let (shown, recorded) = (words(block(&page, "text")), words(&recorded));
        let found = recorded
            .windows(shown.len())
            .any(|lines| *lines == shown[..]);
        assert!(found, "{code}: {shown:#?}\nis not among {recorded:#?}");
    }
}

#[test]
fn the_index_lists_each_code_once() {
    let index = read("docs/diagnostics/README.md");
    for code in Code::ALL {
        let severity = format!("{:?}", code.severity()).to_lowercase();
        let row = format!("| [{code}]({code}.md) | `{}` | {severity} |", code.name());
        assert_eq!(index.matches(&row).count(), 1, "{row}");
    }
    let rows = index.lines().filter(|line| line.starts_with("| [ES"));
    assert_eq!(rows.count(), Code::ALL.len());
}

#[test]
fn the_documentation_of_the_derive_lists_each_code() {
    let source = read("eventsource-macros/src/lib.rs");
    let early = [Code::UnknownEvent, Code::Syntax, Code::Operands];
    let early = [&early[..], &[Code::UnknownField, Code::Shape]].concat();
    for code in Code::ALL.iter().filter(|code| !early.contains(code)) {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Allowed => "silent",
        };
        let row = format!("/// | {code} | `{}` | {severity}", code.name());
        assert!(source.contains(&row), "{row}");
    }
    for code in early {
        assert!(source.contains(&format!("`{}`", code.name())), "{code}");
    }
}
