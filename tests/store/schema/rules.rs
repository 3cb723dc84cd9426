//! Rules in the database: every event in every state of a machine, written with plain SQL past the
//! guards, and by the functions that append in the name of the role that programs have.

use eventsource_core::Event;
use eventsource_core::ddl;
use eventsource_core::model::{
    Accumulator, EventIndex, EventSpec, Formula, Machine, MachineSpec, StateSet,
};
use sqlx::{AnyPool, AssertSqlSafe};
use tasks::TaskEvent;

use crate::support::database::Database;
use crate::support::plain_sql::{Stream, assert_refused, execute, takes};

on_every_database! {
    database_enforces_every_rule_of_task_machine,
    database_enforces_every_rule_of_random_machines,
}

async fn database_enforces_every_rule_of_task_machine(database: &Database) {
    database.events::<TaskEvent>().await;
    let owner = database.sql_past_guards().await;
    let writer = database.writer_sql().await;
    let checked = check(database, &owner, &writer, TaskEvent::MACHINE, 100).await;
    assert_eq!((checked.pairs, checked.forgeries), (90, 160));
}

async fn database_enforces_every_rule_of_random_machines(database: &Database) {
    let owner = database.sql_past_guards().await;
    let writer = database.writer_sql().await;
    // On partitions it is the same constraints.
    let machines = if database.is_partitioned() { 4 } else { 20 };
    let (mut pairs, mut legal) = (0, 0);
    for number in 0..machines {
        let machine = random_machine(number);
        let text = if database.is_postgres() {
            ddl::postgres_create_for_machine(machine, &database.schema_options())
        } else {
            ddl::sqlite_create_for_machine(machine)
        };
        execute(&owner, &text.unwrap()).await.unwrap();
        let checked = check(database, &owner, &writer, machine, 12).await;
        (pairs, legal) = (pairs + checked.pairs, legal + checked.legal);
    }
    // That they were not all alike.
    assert!(
        pairs > 20 * machines && legal > 5 * machines && legal < pairs,
        "{pairs} {legal}"
    );
}

#[derive(Default)]
struct Checked {
    pairs: usize,
    legal: usize,
    forgeries: usize,
}

/// Tries every event in every state that is found, and every legal one with each wrong result.
async fn check(
    database: &Database,
    pool: &AnyPool,
    writer: &AnyPool,
    machine: &'static Machine,
    most_states: usize,
) -> Checked {
    let exploration = machine.explore(most_states);
    let mut checked = Checked::default();
    for found in exploration.states() {
        let mut stream = Stream::new(database, machine);
        for event in exploration.path_to(found.state).unwrap() {
            stream.insert_by(pool, &stream.step(event)).await;
            stream = stream.after(event);
        }
        for event in machine.events() {
            checked.pairs += 1;
            let step = stream.step(event);
            let what = format!(
                "{} {:?} {}",
                machine.name(),
                machine.names(found.state),
                machine.name_of(event)
            );
            if database.is_postgres() {
                functions_agree_with_machine(writer, &stream, event, &what).await;
            }
            let taken = takes(pool, &stream.write(&step)).await;
            if !machine.may_follow(event, found.state) {
                assert_refused(taken, &what);
                continue;
            }
            taken.unwrap_or_else(|error| panic!("{what}: {error}"));
            checked.legal += 1;
            let after = machine.accumulate(event, found.state);
            for wrong in machine.events() {
                let bit = StateSet::only(wrong);
                let flipped = after.union(bit).difference(after.intersection(bit));
                let flipped = flipped.bits().cast_signed();
                let forged = step.clone().with("state", flipped);
                assert_refused(takes(pool, &stream.write(&forged)).await, &what);
                checked.forgeries += 1;
            }
        }
    }
    checked
}

