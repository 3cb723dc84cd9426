//! Tests of the program, over HTTP, on both databases.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod conformance;
mod documented;
mod process;
mod races;
mod streams;

use std::io::{BufRead, BufReader};
use std::process::Command;

use process::{Service, databases};
use serde_json::{Value, json};
use uuid::Uuid;

fn body(id: Uuid, event_type: &str, field: Field) -> Value {
    let mut body = json!({ "taskId": id, "eventType": event_type });
    if let Some((name, value)) = field {
        body[name] = value.into();
    }
    body
}

/// A payload field and its value.
type Field = Option<(&'static str, &'static str)>;

const ASSIGNEE: Field = Some(("assignee", "ann"));
const DEADLINE: Field = Some(("deadline", "2026-04-21T00:00:00Z"));

/// Walk of the README (M5): each event with its fields, the state after it, the version.
const WALK: [(&str, Field, &[&str], u64); 11] = [
    (
        "CREATED",
        Some(("description", "write it down")),
        &["CREATED"],
        1,
    ),
    ("ASSIGNED", ASSIGNEE, &["ASSIGNED", "CREATED"], 1),
    (
        "SCHEDULED",
        DEADLINE,
        &["ASSIGNED", "CREATED", "SCHEDULED"],
        1,
    ),
    ("STARTED", None, &["STARTED"], 1),
    ("REASSIGNED", ASSIGNEE, &["STARTED"], 1),
    ("RESCHEDULED", DEADLINE, &["STARTED"], 1),
    ("REVISED", None, &["CREATED"], 2),
    ("SCHEDULED", DEADLINE, &["CREATED", "SCHEDULED"], 2),
    (
        "ASSIGNED",
        ASSIGNEE,
        &["ASSIGNED", "CREATED", "SCHEDULED"],
        2,
    ),
    ("STARTED", None, &["STARTED"], 2),
    ("COMPLETED", None, &["ENDED"], 2),
];

#[test]
fn readme_walk_succeeds_and_every_illegal_event_is_403() {
    for (url, _folder) in databases() {
        let service = Service::start(&url);
        let id = Uuid::now_v7();
        let (status, _) = service.get(&format!("/api/v1/task/{id}"));
        assert_eq!(status, 404);
        let mut state: Vec<String> = Vec::new();
        for (event_type, field, after, version) in WALK {
            refuse_illegal(&service, id, &state);
            let (status, event) = service.post(&body(id, event_type, field));
            assert_eq!(status, 201, "{event}");
            assert_eq!(
                (&event["eventType"], &event["version"]),
                (&json!(event_type), &json!(version))
            );
            let (status, task) = service.get(&format!("/api/v1/task/{id}"));
            assert_eq!((status, &task["state"]), (200, &json!(after)));
            state = after.iter().map(ToString::to_string).collect();
        }
        refuse_illegal(&service, id, &state);
        let (_, page) = service.get(&format!("/api/v1/task_event?task_id={id}"));
        assert_eq!(page["count"], 12, "eleven, and ENDED by itself");
    }
}

/// Posts every event type that the entity's `nextEvents` does not list.
fn refuse_illegal(service: &Service, id: Uuid, state: &[String]) {
    let (status, task) = service.get(&format!("/api/v1/task/{id}"));
    let legal: Vec<&str> = if status == 404 {
        vec!["CREATED"]
    } else {
        let next = task["nextEvents"].as_array().unwrap();
        next.iter()
            .map(|event| event["eventType"].as_str().unwrap())
            .collect()
    };
    let all = [
        ("CREATED", None),
        ("ASSIGNED", ASSIGNEE),
        ("SCHEDULED", DEADLINE),
        ("STARTED", None),
        ("REASSIGNED", ASSIGNEE),
        ("RESCHEDULED", DEADLINE),
        ("REVISED", None),
        ("CANCELED", None),
        ("COMPLETED", None),
        ("ENDED", None),
    ];
    for (event_type, field) in all {
        if legal.contains(&event_type) {
            continue;
        }
        let (status, problem) = service.post(&body(id, event_type, field));
        let message = if state.is_empty() {
            format!("Event type '{event_type}' may not be initial")
        } else {
            format!(
                "Event type '{event_type}' may not follow [{}]",
                state.join(", ")
            )
        };
        assert_eq!((status, &problem["message"]), (403, &json!(message)));
    }
}

