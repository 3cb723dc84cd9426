//! Requests and responses that docs/http.md shows.

use std::io::{BufRead, BufReader};

use serde_json::Value;
use ureq::http::{HeaderMap, Request};

use crate::process::{Service, databases};

const PAGE: &str = include_str!("../../../../docs/http.md");

/// Command, and the response that is shown below it.
struct Shown {
    command: Vec<String>,
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

#[test]
fn requests_of_http_md_are_answered_as_shown() {
    for (url, _folder) in databases() {
        let service = Service::start(&url);
        let shown = shown();
        assert!(shown.len() > 10);
        for shown in shown {
            try_it(&service, &shown);
        }
    }
}

fn try_it(service: &Service, shown: &Shown) {
    let what = shown.command.join(" ");
    let mut words = shown.command.iter();
    let (mut url, mut body, mut headers) = (None, None, HeaderMap::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "curl" | "-i" | "-N" => {}
            "-H" => {
                let (name, value) = words.next().unwrap().split_once(": ").unwrap();
                let name: ureq::http::HeaderName = name.parse().unwrap();
                headers.insert(name, value.parse().unwrap());
            }
            "--json" => body = words.next(),
            other => url = Some(other.replace("127.0.0.1:8080", &service.address)),
        }
    }
    let mut request = Request::builder().uri(url.unwrap());
    request.headers_mut().unwrap().extend(headers);
    let answer = match body {
        Some(body) => {
            let request = request.method("POST");
            let request = request.header("content-type", "application/json");
            service.agent.run(request.body(body.as_str()).unwrap())
        }
        None => service.agent.run(request.body(()).unwrap()),
    };
    let mut answer = answer.unwrap();
    assert_eq!(answer.status().as_u16(), shown.status, "{what}");
    for (name, value) in &shown.headers {
        let actual = answer
            .headers()
            .get(name)
            .map(|actual| actual.to_str().unwrap());
        assert_eq!(actual, Some(value.as_str()), "{what}: {name}");
    }
    if shown.body.starts_with("id: ") {
        return listen(answer.body_mut().as_reader(), &shown.body, &what);
    }
    let actual: Value = answer.body_mut().read_json().unwrap();
    let expected: Value = serde_json::from_str(&shown.body).unwrap();
    assert!(
        has(&expected, &actual),
        "{what}\nshown {expected}\ntold {actual}"
    );
}

/// Reads the frames that are shown, in their order; the stream itself does not end.
fn listen(stream: impl std::io::Read, shown: &str, what: &str) {
    let mut lines = BufReader::new(stream).lines();
    for line in shown.lines().filter(|line| !line.is_empty()) {
        let (field, value) = line.split_once(": ").unwrap();
        let actual = loop {
            let actual = lines.next().unwrap().unwrap();
            if let Some((name, actual)) = actual.split_once(": ")
                && name == field
            {
                break actual.to_owned();
            }
        };
        let expected: Value = serde_json::from_str(value).unwrap();
        let actual: Value = serde_json::from_str(&actual).unwrap();
        assert!(
            has(&expected, &actual),
            "{what}\nshown {expected}\ntold {actual}"
        );
    }
}

/// Checks that a value contains all that is shown; objects may have more members.
fn has(shown: &Value, actual: &Value) -> bool {
    match (shown, actual) {
        (Value::Object(shown), Value::Object(actual)) => shown
            .iter()
            .all(|(name, value)| actual.get(name).is_some_and(|actual| has(value, actual))),
        (Value::Array(shown), Value::Array(actual)) => {
            let mut both = shown.iter().zip(actual);
            shown.len() == actual.len() && both.all(|(shown, actual)| has(shown, actual))
        }
        (shown, actual) => shown == actual,
    }
}

fn shown() -> Vec<Shown> {
    let blocks = PAGE.split("```console\n").skip(1);
    let text: String = blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    text.split("$ ")
        .skip(1)
        .map(|text| {
            let (command, answer) = text.split_once('\n').unwrap();
            let (head, body) = answer.split_once("\n\n").unwrap();
            let mut head = head.lines();
            let status = head.next().unwrap().split(' ').nth(1).unwrap();
            let header = |line: &str| {
                let (name, value) = line.split_once(": ").unwrap();
                (name.to_owned(), value.to_owned())
            };
            Shown {
                command: words(command),
                status: status.parse().unwrap(),
                headers: head.map(header).collect(),
                body: body.to_owned(),
            }
        })
        .collect()
}

/// Splits a command as a shell does: text in single quotes is one word.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    parts
        .flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}
