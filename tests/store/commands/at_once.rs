//! Several commands at once, to one entity.

use std::future::IntoFuture;

use eventsource_core::{EntityId, Error, EventStore, ExecuteError, Executed};
use tokio::task::JoinSet;

use super::accounts::{AccountEvent, FillUp, Panic, TooLittle, Withdraw, cents, opened};
use crate::support::concurrency::in_order;
use crate::support::database::Database;
use crate::support::waiting::until;

on_every_database! {
    and sqlite_memory:
    commands_to_one_entity_are_decided_one_after_the_other,
    caller_that_gives_up_keeps_no_turn,
}

on_every_database! {
    command_that_panics_keeps_no_turn,
    commands_of_two_programs_spend_no_cent_twice,
    plain_appends_are_seen_by_commands_at_the_same_time,
    clients_with_one_command_id_get_one_outcome,
    command_is_asked_no_more_often_than_told,
}

/// Number of clients of a hot entity.
const CLIENTS: usize = 16;

type Answer = Result<Executed<AccountEvent>, ExecuteError<TooLittle>>;

/// Executes a command, again if SQLite was busy for as long as it waits.
async fn withdraw(accounts: &EventStore<AccountEvent>, id: EntityId, cents: i64) -> Answer {
    loop {
        match accounts.execute(id, Withdraw(cents)).tries(1000).await {
            Err(ExecuteError::Store(Error::Unavailable { .. })) => {}
            answer => return answer,
        }
    }
}

/// Lets clients withdraw one cent each, `rounds` times, and returns the answers.
async fn spend(
    programs: &[EventStore<AccountEvent>],
    id: EntityId,
    clients: usize,
    rounds: usize,
) -> Vec<Answer> {
    let mut spending = JoinSet::new();
    for client in 0..clients {
        let accounts = programs[client % programs.len()].clone();
        spending.spawn(async move {
            let mut answers = Vec::new();
            for _ in 0..rounds {
                answers.push(withdraw(&accounts, id, 1).await);
            }
            answers
        });
    }
    spending.join_all().await.into_iter().flatten().collect()
}

