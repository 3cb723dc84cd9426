//! States that a program keeps of its entities: they save reads, and are never believed.

use eventsource_core::{Actor, EntityId, ExecuteError, Seq};

use super::accounts::{
    AccountEvent, Balance, FillUp, Open, Staff, TooLittle, Withdraw, applied, opened,
};
use crate::support::database::Database;

on_every_database! {
    and sqlite_memory:
    entity_is_loaded_once_and_not_for_each_command,
}

on_every_database! {
    refusal_is_decided_on_what_another_program_has_stored,
    nothing_to_do_is_decided_on_what_another_program_has_stored,
    rule_is_asked_about_what_another_program_has_stored,
    command_decides_on_what_its_reader_may_not_see,
}

async fn entity_is_loaded_once_and_not_for_each_command(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let id = opened(&accounts, 100).await;
    for _ in 0..10 {
        let executed = accounts.execute(id, Withdraw(1)).await.unwrap();
        assert_eq!(executed.tries, 1);
    }
    // Two when it was loaded, and each of the ten once.
    assert_eq!(applied(id), 12);
    accounts.execute(id, Withdraw(1)).uncached().await.unwrap();
    assert_eq!(applied(id), 24);
    // The kept state is older by one event, which the database notices.
    let executed = accounts.execute(id, Withdraw(1)).await.unwrap();
    assert_eq!((executed.tries, executed.events[0].seq), (2, Seq::new(14)));
    assert_eq!(applied(id), 24 + 13 + 1);
    // A refusal reads the head, and no events.
    accounts.execute(id, Withdraw(1000)).await.unwrap_err();
    accounts.execute(id, FillUp(0)).await.unwrap();
    assert_eq!(applied(id), 38);
    // An entity that a command has created is known from the beginning.
    let new = accounts.execute_new(Open).await.unwrap().entity_id;
    accounts.execute(new, FillUp(7)).await.unwrap();
    assert_eq!(applied(new), 2);
}

async fn refusal_is_decided_on_what_another_program_has_stored(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let another = database.another_events::<AccountEvent>().await;
    let id = opened(&accounts, 1).await;
    accounts.execute(id, Withdraw(1)).await.unwrap();
    another.execute(id, FillUp(5)).await.unwrap();
    // By what this program knows there is nothing.
    let executed = accounts.execute(id, Withdraw(5)).await.unwrap();
    assert_eq!((executed.tries, executed.events.len()), (2, 1));
    let refused = accounts.execute(id, Withdraw(5)).await.unwrap_err();
    let ExecuteError::Refused(refusal) = refused else {
        panic!("{refused:?}");
    };
    let (balance, asked) = (0, 5);
    assert_eq!(refusal, TooLittle { balance, asked });
}

async fn nothing_to_do_is_decided_on_what_another_program_has_stored(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let another = database.another_events::<AccountEvent>().await;
    let id = opened(&accounts, 1).await;
    accounts.execute(id, FillUp(10)).await.unwrap();
    another.execute(id, Withdraw(3)).await.unwrap();
    let filled = accounts.execute(id, FillUp(10)).await.unwrap();
    assert_eq!(filled.events[0].event, AccountEvent::Deposited { cents: 3 });
    let nothing = accounts.execute(id, FillUp(10)).await.unwrap();
    assert!(nothing.events.is_empty());
}

async fn rule_is_asked_about_what_another_program_has_stored(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let another = database.another_events::<AccountEvent>().await;
    let id = EntityId::new();
    // Nothing may be deposited before the account is opened.
    accounts.execute(id, FillUp(1)).await.unwrap_err();
    another.append(id, AccountEvent::Opened).await.unwrap();
    accounts.execute(id, FillUp(1)).await.unwrap();
    another.append(id, AccountEvent::Closed).await.unwrap();
    let error = accounts.execute(id, FillUp(2)).await.unwrap_err();
    assert!(error.to_string().contains("CLOSED"), "{error}");
}

async fn command_decides_on_what_its_reader_may_not_see(database: &Database) {
    let accounts = database.events::<AccountEvent>().await;
    let teller = Actor::new("tom").with_role(Staff::Teller);
    let for_teller = accounts.reading_as(&teller);
    let id = opened(&accounts, 5).await;
    // The teller does not see deposits, and yet the account has them.
    for_teller.fold::<Balance>(id).await.unwrap_err();
    let withdraw = |cents| for_teller.execute(id, Withdraw(cents)).by(&teller);
    let executed = withdraw(5).command_id("w").await.unwrap();
    withdraw(1).await.unwrap_err();
    // A repeat shows what the reader may see.
    let again = withdraw(5).command_id("w").await.unwrap();
    assert_eq!((again.replayed, &again.events), (true, &executed.events));
    let fill_up = for_teller.execute(id, FillUp(9)).command_id("f");
    fill_up.await.unwrap();
    let again = for_teller.execute(id, FillUp(20)).command_id("f");
    let error = again.await.unwrap_err();
    assert!(
        matches!(
            &error,
            ExecuteError::Store(eventsource_core::Error::Unreadable(_))
        ),
        "{error:?}"
    );
}
