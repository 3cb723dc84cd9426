//! Clients that are generated from the document walk the task list.

use std::process::Command;

use crate::service::on_both;
use crate::{here, run, tools};

#[test]
fn a_typescript_client_walks_the_task_list() {
    for service in on_both() {
        // In the folder of the tools, for them to find their libraries.
        let folder = tempfile::tempdir_in(tools()).unwrap();
        let bin = tools().join("node_modules/.bin");
        for file in ["walk.ts", "tsconfig.json"] {
            std::fs::copy(here("typescript").join(file), folder.path().join(file)).unwrap();
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
fn a_python_client_walks_the_task_list() {
    for service in on_both() {
        let folder = tempfile::tempdir().unwrap();
        let bin = tools().join("python/bin");
        let path = format!(
            "{}:{}",
            bin.display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let said = run(Command::new(bin.join("openapi-python-client"))
            .env("PATH", path)
            .args(["generate", "--meta", "none", "--output-path"])
            .arg(folder.path().join("task_client"))
            .args(["--url", &service.url("/api/openapi.json")]));
        assert!(!said.contains("will not be generated"), "{said}");
        let said = run(Command::new(bin.join("python"))
            .env("PYTHONPATH", folder.path())
            .arg(here("python/walk.py"))
            .arg(service.url("")));
        assert_eq!(said.trim(), "walked");
    }
}