#[test]
fn acknowledged_appends_survive_sigkill() {
    for (url, _folder) in databases() {
        let id = Uuid::now_v7();
        let mut acknowledged = Vec::new();
        for round in 0..4 {
            let mut service = Service::start(&url);
            let events = if round == 0 { &WALK[..4] } else { &WALK[4..6] };
            for (event_type, field, ..) in events {
                let (status, event) = service.post(&body(id, event_type, *field));
                assert_eq!(status, 201, "{event}");
                acknowledged.push(event);
            }
            service.child.kill().unwrap();
            service.child.wait().unwrap();
        }
        let service = Service::start(&url);
        let path = format!(
            "/api/v1/task_event?task_id={id}&sort_by_clock=true&sort_clock_in_ascending_order=true"
        );
        let (_, page) = service.get(&path);
        assert_eq!(page["items"], json!(acknowledged));
        assert_eq!(acknowledged.len(), 10);
    }
}

/// Fills the disk: a file that may not grow stands in for one.
#[test]
fn full_disk_is_503_and_appends_resume_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("tasks.db").display());
    let mut shell = Command::new("sh");
    let limited = r#"trap "" XFSZ; ulimit -S -f 400; exec "$0" "$@""#;
    shell.args(["-c", limited, env!("CARGO_BIN_EXE_tasks")]);
    let service = Service::run(shell, &url);
    let create = || service.post(&body(Uuid::now_v7(), "CREATED", None));
    let mut stored = 0;
    let problem = loop {
        match create() {
            (201, _) => stored += 1,
            (status, problem) => break (status, problem),
        }
        assert!(stored < 10_000, "the limit is never reached");
    };
    assert_eq!(
        (problem.0, &problem.1["retryable"]),
        (503, &json!(true)),
        "{problem:?}"
    );
    let limit = Command::new("prlimit")
        .args([
            "--pid",
            &service.child.id().to_string(),
            "--fsize=unlimited",
        ])
        .status();
    assert!(limit.unwrap().success());
    assert_eq!(create().0, 201);
    let (_, page) = service.get("/api/v1/task_event?limit=1");
    assert_eq!(
        page["count"],
        stored + 1,
        "what was acknowledged, and nothing else"
    );
}