async fn commands_to_one_entity_are_decided_one_after_the_other(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let id = opened(&accounts, 100).await;
    let answers = spend(std::slice::from_ref(&accounts), id, CLIENTS, 10).await;
    let (stored, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((stored.len(), refused.len()), (100, 60));
    for executed in stored {
        // None of them has lost a race.
        assert_eq!(executed.unwrap().tries, 1);
    }
    for refused in refused {
        let error = refused.unwrap_err();
        let ExecuteError::Refused(TooLittle { balance, .. }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(balance, 0);
    }
    assert_eq!(cents(&accounts, id).await, 0);
    assert_eq!(accounts.history(id).await.unwrap().len(), 102);
}

async fn commands_of_two_programs_spend_no_cent_twice(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let id = opened(&accounts, 60).await;
    let programs = [accounts.clone(), database.another_events().await];
    let answers = spend(&programs, id, 8, 10).await;
    let (stored, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((stored.len(), refused.len()), (60, 20), "{refused:?}");
    assert_eq!(cents(&accounts, id).await, 0);
}

async fn plain_appends_are_seen_by_commands_at_the_same_time(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let id = opened(&accounts, 20).await;
    let appends = async {
        for _ in 0..20 {
            let deposited = AccountEvent::Deposited { cents: 1 };
            accounts.append(id, deposited).await.unwrap();
        }
    };
    let spending = async {
        let mut spent = 0;
        while spent < 40 {
            match withdraw(&accounts, id, 1).await {
                Ok(_) => spent += 1,
                Err(ExecuteError::Refused(_)) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    tokio::join!(appends, spending);
    assert_eq!(cents(&accounts, id).await, 0);
    withdraw(&accounts, id, 1).await.unwrap_err();
}

async fn caller_that_gives_up_keeps_no_turn(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let id = opened(&accounts, 1000).await;
    // Callers that give up at any moment: before their turn, while it is theirs, and in between.
    let mut stored = 0;
    for polls in 0..60 {
        let (given_up, others) = (accounts.clone(), accounts.clone());
        let gives_up = async move {
            let execution = given_up.execute(id, Withdraw(1)).into_future();
            let mut waited = 0;
            tokio::select! {
                biased;
                executed = execution => usize::from(executed.is_ok()),
                () = std::future::poll_fn(|context| {
                    waited += 1;
                    context.waker().wake_by_ref();
                    match waited > polls {
                        true => std::task::Poll::Ready(()),
                        false => std::task::Poll::Pending,
                    }
                }) => 0,
            }
        };
        let goes_on = async move { others.execute(id, Withdraw(1)).await.unwrap() };
        let (ended, executed) = tokio::join!(gives_up, goes_on);
        assert_eq!(executed.events.len(), 1);
        stored += 1 + ended;
    }
    // What has been sent may be stored, also after its caller has left.
    let spent = 1000 - usize::try_from(cents(&accounts, id).await).unwrap();
    assert!((stored..=stored + 60).contains(&spent), "{stored} {spent}");
    withdraw(&accounts, id, 1).await.unwrap();
}

async fn command_that_panics_keeps_no_turn(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let id = opened(&accounts, 2).await;
    withdraw(&accounts, id, 1).await.unwrap();
    let panicking = accounts.clone();
    let panicked = tokio::spawn(async move {
        let _ = panicking.execute(id, Panic).await;
    });
    assert!(panicked.await.unwrap_err().is_panic());
    withdraw(&accounts, id, 1).await.unwrap();
    withdraw(&accounts, id, 1).await.unwrap_err();
}

async fn clients_with_one_command_id_get_one_outcome(database: &Database) {
    let rounds = match std::env::var("EVENTSOURCE_ROUNDS") {
        Ok(rounds) => rounds.parse().unwrap(),
        Err(_) => 25,
    };
    let here = database.events::<AccountEvent>().await;
    let there = database.another_events::<AccountEvent>().await;
    for round in 0..rounds {
        // Now clients of one program, now of two. Whoever comes second would be refused.
        let second = if round % 2 == 0 { &here } else { &there };
        let id = opened(&here, 1).await;
        let execute = |accounts: &EventStore<AccountEvent>| {
            let accounts = accounts.clone();
            async move {
                loop {
                    let execution = accounts
                        .execute(id, Withdraw(1))
                        .command_id(format!("c{round}"));
                    match execution.await {
                        Err(ExecuteError::Store(Error::Unavailable { .. })) => {}
                        executed => return executed.unwrap(),
                    }
                }
            }
        };
        let (one, other) = tokio::join!(execute(&here), execute(second));
        assert_eq!(one.events, other.events);
        assert_ne!(one.replayed, other.replayed);
        assert_eq!(here.history(id).await.unwrap().len(), 3);
    }
}

async fn command_is_asked_no_more_often_than_told(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let another = database.another_events::<AccountEvent>().await;
    let id = opened(&accounts, 100).await;
    withdraw(&accounts, id, 1).await.unwrap();
    withdraw(&another, id, 1).await.unwrap();
    // A state that has become old meanwhile is no try.
    let executed = accounts.execute(id, Withdraw(1)).tries(1).await.unwrap();
    assert_eq!((executed.tries, executed.events.len()), (2, 1));
    // One that has no luck, if both ask at the same time, says so.
    let mut conflicts = 0;
    until(async || {
        let both = [&accounts, &another].map(|accounts| {
            let execution = accounts.execute(id, FillUp(10_000)).tries(1);
            let withdrawal = accounts.execute(id, Withdraw(1)).tries(1).uncached();
            async move { (execution.await, withdrawal.await) }
        });
        for (_, withdrawn) in in_order(both).await {
            match withdrawn {
                Err(ExecuteError::Store(error @ Error::Conflict { .. })) => {
                    assert_eq!(error.retry(), eventsource_core::Retry::AfterReload);
                    conflicts += 1;
                }
                Err(ExecuteError::Store(Error::Unavailable { .. })) | Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
        conflicts > 0
    })
    .await;
}
