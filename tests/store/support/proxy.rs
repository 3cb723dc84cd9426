//! Proxy before Postgres that loses answers at the worst moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Proxy between a store and Postgres.
pub struct Proxy {
    pub port: u16,
    /// Number of the answer that is to be lost, from 1; 0 is none.
    cut: Arc<AtomicU8>,
    /// Number of answers so far.
    answers: Arc<AtomicUsize>,
    ice: watch::Sender<Ice>,
    /// Number of times that all connections were closed.
    hung_up: watch::Sender<u32>,
}

/// State of the answers: they pass, or are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ice {
    #[default]
    None,
    /// After this many answers the next one, and all after it, will be kept.
    Wanted(u8),
    /// An answer is being kept.
    Formed,
}

impl Proxy {
    pub async fn to(host: &str, port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            cut: Arc::default(),
            answers: Arc::default(),
            ice: watch::Sender::default(),
            hung_up: watch::Sender::default(),
        };
        let hung_up = proxy.hung_up.clone();
        let (server, cut) = (format!("{host}:{port}"), Arc::clone(&proxy.cut));
        let (answers, ice) = (Arc::clone(&proxy.answers), proxy.ice.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                let (cut, answers) = (Arc::clone(&cut), Arc::clone(&answers));
                let pass = pass_on(client, server, cut, answers, ice.clone());
                let mut hung_up = hung_up.subscribe();
                tokio::spawn(async move {
                    tokio::select! {
                        () = pass => {}
                        _ = hung_up.changed() => {}
                    }
                });
            }
        });
        proxy
    }

    /// Returns how many answers the database has given.
    pub fn answers(&self) -> usize {
        self.answers.load(Ordering::SeqCst)
    }

    /// Loses the next answer of the database, and the connection with it.
    pub fn lose_the_next_answer(&self) {
        self.lose_answer(1);
    }

    /// Loses the answer of this number, counted from 1, and the connection with it.
    pub fn lose_answer(&self, number: u8) {
        self.cut.store(number, Ordering::SeqCst);
    }

    /// Keeps all answers after this many: the clients stand still.
    pub fn freeze_after(&self, answers: u8) {
        self.ice.send_replace(Ice::Wanted(answers));
    }

    /// Waits until an answer is being kept.
    pub async fn has_frozen(&self) {
        let mut ice = self.ice.subscribe();
        ice.wait_for(|ice| *ice == Ice::Formed).await.unwrap();
    }

    /// Lets all answers that were kept arrive.
    pub fn thaw(&self) {
        self.ice.send_replace(Ice::None);
    }

    /// Closes all connections, whatever the server is doing for them.
    pub fn hang_up(&self) {
        self.hung_up.send_modify(|times| *times += 1);
    }

    /// Tells whether the answer was lost.
    pub fn has_lost_it(&self) -> bool {
        self.cut.load(Ordering::SeqCst) == 0
    }
}

async fn pass_on(
    mut client: TcpStream,
    mut server: TcpStream,
    cut: Arc<AtomicU8>,
    all: Arc<AtomicUsize>,
    ice: watch::Sender<Ice>,
) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let answers = async {
        let mut buffer = [0; 65_536];
        loop {
            let read = from_server.read(&mut buffer).await.unwrap_or(0);
            let next = |number: u8| number.checked_sub(1);
            let was = cut.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
            if read == 0 || was == Ok(1) {
                return;
            }
            all.fetch_add(1, Ordering::SeqCst);
            ice.send_modify(|ice| {
                *ice = match *ice {
                    Ice::Wanted(0) => Ice::Formed,
                    Ice::Wanted(answers) => Ice::Wanted(answers - 1),
                    other => other,
                };
            });
            let mut thawed = ice.subscribe();
            thawed.wait_for(|ice| *ice != Ice::Formed).await.unwrap();
            if to_client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    // Whoever ends first, both connections are closed.
    tokio::select! {
        () = answers => {}
        _ = copy(&mut from_client, &mut to_server) => {}
    }
}
