//! Whether the document is one, and whether it is true: schemathesis makes requests of it, right
//! ones and wrong ones, and looks whether the answers are as the document says.

use std::process::Command;

use crate::service::on_both;
use crate::{here, run, tools};

#[test]
fn the_document_is_one_and_its_schemas_are_those_of_the_service() {
    for service in on_both() {
        let said = run(Command::new(tools().join("python/bin/python"))
            .arg(here("python/document.py"))
            .arg(service.url("")));
        assert!(said.starts_with("checked"), "{said}");
    }
}

#[test]
fn every_answer_is_as_the_document_says_and_none_is_a_failure() {
    for service in on_both() {
        let folder = tempfile::tempdir().unwrap();
        let python = tools().join("python/bin/schemathesis");
        let said = run(Command::new(python)
            // Where it keeps what it remembers.
            .current_dir(folder.path())
            .env("PYTHONPATH", here(""))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg("--config-file")
            .arg(here("schemathesis.toml"))
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
