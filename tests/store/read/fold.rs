//! Folds and data of an entity, now and at earlier points (C16, C21, M29, P33).

use chrono::{DateTime, TimeDelta, Utc};
use eventsource_core::{
    AsOf, EntityId, Event, Fold, Generation, LogSeq, RecordedEvent, Seq, empty_data, merge_data,
    to_payload,
};
use serde_json::json;
use tasks::{TaskData, TaskEvent, TaskEventType};

use crate::support::campaigns::{CampaignData, CampaignEvent, step};
use crate::support::database::Database;
use crate::support::machines::{created, until_started};

on_every_database! {
    and sqlite_memory:
    history_longer_than_pages_is_streamed_and_folded,
    reads_as_of_any_point_match_history,
}

on_every_database! {
    data_holds_latest_value_of_each_field,
    fields_of_several_events_feed_one_data_field,
}

/// Fold that counts the events and lists the assignees.
#[derive(Clone, Debug, Default, PartialEq)]
struct Assignees(usize, Vec<String>);

impl Fold<TaskEvent> for Assignees {
    fn apply(&mut self, event: &RecordedEvent<TaskEvent>) {
        self.0 += 1;
        if let TaskEvent::Assigned { assignee } | TaskEvent::Reassigned { assignee } = &event.event
        {
            self.1.push(assignee.clone());
        }
    }
}

fn reassigned(assignee: &str) -> TaskEvent {
    TaskEvent::Reassigned {
        assignee: assignee.to_owned(),
    }
}

async fn data_holds_latest_value_of_each_field(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    assert_eq!(tasks.data(id).await.unwrap(), None);
    for event in until_started() {
        tasks.append(id, event).await.unwrap();
    }
    tasks.append(id, reassigned("bob")).await.unwrap();
    let task = tasks.data(id).await.unwrap().unwrap();
    assert_eq!(task.head, tasks.head(id).await.unwrap().unwrap());
    assert_eq!(task.value.assignee.as_deref(), Some("bob"));
    assert_eq!(task.value.description.as_deref(), Some("write it down"));
    assert!(task.value.deadline.is_some());

    // A restart begins a new generation and forgets nothing.
    tasks.append(id, TaskEvent::Revised).await.unwrap();
    let revised = tasks.data(id).await.unwrap().unwrap();
    assert_eq!(revised.head.generation, Generation::new(2));
    assert_eq!(revised.value, task.value);

    let folded = tasks.fold::<Assignees>(id).await.unwrap().unwrap();
    assert_eq!(folded.value, Assignees(6, vec!["ann".into(), "bob".into()]));
    let counted = tasks.history(id).fold_with(0, |count, _| *count += 1);
    assert_eq!(counted.await.unwrap(), 6);
}

async fn reads_as_of_any_point_match_history(database: &Database) {
    let tasks = database.events::<TaskEvent>().await;
    let (id, other) = (EntityId::new(), EntityId::new());
    let mut points = Vec::new();
    for event in until_started().into_iter().chain([reassigned("bob")]) {
        // Another entity's events take log sequences in between.
        match tasks.head(other).await.unwrap() {
            None => tasks.append(other, created()).await.unwrap(),
            Some(_) => tasks.append(other, TaskEvent::Revised).await.unwrap(),
        };
        tasks.append(id, event).await.unwrap();
        let head = tasks.head(id).await.unwrap().unwrap();
        points.push((head, tasks.data(id).await.unwrap().unwrap().value));
    }
    let history = tasks.history(id).await.unwrap();
    let micro = TimeDelta::microseconds(1);
    for (place, (event, (head, data))) in history.iter().zip(&points).enumerate() {
        let at = |as_of: AsOf| {
            let tasks = &tasks;
            async move {
                let loaded = tasks.head(id).as_of(as_of).await.unwrap();
                let folded = tasks.data(id).as_of(as_of).await.unwrap();
                let events = tasks.history(id).as_of(as_of).await.unwrap();
                assert_eq!(loaded, folded.as_ref().map(|folded| folded.head.clone()));
                assert_eq!(
                    events.len(),
                    loaded.as_ref().map_or(0, |head| head.seq.get() as usize)
                );
                folded.map(|folded| (folded.head, folded.value))
            }
        };
        let before = place.checked_sub(1).map(|place| points[place].clone());
        let here = Some((head.clone(), data.clone()));
        assert_eq!(at(event.seq.into()).await, here);
        assert_eq!(at(Seq::new(event.seq.get() - 1).into()).await, before);
        assert_eq!(at(event.log_seq.into()).await, here);
        assert_eq!(
            at(LogSeq::new(event.log_seq.get() - 1).into()).await,
            before
        );
        // Two events may have one time: then the later one counts.
        let last_of_time = history
            .iter()
            .rposition(|other| other.recorded_at == event.recorded_at)
            .map(|place| points[place].clone());
        assert_eq!(at(event.recorded_at.into()).await, last_of_time);
        let first_of_time = history
            .iter()
            .position(|other| other.recorded_at == event.recorded_at)
            .and_then(|place| place.checked_sub(1))
            .map(|place| points[place].clone());
        assert_eq!(at((event.recorded_at - micro).into()).await, first_of_time);
    }
    for (early, late) in [
        (AsOf::Seq(Seq::NO_STREAM), AsOf::Seq(Seq::new(u32::MAX))),
        (
            AsOf::LogSeq(LogSeq::new(0)),
            AsOf::LogSeq(LogSeq::new(u64::MAX)),
        ),
        (
            AsOf::Time(DateTime::<Utc>::MIN_UTC),
            AsOf::Time(DateTime::<Utc>::MAX_UTC),
        ),
    ] {
        assert_eq!(
            tasks.head(id).as_of(early).await.unwrap(),
            None,
            "{early:?}"
        );
        assert_eq!(
            tasks.data(id).as_of(early).await.unwrap(),
            None,
            "{early:?}"
        );
        let last = tasks.head(id).as_of(late).await.unwrap();
        assert_eq!(
            last.as_ref(),
            points.last().map(|(head, _)| head),
            "{late:?}"
        );
    }
    assert_eq!(
        tasks
            .head(EntityId::new())
            .as_of(Seq::new(1))
            .await
            .unwrap(),
        None
    );
}