#[test]
fn thousand_clients_at_one_address_are_served_if_it_may_have_so_many() {
    use std::io::{Read, Write};
    let mut program = Command::new(env!("CARGO_BIN_EXE_tasks"));
    program.args(["--clients-per-address", "1000"]);
    let service = Service::run(program, "sqlite::memory:");
    let connect = |_| std::net::TcpStream::connect(&service.address).unwrap();
    let mut clients: Vec<_> = (0..1000).map(connect).collect();
    let body = r#"{"eventType": "CREATED"}"#;
    let head = "POST /api/v1/task_event HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                content-type: application/json\r\n";
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    for client in &mut clients {
        client.write_all(request.as_bytes()).unwrap();
    }
    for client in &mut clients {
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
    assert_eq!(service.get("/api/v1/task_event?limit=1").1["count"], 1000);
}

/// Takes all files from the service: idle connections have to give some back.
#[test]
fn service_without_free_files_closes_idle_connections_to_answer_others() {
    let service = Service::start("sqlite::memory:");
    let pid = service.child.id().to_string();
    let open = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .count();
    let limit = format!("--nofile={}", open + 5);
    let limited = Command::new("prlimit")
        .args(["--pid", &pid, &limit])
        .status();
    assert!(limited.unwrap().success());
    let connect = || std::net::TcpStream::connect(&service.address).unwrap();
    let idle: Vec<_> = std::iter::repeat_with(connect).take(50).collect();
    for _ in 0..3 {
        assert_eq!(service.get("/api/health").0, 200);
    }
    drop(idle);
}

#[test]
fn sigint_or_sigterm_stops_cleanly() {
    for signal in ["-INT", "-TERM"] {
        let mut service = Service::start("sqlite::memory:");
        service.signal(signal);
        let status = service.child.wait().unwrap();
        assert!(status.success(), "{signal}: {status}");
    }
}

#[test]
fn unfinished_request_does_not_block_shutdown() {
    use std::io::Write;
    let mut service = Service::start("sqlite::memory:");
    let mut client = std::net::TcpStream::connect(&service.address).unwrap();
    let head = "POST /api/v1/task_event HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\
                content-type: application/json\r\n";
    client
        .write_all(format!("{head}expect: 100-continue\r\n\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    BufReader::new(&client).read_line(&mut answer).unwrap();
    assert_eq!(
        answer.trim(),
        "HTTP/1.1 100 Continue",
        "it waits for the body"
    );
    service.signal("-TERM");
    assert!(service.child.wait().unwrap().success());
}

#[test]
fn service_with_certificate_is_reached_by_curl_over_tls() {
    let tls = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/tls");
    let mut program = Command::new(env!("CARGO_BIN_EXE_tasks"));
    program.args(["--tls-cert", &format!("{tls}/server.crt")]);
    program.args(["--tls-key", &format!("{tls}/server.key")]);
    let service = Service::run(program, "sqlite::memory:");
    let url = format!("https://{}/api/v1/task_event", service.address);
    let curl = |arguments: &[&str]| -> Value {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*"]);
        curl.args(["--cacert", &format!("{tls}/ca.crt")]);
        let answered = curl.args(arguments).arg(&url).output().unwrap();
        assert!(answered.status.success(), "{answered:?}");
        serde_json::from_slice(&answered.stdout).unwrap()
    };
    let event = curl(&["--json", r#"{"eventType": "CREATED"}"#]);
    assert_eq!(event["sequence"], 1, "{event}");
    let page = curl(&[]);
    assert_eq!(page["count"], 1);
    let link = page["_links"]["self"]["href"].as_str().unwrap();
    assert!(link.starts_with(&url), "{link}");
    let error = fails(&["--tls-cert", "/nowhere.crt", "--tls-key", "/nowhere.key"]);
    assert!(error.contains("cannot read '/nowhere.crt'"), "{error}");
}

fn fails(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tasks"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn port_in_use_is_an_error_with_advice() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = fails(&["--database-url", "sqlite::memory:", "--listen", &address]);
    assert!(error.contains(&format!("{address} is taken")), "{error}");
    assert!(error.contains("--listen 127.0.0.1:0"), "{error}");
}

#[test]
fn address_that_others_reach_needs_anonymous() {
    let error = fails(&["--database-url", "sqlite::memory:", "--listen", "0.0.0.0:0"]);
    assert!(
        error.contains("other computers may reach 0.0.0.0:0"),
        "{error}"
    );
    assert!(error.contains("`--anonymous`"), "{error}");
    let mut anonymous = Command::new(env!("CARGO_BIN_EXE_tasks"));
    anonymous.args(["--anonymous", "--public-url", "http://tasks.example/list"]);
    let service = Service::run(anonymous, "sqlite::memory:");
    let (_, page) = service.get("/api/v1/task");
    let link = page["_links"]["self"]["href"].as_str().unwrap();
    assert!(
        link.starts_with("http://tasks.example/list/api/v1/task?"),
        "{link}"
    );
}

#[test]
fn invalid_database_url_error_hides_password() {
    let error = fails(&["--database-url", "mysql://ann:secret@host/db"]);
    assert!(error.contains("begins with 'mysql'"), "{error}");
    assert!(!error.contains("secret"), "{error}");
    for url in [
        "postgres://ann:secret@127.0.0.1:1/db",
        "postgres://ann:not@secret@127.0.0.1:1/db",
        "postgres://127.0.0.1:1/db?user=ann&password=secret",
    ] {
        let error = fails(&["--database-url", url]);
        assert!(error.contains("the database is not available"), "{error}");
        assert!(error.contains("127.0.0.1:1/db"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

/// Returns source code without doc comments and layout.
fn bare(source: &str) -> String {
    let lines = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let text: String = lines
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect();
    text.replace(",}", "}")
}

#[test]
fn readme_shows_task_enum() {
    let enum_of = |text: &str| {
        let (_, from) = text.split_once("#[derive(Clone, Debug").unwrap();
        let (body, _) = from.split_once("\n}\n").unwrap();
        bare(body)
    };
    let readme = enum_of(include_str!("../../../../README.md"));
    assert_eq!(readme, enum_of(include_str!("../../src/lib.rs")));
}
