//! Lengths of the texts that come with an append, and numbers of roles.

use eventsource_core::{Actor, Append, EntityId, Error, Event, InputProblem, Seq};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::machines::{assigned, created};

on_every_database! {
    and sqlite_memory:
    append_with_text_that_is_empty_or_too_long_is_refused,
    append_with_longest_texts_is_read_back,
}

on_every_database! {
    append_that_expects_two_sequences_of_an_entity_is_refused,
}

/// Returns an actor with this many roles.
fn with_roles(count: usize) -> Actor {
    (0..count).fold(Actor::new("ann"), |actor, n| {
        actor.with_role(format!("R{n}"))
    })
}

type Change<'a> = Box<dyn Fn(Append<'a, TaskEvent>, String) -> Append<'a, TaskEvent>>;

async fn append_with_text_that_is_empty_or_too_long_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let changes: [(&str, Change<'_>); 5] = [
        ("the actor", Box::new(|append, text| append.by(text))),
        (
            "a role of the actor",
            Box::new(|append, text| append.by(Actor::new("ann").with_role(text))),
        ),
        ("the idempotency key", Box::new(Append::idempotency_key)),
        ("the correlation id", Box::new(Append::correlation_id)),
        ("the causation id", Box::new(Append::causation_id)),
    ];
    for (input, change) in &changes {
        let max_bytes = 255;
        // 128 characters of two bytes.
        for (text, problem) in [
            (String::new(), InputProblem::Empty),
            ("x".repeat(256), InputProblem::TooLong { max_bytes }),
            ("ä".repeat(128), InputProblem::TooLong { max_bytes }),
        ] {
            let append = change(tasks.append(EntityId::new(), created()), text);
            let error = append.await.unwrap_err();
            let Error::InvalidInput(invalid) = error else {
                panic!("{error:?}");
            };
            assert_eq!((invalid.input.as_str(), invalid.problem), (*input, problem));
        }
    }
    let append = tasks.append(EntityId::new(), created()).by(with_roles(65));
    let error = append.await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the list of the actor's roles has more than 64 elements"
    );
    assert_eq!(tasks.search().await.unwrap().total, Some(0));
}

async fn append_with_longest_texts_is_read_back(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    let text = |first: char| format!("{first}{}", "ä".repeat(127));
    let roles = with_roles(63).with_role(text('r')).roles().to_vec();
    let actor = roles.iter().fold(Actor::new(text('a')), Actor::with_role);
    let append = || {
        let append = tasks.append(id, created()).by(&actor);
        append
            .idempotency_key(text('k'))
            .correlation_id(text('c'))
            .causation_id(text('d'))
    };
    let stored = append().await.unwrap();
    let metadata = &stored.first().metadata;
    assert_eq!(metadata.actor, Some(text('a')));
    assert_eq!(metadata.roles, roles);
    assert_eq!(tasks.history(id).await.unwrap(), stored.events);
    let again = append().await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.events, stored.events);
}

async fn append_that_expects_two_sequences_of_an_entity_is_refused(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (id, other) = (EntityId::new(), EntityId::new());
    tasks.append(id, created()).await.unwrap();
    let (one, two) = (Seq::new(1), Seq::new(2));
    let twice = || tasks.append(id, assigned("ann")).expected_seq(one);
    let elsewhere = || twice().append(other, created());
    // The last one would be right, in two of them.
    for (append, first, second) in [
        (twice().expected_seq(two), one, two),
        (twice().expected_seq(two).expected_seq(one), one, two),
        (
            elsewhere().append(id, created()).expected_seq(two),
            one,
            two,
        ),
        (
            tasks
                .append(id, created())
                .expected_seq(two)
                .expected_seq(one),
            two,
            one,
        ),
    ] {
        let error = append.await.unwrap_err();
        let Error::InvalidInput(invalid) = &error else {
            panic!("{error:?}");
        };
        assert_eq!(invalid.problem, InputProblem::Contradicts { first, second });
        assert_eq!(
            error.to_string(),
            format!(
                "the expected sequence of {} is given as {first} and as {second}",
                TaskEvent::ID.format(id)
            )
        );
    }
    // The same number twice says nothing new, and each entity has its own.
    let append = elsewhere().expected_seq(Seq::NO_STREAM);
    append
        .append(id, created())
        .expected_seq(one)
        .await
        .unwrap_err();
    let append = elsewhere()
        .expected_seq(Seq::NO_STREAM)
        .expected_seq(Seq::NO_STREAM);
    append.await.unwrap();
    // A new entity is not at a sequence that somebody expects.
    let error = tasks.create(created()).expected_seq(one).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    assert_eq!(tasks.search().await.unwrap().total, Some(3));
}
