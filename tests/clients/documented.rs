//! OpenAPI document: schemathesis makes requests from it, right ones and wrong ones, and compares
//! the answers with it.

use std::process::Command;

use eventsource_tests::tools::{file, installed, run};

use crate::TMP;
use crate::service::on_both;

#[test]
fn document_is_valid_and_its_schemas_accept_what_service_accepts() {
    for service in on_both() {
        let said = run(Command::new(installed(TMP).join("python/bin/python"))
            .arg(file("clients/python/document.py"))
            .arg(service.url("")));
        assert!(said.starts_with("checked"), "{said}");
    }
}

#[test]
fn generated_requests_get_documented_answers() {
    for service in on_both() {
        let folder = tempfile::tempdir().unwrap();
        let python = installed(TMP).join("python/bin/schemathesis");
        let said = run(Command::new(python)
            // Where it keeps what it remembers.
            .current_dir(folder.path())
            .env("PYTHONPATH", file("clients"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg("--config-file")
            .arg(file("clients/schemathesis.toml"))
            .arg("run")
            .arg(service.url("/api/openapi.json")));
        let cases = said
            .lines()
            .filter_map(|line| line.trim().split_once(" generated"))
            .find_map(|(count, _)| count.replace(',', "").parse::<u32>().ok());
        assert!(cases >= Some(1000), "{said}");
        // Those that never end are not among them.
        let skipped = said
            .lines()
            .find(|line| line.contains("Selected:"))
            .unwrap();
        let (tested, all) = skipped.split_once(':').unwrap().1.split_once('/').unwrap();
        let number = |text: &str| text.trim().parse::<u32>().unwrap();
        assert_eq!(number(all) - number(tested), 2, "{skipped}");
    }
}
