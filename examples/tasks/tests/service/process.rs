//! Process of the program, and its databases.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;
use ureq::Agent;

/// Running program.
pub struct Service {
    pub child: Child,
    pub address: String,
    pub agent: Agent,
}

impl Service {
    pub fn start(database_url: &str) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_tasks")), database_url)
    }

    /// Starts the program at an address that another process had before.
    pub fn start_at(address: &str, database_url: &str) -> Self {
        let program = Command::new(env!("CARGO_BIN_EXE_tasks"));
        Self::run_at(address, program, database_url)
    }

    pub fn run(program: Command, database_url: &str) -> Self {
        Self::run_at("127.0.0.1:0", program, database_url)
    }

    fn run_at(address: &str, mut program: Command, database_url: &str) -> Self {
        let mut child = program
            .args(["--listen", address, "--database-url", database_url])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the service says where it is").unwrap();
        let address = first
            .split_whitespace()
            .find_map(|word| word.strip_prefix("http")?.split("://").nth(1))
            .unwrap()
            .trim_end_matches(',')
            .to_owned();
        // What it prints must go somewhere, or it stops at a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        Self {
            child,
            address,
            agent,
        }
    }

    pub fn post(&self, body: &Value) -> (u16, Value) {
        let url = format!("http://{}/api/v1/task_event", self.address);
        let mut answer = self.agent.post(&url).send_json(body).unwrap();
        (
            answer.status().as_u16(),
            answer.body_mut().read_json().unwrap(),
        )
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("http://{}{path}", self.address);
        let mut answer = self.agent.get(&url).call().unwrap();
        (
            answer.status().as_u16(),
            answer.body_mut().read_json().unwrap(),
        )
    }

    pub fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Creates a database of each kind; the folder keeps the SQLite file.
pub fn databases() -> [(String, Option<tempfile::TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("tasks.db").display());
    [(sqlite, Some(folder)), (postgres(), None)]
}

/// Creates a database on the test server.
fn postgres() -> String {
    let url = std::env::var("DATABASE_URL")
        .expect("DATABASE_URL names the Postgres to test on; ./test starts one and sets it");
    let options: PgConnectOptions = url.parse().unwrap();
    let name = format!("tasks_{}", uuid::Uuid::now_v7().simple());
    let create = format!("CREATE DATABASE {name}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let mut connection = options.connect().await.unwrap();
        let create = sqlx::query(sqlx::AssertSqlSafe(create));
        create.execute(&mut connection).await.unwrap();
    });
    options.database(&name).to_url_lossy().to_string()
}
