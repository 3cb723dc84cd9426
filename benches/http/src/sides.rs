//! Sides of the comparison, and their operations.

use std::net::SocketAddr;
use std::pin::Pin;

use axum::Router;
use axum::http::{Method, StatusCode};
use eventsource_core::{EntityId, EventStore, StoreOptions};
use tasks::TaskEvent;
use tokio::net::TcpListener;

use crate::by_hand::{self, CONNECTIONS};
use crate::client::Client;
use crate::load::Worker;

#[derive(Clone, Copy, PartialEq)]
pub enum Work {
    /// Append of one event to an entity of the client's own.
    Append,
    /// Read of the state of that entity.
    Read,
}

pub const WORK: [Work; 2] = [Work::Append, Work::Read];

#[derive(Clone, Copy)]
pub enum Side {
    Http,
    InProcess,
    ByHand,
}

pub const SIDES: [Side; 3] = [Side::Http, Side::InProcess, Side::ByHand];

/// Three sides on one database.
pub struct Sides {
    tasks: EventStore<TaskEvent>,
    generated: SocketAddr,
    by_hand: SocketAddr,
}

impl Sides {
    pub async fn open(url: &str) -> Self {
        let store = StoreOptions::new(url).max_connections(CONNECTIONS);
        let store = store.connect().await.unwrap();
        let tasks: EventStore<TaskEvent> = store.migrate().await.unwrap();
        Self {
            generated: serve(eventsource_rest::router(tasks.clone()).unwrap()).await,
            by_hand: serve(by_hand::router(url).await).await,
            tasks,
        }
    }

    /// Creates a task for each client, in both services.
    pub async fn create(&self, clients: usize) -> Vec<EntityId> {
        let mut ids = Vec::new();
        for _ in 0..clients {
            let id = EntityId::new();
            let description = Some("write it down".to_owned());
            let created = TaskEvent::Created { description };
            self.tasks.append(id, created).await.unwrap();
            let mut row = self.http(self.by_hand, append("/by_hand", id)).await;
            row.work().await;
            ids.push(id);
        }
        ids
    }

    /// Creates a worker for each entity.
    pub async fn workers(&self, side: Side, work: Work, ids: &[EntityId]) -> Vec<Box<dyn Worker>> {
        let mut workers = Vec::new();
        for id in ids {
            workers.push(self.worker(side, work, *id).await);
        }
        workers
    }

    async fn worker(&self, side: Side, work: Work, id: EntityId) -> Box<dyn Worker> {
        let read = |path: &str| (Method::GET, format!("{path}/{id}"), String::new());
        match (side, work) {
            (Side::Http, Work::Append) => {
                self.http(self.generated, append("/api/v1/task_event", id))
                    .await
            }
            (Side::Http, Work::Read) => self.http(self.generated, read("/api/v1/task")).await,
            (Side::ByHand, Work::Append) => self.http(self.by_hand, append("/by_hand", id)).await,
            (Side::ByHand, Work::Read) => self.http(self.by_hand, read("/by_hand")).await,
            (Side::InProcess, work) => Box::new(InProcess {
                tasks: self.tasks.clone(),
                id,
                work,
            }),
        }
    }

    async fn http(
        &self,
        address: SocketAddr,
        request: (Method, String, String),
    ) -> Box<dyn Worker> {
        let expected = if request.0 == Method::POST {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        };
        Box::new(Client::connect(address, request, expected).await)
    }
}

/// Returns a request that appends an event that is legal any number of times.
fn append(path: &str, id: EntityId) -> (Method, String, String) {
    let body = format!(r#"{{"taskId": "{id}", "eventType": "REVISED"}}"#);
    (Method::POST, path.to_owned(), body)
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

struct InProcess {
    tasks: EventStore<TaskEvent>,
    id: EntityId,
    work: Work,
}

impl Worker for InProcess {
    fn work(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            match self.work {
                Work::Append => {
                    let revised = self.tasks.append(self.id, TaskEvent::Revised);
                    revised.await.unwrap();
                }
                Work::Read => {
                    self.tasks.head(self.id).await.unwrap().unwrap();
                }
            }
        })
    }
}
