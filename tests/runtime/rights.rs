//! Runtimes under the role of a worker.

use eventsource_core::Failure;
use eventsource_core::ddl::Roles;
use eventsource_runtime::{BuildMistake, Delivery, Runtime, handler, projection};
use tasks::TaskEvent;

use crate::models::{Seen, rows, start_tasks};
use crate::support::database::Database;

on! { postgres, postgres_partitioned: worker_runs_what_the_owner_has_made_and_makes_nothing, }

async fn worker_runs_what_the_owner_has_made_and_makes_nothing(database: &Database) {
    let [worker, writer] = ["worker", "writer"].map(|role| database.role(role));
    let roles = Roles::new().worker(worker).writer(writer);
    let options = database.schema_options().roles(roles);
    let owner = database.connect_with(options).await;
    let tasks = owner.migrate::<TaskEvent>().await.unwrap();
    owner.migrate_runtime().await.unwrap();
    start_tasks(&tasks, 3).await;

    let store = database.connect_as("worker").await;
    let read = store.open::<TaskEvent>().await.unwrap();
    let noted = |_: Delivery<TaskEvent>| async { Ok::<(), Failure>(()) };
    let programs = || {
        let mails = Runtime::new(&store).add(handler("mails", noted).reads(&read));
        let seen = Runtime::new(&store).add(projection(Seen).reads(&read));
        [mails, seen]
    };
    for program in programs() {
        let error = program.build().await.unwrap_err();
        assert!(
            matches!(error.mistakes[..], [BuildMistake::NotMade { .. }]),
            "{error:?}"
        );
        assert!(
            error.to_string().contains("their owner makes them"),
            "{error}"
        );
    }
    let made = Runtime::new(&owner)
        .add(handler("mails", noted).reads(&tasks))
        .add(projection(Seen).reads(&tasks));
    made.build().await.unwrap();
    for program in programs() {
        program.build().await.unwrap().settle().await.unwrap();
    }
    assert_eq!(rows(&owner, "SELECT count(*) FROM {seen}").await, [3]);
}
