//! Which streams keep every message, and the last message of a subject.

use async_nats::jetstream::Context;
use async_nats::jetstream::context::GetStreamByNameErrorKind;
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, LastRawMessageErrorKind, RetentionPolicy,
};
use eventsource_core::Position;

use crate::handler::nats::message::{POSITION, SUBSCRIPTION};

/// Last message of a subject.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Last {
    /// Sequence in the stream; 0 if there is no message.
    pub(crate) sequence: u64,
    /// Position of its event.
    pub(crate) position: Position,
    /// Whether the stream takes no other subject, so that its sequences are those of the subject.
    pub(crate) is_exclusive: bool,
}

/// Stream that cannot be published to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    /// No stream has the subject.
    #[error("no stream of NATS takes the subject '{subject}': create one")]
    NoStream { subject: String },
    /// Stream that loses messages.
    #[error("the stream '{stream}' loses messages, since {reason}")]
    Loses {
        stream: String,
        reason: &'static str,
    },
    /// Subject with messages of somebody else.
    #[error(
        "the last message of the subject '{subject}' is not of the subscription '{subscription}', which must \
         have a subject of its own"
    )]
    Shared {
        subject: String,
        subscription: String,
    },
    /// Server that cannot be reached or does not answer.
    #[error("the server of NATS does not answer: {0}")]
    Unreachable(String),
}

impl StreamError {
    /// Returns whether the same may succeed a little later.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

/// Reads the last message of a subject, from a stream that keeps every message.
pub(crate) async fn last(
    context: &Context,
    subject: &str,
    subscription: &str,
    allow_limits: bool,
) -> Result<Last, StreamError> {
    let unreachable = |error: &dyn std::fmt::Display| StreamError::Unreachable(error.to_string());
    let name = context.stream_by_subject(subject).await;
    let name = name.map_err(|error| match error.kind() {
        GetStreamByNameErrorKind::NotFound => StreamError::NoStream {
            subject: subject.to_owned(),
        },
        _ => unreachable(&error),
    })?;
    let stream = context.get_stream(&name).await;
    let stream = stream.map_err(|error| unreachable(&error))?;
    if let Some(reason) = loss(&stream.cached_info().config, allow_limits) {
        return Err(StreamError::Loses {
            stream: name,
            reason,
        });
    }
    let config = &stream.cached_info().config;
    let is_exclusive = config.subjects == [subject]
        && config.sources.as_ref().is_none_or(Vec::is_empty)
        && config.subject_transform.is_none();
    let message = match stream.get_last_raw_message_by_subject(subject).await {
        Ok(message) => message,
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
            return Ok(Last {
                is_exclusive,
                ..Last::default()
            });
        }
        Err(error) => return Err(unreachable(&error)),
    };
    let header = |name| message.headers.get(name).map(|value| value.as_str());
    let position = header(POSITION).and_then(|text| text.parse().ok());
    match position.filter(|_| header(SUBSCRIPTION) == Some(subscription)) {
        Some(position) => Ok(Last {
            sequence: message.sequence,
            position,
            is_exclusive,
        }),
        None => Err(StreamError::Shared {
            subject: subject.to_owned(),
            subscription: subscription.to_owned(),
        }),
    }
}

/// Says why a stream loses messages, or publications are not acknowledged.
fn loss(config: &Config, allow_limits: bool) -> Option<&'static str> {
    if config.no_ack {
        return Some("it acknowledges nothing (no_ack)");
    }
    if config.retention != RetentionPolicy::Limits {
        return Some("its retention is not by limits");
    }
    if allow_limits {
        return None;
    }
    let drops_old = config.discard == DiscardPolicy::Old;
    let limits = [
        (!config.max_age.is_zero(), "it has a max_age"),
        (
            drops_old && config.max_messages > 0,
            "it drops old ones at max_msgs",
        ),
        (
            drops_old && config.max_bytes > 0,
            "it drops old ones at max_bytes",
        ),
        (
            config.max_messages_per_subject > 0,
            "it keeps a number of them for each subject (max_msgs_per_subject)",
        ),
    ];
    let limit = limits.into_iter().find(|(is_set, _)| *is_set);
    limit.map(|(_, reason)| reason)
}