/// Appends an event by each of the functions, and takes it back; the answers have to be those of the
/// machine.
async fn functions_agree_with_machine(
    writer: &AnyPool,
    stream: &Stream<'_>,
    event: EventIndex,
    what: &str,
) {
    let machine = stream.machine;
    let after = machine.accumulate(event, stream.state);
    let autos = machine.auto_transitions(after);
    // What never ends is not stored.
    let ends = autos.is_ok();
    let may_follow = machine.may_follow(event, stream.state);
    // Auto transitions carry the fields of the event that caused them, of those that they require.
    let carried = |auto: EventIndex| {
        let given = &machine.rule(event).requires;
        let mut required = machine.rule(auto).requires.iter();
        required.all(|field| given.contains(field))
    };
    let autos = autos.unwrap_or_default();
    let is_legal = may_follow && ends && autos.iter().all(|(auto, _)| carried(*auto));
    let (entity, id) = (machine.name(), stream.quoted_id());
    let (number, data) = (event.get(), stream.data(event));

    let one = format!(
        "SELECT CAST(outcome AS bigint), state, CAST(version AS bigint), CAST(seq AS bigint)
        FROM {entity}_append_one({id}, CAST({number} AS smallint), gen_random_uuid(), NULL, '{data}', '{{}}', NULL)"
    );
    let each = format!(
        "SELECT CAST(outcomes[1] AS bigint), states[1], CAST(versions[1] AS bigint), CAST(seqs[1] + 1 AS bigint)
        FROM {entity}_append_each(ARRAY[{id}], CAST(ARRAY[{number}] AS smallint[]), ARRAY[gen_random_uuid()],
            CAST(ARRAY[NULL] AS integer[]), ARRAY['{data}'], ARRAY['{{}}'])"
    );
    for call in [one, each] {
        let mut transaction = writer.begin().await.unwrap();
        let (outcome, state, version, seq): (i64, Option<i64>, Option<i64>, Option<i64>) =
            sqlx::query_as(AssertSqlSafe(call))
                .fetch_one(&mut *transaction)
                .await
                .unwrap();
        transaction.rollback().await.unwrap();
        if is_legal && autos.is_empty() {
            let stored = stream.after(event);
            assert_eq!(
                (outcome, state, version, seq),
                (
                    0,
                    Some(stored.state.bits().cast_signed()),
                    Some(i64::from(stored.version)),
                    Some(i64::from(stored.seq)),
                ),
                "{what}"
            );
        } else {
            // An auto transition is for the function that stores both.
            assert_eq!(outcome, if may_follow { 4 } else { 1 }, "{what}");
        }
    }

    let mut transaction = writer.begin().await.unwrap();
    // The last byte of an id is that of the auto transitions after it.
    let batch = format!(
        "SELECT CAST(other_outcomes[1] AS bigint), array_to_string(states, ' '),
            array_to_string(auto_types, ' ')
        FROM {entity}_append_batch(ARRAY[{id}], ARRAY[1], ARRAY[1], CAST(ARRAY[{number}] AS smallint[]),
            ARRAY[overlay(gen_random_uuid()::text PLACING '00' FROM 35)::uuid],
            CAST(ARRAY[NULL] AS integer[]), ARRAY['{data}'], NULL, ARRAY['{{}}'],
            CAST(ARRAY[NULL] AS text[]), false)"
    );
    let (outcome, states, auto_types): (Option<i64>, Option<String>, Option<String>) =
        sqlx::query_as(AssertSqlSafe(batch))
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
    transaction.rollback().await.unwrap();
    if is_legal {
        let mut expected = vec![after.bits().cast_signed().to_string()];
        expected.extend(
            autos
                .iter()
                .map(|(_, state)| state.bits().cast_signed().to_string()),
        );
        let types: Vec<String> = autos
            .iter()
            .map(|(auto, _)| auto.get().to_string())
            .collect();
        assert_eq!(outcome, None, "{what}");
        assert_eq!(states.unwrap_or_default(), expected.join(" "), "{what}");
        assert_eq!(auto_types.unwrap_or_default(), types.join(" "), "{what}");
    } else {
        assert_eq!(outcome, Some(1), "{what}");
    }
}

/// Source of numbers that look random and are the same every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// Makes a machine of up to 9 event types with all kinds of rules; the first has as many as there can be.
fn random_machine(number: usize) -> &'static Machine {
    let mut random = Random(number as u64 + 1);
    let len = if number == 0 { 64 } else { 2 + random.below(8) };
    // The few that the rules speak of, the highest bit among them.
    let named = |random: &mut Random| format!("E{}", (len - 1).saturating_sub(random.below(5)));
    let events = (0..len).map(|event| {
        let mut spec = EventSpec::new(format!("E{event}"));
        if event + 5 >= len && random.below(4) > 0 {
            let mut alternatives = Vec::new();
            for _ in 0..=random.below(3) {
                let all = Formula::event(named(&mut random));
                let none = Formula::but_not(Formula::event(named(&mut random)));
                alternatives.push(match random.below(3) {
                    0 => all,
                    1 => none,
                    _ => Formula::all_of([all, none]),
                });
            }
            spec = spec.follows(Formula::any_of(alternatives));
        }
        spec = spec.accumulate(match random.below(6) {
            0 => Accumulator::Keep,
            1 => Accumulator::Alias(named(&mut random)),
            2 => Accumulator::Addition(vec![named(&mut random), named(&mut random)].into()),
            3 => Accumulator::Difference(vec![named(&mut random)].into()),
            4 => Accumulator::Current,
            _ => Accumulator::Union,
        });
        if number > 0 && event > 0 && random.below(5) == 0 {
            spec = spec.auto_transition();
        }
        if random.below(4) == 0 {
            spec = spec.restarting();
        }
        if random.below(4) == 0 {
            spec = spec.requires(["who's", "when"]);
        }
        spec
    });
    let spec = MachineSpec::new(format!("random_{number}"), events.collect::<Vec<_>>());
    Box::leak(Box::new(Machine::compile(&spec).unwrap()))
}