async fn fields_of_several_events_feed_one_data_field(database: &Database) {
    let campaigns = database.events::<CampaignEvent>().await;
    let id = EntityId::new();
    let mut json = empty_data::<CampaignEvent>();
    assert_eq!(json!(json), json!(CampaignData::default()));
    for (event, weight) in [
        (CampaignEvent::CampaignCreated { description: None }, None),
        (
            CampaignEvent::InboundShipmentRecorded {
                gross_weight_kg: 1000.0,
                net_weight_kg: 900.0,
            },
            Some(900.0),
        ),
        (
            CampaignEvent::GranulationCompleted(step(850.5)),
            Some(850.5),
        ),
        (CampaignEvent::MetalRemovalCompleted(step(3.0)), Some(850.5)),
        (
            CampaignEvent::TransferRecorded {
                received_weight_kg: None,
            },
            Some(850.5),
        ),
        (
            CampaignEvent::TransferRecorded {
                received_weight_kg: Some(0.0),
            },
            Some(0.0),
        ),
    ] {
        let payload = to_payload(&event).unwrap();
        merge_data::<CampaignEvent>(&mut json, event.event_type(), &payload);
        campaigns.append(id, event).await.unwrap();
        let data = campaigns.data(id).await.unwrap().unwrap().value;
        assert_eq!(data.current_weight_kg, weight);
        assert_eq!(json!(data), json!(json));
    }
    let data = campaigns.data(id).await.unwrap().unwrap().value;
    assert_eq!(
        data,
        CampaignData {
            description: None,
            gross_weight_kg: Some(1000.0),
            net_weight_kg: Some(900.0),
            current_weight_kg: Some(0.0),
            notes: None,
            metal_removal_completed: Some(step(3.0)),
        }
    );
}

async fn history_longer_than_pages_is_streamed_and_folded(database: &Database) {
    use futures_util::TryStreamExt;

    let tasks = database.events::<TaskEvent>().await;
    let id = EntityId::new();
    // More than two pages of a stream, and no multiple of one.
    let mut events = vec![created()];
    events.extend(std::iter::repeat_n(TaskEvent::Revised, 2500));
    for part in events.chunks(500) {
        let (first, rest) = part.split_first().unwrap();
        let mut append = tasks.append(id, first.clone());
        for event in rest {
            append = append.event(event.clone());
        }
        append.await.unwrap();
    }
    let all = tasks.history(id).await.unwrap();
    assert_eq!(all.len(), 2501);
    assert!(
        all.windows(2)
            .all(|pair| pair[1].parent_id == Some(pair[0].id))
    );
    assert_eq!(all[0].parent_id, None);
    let streamed: Vec<_> = tasks.history(id).stream().try_collect().await.unwrap();
    assert!(streamed == all, "a stream is the history");
    for limit in [0, 1, 1023, 1024, 1025, 2048, 2501, 9999] {
        let part = tasks.history(id).after(Seq::new(3)).limit(limit);
        let part: Vec<_> = part.stream().try_collect().await.unwrap();
        let expected = &all[3..all.len().min(3 + limit as usize)];
        assert!(part == expected, "limit {limit}");
    }
    let folded = tasks.data(id).await.unwrap().unwrap();
    assert_eq!(folded.head.seq, Seq::new(2501));
    assert_eq!(folded.head.last_event_type, TaskEventType::Revised);
    assert_eq!(folded.value.description.as_deref(), Some("write it down"));
    assert_eq!(TaskData::default().description, None);
}
