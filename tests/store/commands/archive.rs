//! Archive: commands that are kept with their outcomes, and commands that are to be executed later.

use eventsource_core::{CommandOutcome, EntityId, Error, EventStore, ExecuteError, Seq};
use serde_json::json;

use super::accounts::{AccountEvent, Open, TooLittle, Withdraw, WithdrawOrDecline, cents, opened};
use crate::support::database::Database;

on_every_database! {
    command_is_archived_with_its_events,
    command_without_archive_is_not_executed,
    repeat_of_refused_command_is_refused_by_archive,
    rejection_is_recorded_and_state_stays,
    submitted_command_is_pending_until_it_is_executed,
    clients_with_one_archived_command_get_one_outcome,
    submitted_commands_are_executed_once_by_many,
    submitted_command_that_rules_refuse_has_failed,
    submitted_command_of_killed_program_is_executed_by_another,
}

/// Makes the tables of accounts and of the archive.
async fn accounts(database: &Database) -> EventStore<AccountEvent> {
    database.store().migrate_runtime().await.unwrap();
    database.events().await
}

async fn command_is_archived_with_its_events(database: &Database) {
    let accounts = accounts(database).await;
    let id = opened(&accounts, 5).await;
    let withdraw = accounts.execute(id, Withdraw(2)).by("ann").command_id("c");
    let executed = withdraw.caused_by("a click").archived().await.unwrap();
    let command = accounts.command(id, "c", Some("ann")).await.unwrap();
    let command = command.unwrap();
    assert_eq!(
        (command.name.as_str(), &command.payload),
        ("withdraw", &json!(2))
    );
    assert_eq!(command.metadata.causation_id.as_deref(), Some("a click"));
    let seqs = Some((Seq::new(3), Seq::new(3)));
    assert_eq!(command.outcome, CommandOutcome::Accepted { seqs });
    // Commands belong to actors, and entities.
    assert_eq!(accounts.command(id, "c", None).await.unwrap(), None);
    let elsewhere = accounts.command(EntityId::new(), "c", Some("ann"));
    assert_eq!(elsewhere.await.unwrap(), None);

    let withdraw = accounts.execute(id, Withdraw(2)).by("ann").command_id("c");
    let again = withdraw.archived().await.unwrap();
    assert_eq!((again.replayed, &again.events), (true, &executed.events));
    // What its creation has stored is found too.
    let new = accounts.execute_new(Open).command_id("n");
    let new = new.archived().await.unwrap();
    let command = accounts.command(new.entity_id, "n", None).await.unwrap();
    let seqs = Some((Seq::new(1), Seq::new(1)));
    assert_eq!(command.unwrap().outcome, CommandOutcome::Accepted { seqs });
}

async fn command_without_archive_is_not_executed(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let id = opened(&accounts, 5).await;
    for cents in [2, 20] {
        let error = accounts.execute(id, Withdraw(cents)).archived().await;
        let error = error.unwrap_err();
        assert!(
            matches!(
                &error,
                ExecuteError::Store(Error::RuntimeNotMigrated { .. })
            ),
            "{error:?}"
        );
    }
    assert_eq!(cents(&accounts, id).await, 5);
}

async fn repeat_of_refused_command_is_refused_by_archive(database: &Database) {
    let accounts = accounts(database).await;
    let id = opened(&accounts, 1).await;
    let withdraw = || accounts.execute(id, Withdraw(5)).command_id("c").archived();
    let refused = withdraw().await.unwrap_err();
    assert!(matches!(refused, ExecuteError::Refused(_)), "{refused:?}");
    let deposited = AccountEvent::Deposited { cents: 10 };
    accounts.append(id, deposited).await.unwrap();
    for _ in 0..2 {
        let refused = withdraw().await.unwrap_err();
        let ExecuteError::RefusedBefore {
            message, refusal, ..
        } = refused
        else {
            panic!("{refused:?}");
        };
        assert_eq!(message, "1 cents are there, and 5 are asked for");
        assert_eq!(refusal, json!({"balance": 1, "asked": 5}));
    }
    assert_eq!(cents(&accounts, id).await, 11);
    // Another command with its id is none of its repeats.
    let other = accounts.execute(id, WithdrawOrDecline(5)).command_id("c");
    let error = other.archived().await.unwrap_err();
    assert!(
        matches!(
            &error,
            ExecuteError::Store(Error::IdempotencyKeyReused { .. })
        ),
        "{error:?}"
    );
    assert_eq!(cents(&accounts, id).await, 11);
    // So it is with a command that would have created its entity.
    for _ in 0..2 {
        let new = accounts.execute_new(Withdraw(7)).command_id("n").archived();
        new.await.unwrap_err();
    }
    let new = accounts.execute_new(Withdraw(7)).command_id("n").archived();
    let error = new.await.unwrap_err();
    assert!(matches!(error, ExecuteError::RefusedBefore { .. }));
}

