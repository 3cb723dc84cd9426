//! Registers subscriptions that are new, and begins the generations of new versions.

use eventsource_core::{Error, Model, Position, Store, Transaction};
use serde_json::json;

use crate::generation::subscriptions::{generations, row};
use crate::subscription::builder::{Start, Subscription};
use crate::tables::dialect::now;
use crate::tables::shards;

/// Fewest shards of a keyed model that is built beside the live one.
const BUILDING_SHARDS: u16 = 4;

/// Makes the rows and tables of a subscription that is new, or those of a new version.
///
/// Only reads if there is nothing to make: a worker has no right to more.
pub(crate) async fn register(store: &Store, subscription: &Subscription) -> Result<(), Error> {
    if is_registered(store, subscription).await? {
        return Ok(());
    }
    let start = match subscription.start {
        Start::Beginning => Position::START,
        Start::Now => store.feed().latest_position().await?,
        Start::After(position) => position,
    };
    match definition(subscription) {
        Some(model) => {
            let model = model.starting_after(start);
            let building = building_shards(subscription);
            store
                .register_model(&model, subscription.shards, building)
                .await
        }
        None => register_without_tables(store, subscription, start).await,
    }
}

/// Tells whether the rows and tables of a subscription and its version are there.
async fn is_registered(store: &Store, subscription: &Subscription) -> Result<bool, Error> {
    let name = &subscription.name;
    if row(store, name).await?.is_none() {
        return Ok(false);
    }
    if subscription.model.is_none() {
        return Ok(true);
    }
    let found = generations(store, name).await?;
    let version = Some(subscription.version);
    Ok(found.iter().any(|found| found.version == version))
}

/// Begins to build a generation beside the live one, or returns the one of this version that is being built.
pub(crate) async fn begin_building(
    store: &Store,
    transaction: &mut Transaction<'static>,
    subscription: &Subscription,
) -> Result<(), Error> {
    let Some(model) = definition(subscription) else {
        return Ok(());
    };
    let shards = building_shards(subscription);
    let created = store.create_generation_within(transaction, &model, shards);
    created.await.map(drop)
}

/// Returns the read model that a subscription fills, with the machines that it reads.
pub(crate) fn definition(subscription: &Subscription) -> Option<Model<'_>> {
    let model = subscription.model.as_ref()?.definition();
    let machines = subscription.sources.iter().map(|source| source.entity());
    Some(machines.fold(model, Model::reads))
}

/// Returns how many shards a generation has that is built beside the live one.
fn building_shards(subscription: &Subscription) -> u16 {
    match subscription.is_keyed() {
        true => subscription.shards.max(BUILDING_SHARDS),
        false => subscription.shards,
    }
}

/// Makes the rows of a subscription that is no read model, unless there are some.
async fn register_without_tables(
    store: &Store,
    subscription: &Subscription,
    start: Position,
) -> Result<(), Error> {
    let mut tx = store.begin().await?;
    let now = now(tx.dialect());
    let machines = subscription.sources.iter();
    let reads: serde_json::Map<_, _> = machines
        .map(|source| (source.entity().to_owned(), serde_json::Value::Null))
        .collect();
    let sql = format!(
        "INSERT INTO {{eventsource_subscription}}
            (name, kind, version, generation, shards, reads, settings, paused, created_at)
        VALUES ($1, $2, $3, 1, $4, $5, $6, false, {now}) ON CONFLICT (name) DO NOTHING"
    );
    let (name, shards) = (&subscription.name, subscription.shards);
    let row = (
        name,
        subscription.kind().name(),
        subscription.version.cast_signed(),
        shards.cast_signed(),
        json!(reads),
        json!({}),
    );
    // The first of several programs that begin at once makes the row, and the others wait for it.
    if tx.execute(&sql, row).await? > 0 {
        shards::create(&mut tx, name, 1, shards, start, false).await?;
        tx.commit().await?;
    }
    Ok(())
}
