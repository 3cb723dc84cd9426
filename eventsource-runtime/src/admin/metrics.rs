//! What Prometheus reads: one line for each subscription and metric.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::admin::status::SubscriptionStatus;

/// Label of all metrics: the subscriptions of the program, so their number is bounded.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Labels {
    subscription: String,
}

type Whole = Family<Labels, Gauge>;
type Seconds = Family<Labels, Gauge<f64, AtomicU64>>;

/// Returns the state of subscriptions in the text format of OpenMetrics.
#[allow(clippy::expect_used, reason = "writing to a string does not fail")]
pub(crate) fn text(all: &[SubscriptionStatus]) -> String {
    let lag_seconds = Seconds::default();
    let [lag_events, parked, halted, paused, owned] = std::array::from_fn(|_| Whole::default());
    for status in all {
        let labels = Labels {
            subscription: status.name.clone(),
        };
        let set = |gauge: &Whole, value: u64| {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            gauge.get_or_create(&labels).set(value);
        };
        let owned_shards = status.shards.iter().filter(|it| it.owner.is_some());
        set(&lag_events, status.lag_events);
        set(&parked, status.parked);
        set(&halted, status.halted().count() as u64);
        set(&paused, status.paused.into());
        set(&owned, owned_shards.count() as u64);
        lag_seconds.get_or_create(&labels).set(status.lag_seconds);
    }
    let mut registry = Registry::with_prefix("eventsource_subscription");
    registry.register(
        "lag_events",
        "Positions between the checkpoint and the end of the feed",
        lag_events,
    );
    registry.register(
        "lag_seconds",
        "Age of the oldest event that is not processed",
        lag_seconds,
    );
    registry.register("parked", "Events that are set aside", parked);
    registry.register("halted", "Shards that have halted", halted);
    registry.register("paused", "Whether somebody has paused it", paused);
    registry.register("shards_owned", "Shards that a worker owns", owned);
    let mut text = String::new();
    encode(&mut text, &registry).expect("a string takes any text");
    text
}