async fn rejection_is_recorded_and_state_stays(database: &Database) {
    let accounts = accounts(database).await;
    let id = opened(&accounts, 5).await;
    let before = accounts.head(id).await.unwrap().unwrap();
    let decline = accounts.execute(id, WithdrawOrDecline(9)).command_id("c");
    let executed = decline.archived().await.unwrap();
    let rejection = executed.rejection().unwrap();
    assert_eq!(rejection.event, AccountEvent::Declined { cents: 9 });
    assert_eq!(rejection.state, before.state);
    let command = accounts.command(id, "c", None).await.unwrap().unwrap();
    let seqs = Some((Seq::new(3), Seq::new(3)));
    assert_eq!(command.outcome, CommandOutcome::Rejected { seqs });
    let executed = accounts.execute(id, WithdrawOrDecline(5)).await.unwrap();
    assert_eq!(executed.rejection(), None);
}

async fn submitted_command_is_pending_until_it_is_executed(database: &Database) {
    let accounts = accounts(database).await;
    let id = opened(&accounts, 5).await;
    let submit = || accounts.execute(id, Withdraw(2)).command_id("c").submit();
    for _ in 0..2 {
        assert_eq!(submit().await.unwrap(), "c");
        let command = accounts.command(id, "c", None).await.unwrap().unwrap();
        let outcome = command.outcome;
        assert!(
            matches!(
                &outcome,
                CommandOutcome::Pending {
                    attempts: 0,
                    next_try_at: Some(_)
                }
            ),
            "{outcome:?}"
        );
    }
    let other = accounts.execute(id, WithdrawOrDecline(2)).command_id("c");
    let error = other.submit().await.unwrap_err();
    assert!(
        matches!(error, Error::IdempotencyKeyReused { .. }),
        "{error:?}"
    );
    let named = accounts.execute(id, Withdraw(1)).submit().await.unwrap();
    assert!(accounts.command(id, &named, None).await.unwrap().is_some());
    let error = accounts.execute_new(Withdraw(1)).submit().await;
    assert!(matches!(error, Err(Error::InvalidInput(_))), "{error:?}");

    let execution = accounts.execute(id, Withdraw(2)).command_id("c");
    execution.archived().await.unwrap();
    submit().await.unwrap();
    let command = accounts.command(id, "c", None).await.unwrap().unwrap();
    let seqs = Some((Seq::new(3), Seq::new(3)));
    assert_eq!(command.outcome, CommandOutcome::Accepted { seqs });
    assert_eq!(cents(&accounts, id).await, 3);
}

async fn clients_with_one_archived_command_get_one_outcome(database: &Database) {
    let rounds = match std::env::var("EVENTSOURCE_ROUNDS") {
        Ok(rounds) => rounds.parse().unwrap(),
        Err(_) => 25,
    };
    let here = accounts(database).await;
    let there = database.another_events::<AccountEvent>().await;
    let (mut accepted, mut refused) = (0, 0);
    for round in 0..rounds {
        let second = if round % 2 == 0 { &here } else { &there };
        let id = opened(&here, 1).await;
        let command_id = format!("c{round}");
        let execute = async |accounts: &EventStore<AccountEvent>| {
            loop {
                let execution = accounts.execute(id, Withdraw(2)).command_id(&command_id);
                match execution.archived().await {
                    Err(ExecuteError::Store(Error::Unavailable { .. })) => {}
                    answer => return answer,
                }
            }
        };
        // Whoever comes after this may, whoever comes before must not.
        let deposited = AccountEvent::Deposited { cents: 1 };
        let deposit = std::future::IntoFuture::into_future(here.append(id, deposited));
        let (one, other, _) = tokio::join!(execute(&here), execute(second), deposit);
        match (one, other) {
            (Ok(one), Ok(other)) => {
                assert_eq!(one.events, other.events);
                assert_ne!(one.replayed, other.replayed);
                accepted += 1;
            }
            (Err(one), Err(other)) => {
                let first = [&one, &other].map(|error| matches!(error, ExecuteError::Refused(_)));
                assert!(first[0] != first[1], "{one:?} {other:?}");
                refused += 1;
            }
            (one, other) => panic!("{one:?} {other:?}"),
        }
        let again = execute(&here).await;
        assert!(match again {
            Ok(executed) => executed.replayed,
            Err(error) => matches!(error, ExecuteError::<TooLittle>::RefusedBefore { .. }),
        });
    }
    println!("{accepted} accepted, {refused} refused");
}

