//! Generated clients: they walk the task list.

use std::process::Command;

use eventsource_tests::tools::{file, installed, run};

use crate::TMP;
use crate::service::on_both;

#[test]
fn generated_typescript_client_walks_task_list() {
    for service in on_both() {
        // In the folder of the tools, for them to find their libraries.
        let folder = tempfile::tempdir_in(installed(TMP)).unwrap();
        let bin = installed(TMP).join("node_modules/.bin");
        for name in ["walk.ts", "tsconfig.json"] {
            let from = file("clients/typescript").join(name);
            std::fs::copy(from, folder.path().join(name)).unwrap();
        }
        run(Command::new(bin.join("openapi-typescript"))
            .arg(service.url("/api/openapi.json"))
            .arg("--output")
            .arg(folder.path().join("api.d.ts")));
        run(Command::new(bin.join("tsc")).current_dir(folder.path()));
        let said = run(Command::new("node")
            .current_dir(folder.path())
            .args(["walk.js", &service.url("")]));
        assert_eq!(said.trim(), "walked");
    }
}

#[test]
fn generated_python_client_walks_task_list() {
    for service in on_both() {
        let folder = tempfile::tempdir().unwrap();
        let bin = installed(TMP).join("python/bin");
        let path = format!(
            "{}:{}",
            bin.display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let said = run(Command::new(bin.join("openapi-python-client"))
            .env("PATH", path)
            .args(["generate", "--meta", "none", "--config"])
            .arg(file("clients/python/generator.yml"))
            .arg("--output-path")
            .arg(folder.path().join("task_client"))
            .args(["--url", &service.url("/api/openapi.json")]));
        assert!(!said.contains("will not be generated"), "{said}");
        let said = run(Command::new(bin.join("python"))
            .env("PYTHONPATH", folder.path())
            .arg(file("clients/python/walk.py"))
            .arg(service.url("")));
        assert_eq!(said.trim(), "walked");
    }
}
