//! Resources of the runtime: subscriptions, and keys that are set aside.

use chrono::SecondsFormat::Millis;
use eventsource_runtime::{Operation, ParkedKey, ShardStatus, SubscriptionStatus};
use serde_json::{Value, json};

/// Operations that an answer shows, the newest.
const OPERATIONS: usize = 20;

/// Returns the resource of a subscription.
pub(crate) fn subscription(status: &SubscriptionStatus) -> Value {
    let shards = |shards: &[ShardStatus]| shards.iter().map(shard).collect::<Vec<_>>();
    let building = status.building.as_ref().map(|building| {
        json!({
            "generation": building.generation,
            "progress": building.progress,
            "shards": shards(&building.shards),
        })
    });
    let surplus = status.operations.len().saturating_sub(OPERATIONS);
    let operations: Vec<_> = status.operations.iter().skip(surplus).collect();
    json!({
        "name": status.name,
        "kind": status.kind,
        "version": status.version,
        "generation": status.generation,
        "paused": status.paused,
        "halted": status.halted().next().is_some(),
        "lagEvents": status.lag_events,
        "lagSeconds": status.lag_seconds,
        "parked": status.parked,
        "shards": shards(&status.shards),
        "building": building,
        "operations": operations.into_iter().map(operation).collect::<Vec<_>>(),
    })
}

/// Returns the resource of a key that is set aside.
pub(crate) fn parked_key(key: &ParkedKey) -> Value {
    json!({
        "key": key.key,
        "entity": key.entity,
        "entityId": key.entity_id,
        "position": key.position.to_string(),
        "waiting": key.waiting,
        "attempts": key.attempts,
        "error": key.error,
        "since": key.since.to_rfc3339_opts(Millis, true),
        "nextTry": key.next_try.map(|time| time.to_rfc3339_opts(Millis, true)),
    })
}

fn shard(shard: &ShardStatus) -> Value {
    let halted = shard.halted.as_ref().map(|halted| {
        json!({
            "position": halted.position.to_string(),
            "eventId": halted.event_id.map(|id| id.to_string()),
            "error": halted.error,
        })
    });
    json!({
        "shard": shard.shard,
        "position": shard.position.to_string(),
        "owner": shard.owner,
        "halted": halted,
    })
}

fn operation(operation: &Operation) -> Value {
    json!({
        "operation": operation.operation,
        "at": operation.at.to_rfc3339_opts(Millis, true),
        "actor": operation.actor,
        "reason": operation.reason,
        "key": operation.key,
        "position": operation.position.map(|position| position.to_string()),
        "error": operation.error,
    })
}