async fn submitted_commands_are_executed_once_by_many(database: &Database) {
    let here = accounts(database).await;
    let there = database.another_events::<AccountEvent>().await;
    let id = opened(&here, 15).await;
    for number in 0..20 {
        let withdraw = here.execute(id, Withdraw(1)).by("ann");
        withdraw
            .command_id(format!("c{number}"))
            .submit()
            .await
            .unwrap();
    }
    let work = async |accounts: &EventStore<AccountEvent>| {
        let mut begun = 0;
        loop {
            match accounts.execute_submitted::<Withdraw>(3).await {
                Ok(0) => return begun,
                Ok(some) => begun += some,
                Err(error) => assert_eq!(error.retry(), eventsource_core::Retry::Later),
            }
        }
    };
    let (one, other) = tokio::join!(work(&here), work(&there));
    assert_eq!(one + other, 20);
    assert_eq!(cents(&here, id).await, 0);
    let mut refused = 0;
    for number in 0..20 {
        let command_id = format!("c{number}");
        let command = here.command(id, &command_id, Some("ann"));
        match command.await.unwrap().unwrap().outcome {
            CommandOutcome::Accepted { seqs: Some(_) } => {}
            CommandOutcome::Refused { refusal, .. } => {
                assert_eq!(refusal, json!({"balance": 0, "asked": 1}));
                refused += 1;
            }
            outcome => panic!("{outcome:?}"),
        }
    }
    assert_eq!(refused, 5);
    assert_eq!(here.history(id).await.unwrap().len(), 17);
}

async fn submitted_command_that_rules_refuse_has_failed(database: &Database) {
    let accounts = accounts(database).await;
    let id = opened(&accounts, 15).await;
    accounts.append(id, AccountEvent::Closed).await.unwrap();
    let withdraw = accounts.execute(id, Withdraw(1)).command_id("c");
    withdraw.submit().await.unwrap();
    assert_eq!(accounts.execute_submitted::<Open>(10).await.unwrap(), 0);
    assert_eq!(accounts.execute_submitted::<Withdraw>(10).await.unwrap(), 1);
    let command = accounts.command(id, "c", None).await.unwrap().unwrap();
    let CommandOutcome::Failed { message } = command.outcome else {
        panic!("{:?}", command.outcome);
    };
    assert!(message.contains("may not follow"), "{message}");
    assert_eq!(accounts.execute_submitted::<Withdraw>(10).await.unwrap(), 0);
}

async fn submitted_command_of_killed_program_is_executed_by_another(database: &Database) {
    let accounts = accounts(database).await;
    let id = opened(&accounts, 15).await;
    let withdraw = accounts.execute(id, Withdraw(1)).command_id("c");
    withdraw.submit().await.unwrap();
    // As a program leaves it that has begun, has stored the events, and was killed then.
    let withdraw = accounts.execute(id, Withdraw(1)).command_id("c");
    let first = withdraw.await.unwrap();
    let begun = "UPDATE eventsource_command SET attempts = 1";
    sqlx::query(begun)
        .execute(&database.sql().await)
        .await
        .unwrap();
    assert_eq!(accounts.execute_submitted::<Withdraw>(10).await.unwrap(), 1);
    let command = accounts.command(id, "c", None).await.unwrap().unwrap();
    let seq = first.events[0].seq;
    let seqs = Some((seq, seq));
    assert_eq!(command.outcome, CommandOutcome::Accepted { seqs });
    assert_eq!(cents(&accounts, id).await, 14);
}
