//! Export of a whole log.

use std::pin::Pin;

use futures_util::stream::{iter, try_unfold};
use futures_util::{Stream, StreamExt, TryStreamExt};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::store::contract::bulk::Pages;
use crate::store::contract::driver::BulkDriver;
use crate::store::contract::entity_context::EntityContext;
use crate::store::contract::exported_event::ExportedEvent;
use crate::store::contract::payload_json::PayloadJson;
use crate::store::contract::read_row::ReadRow;
use crate::store::contract::rows::PayloadText;
use crate::store::contract::unreadable_event::{UnreadableEvent, UnreadableReason};
use crate::store::database::on_database;
use crate::{Error, Event, EventStore};

/// All events of a machine in the order of their log sequence, as of one moment.
///
/// Memory does not grow with the number of events. Events that are appended meanwhile are not part
/// of the export.
///
/// ```
/// # mod example {
/// use eventsource_core::{EntityId, Event, Store};
/// # use serde::{Deserialize, Serialize};
/// #[derive(Debug, Serialize, Deserialize, Event)]
/// #[machine(entity = "light")]
/// pub enum LightEvent {
///     #[event(terminal)]
///     Lit { watts: u32 },
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # pub async fn main() -> Result<(), eventsource_core::Error> {
/// # let lights = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// # let others = Store::connect("sqlite::memory:").await?.migrate::<LightEvent>().await?;
/// let id = EntityId::new();
/// lights.append(id, LightEvent::Lit { watts: 60 }).await?;
///
/// let mut lines = Vec::new();
/// assert_eq!(lights.export().lines(&mut lines).await?, 1);
///
/// // Or from one store into another.
/// others.import(lights.export().stream()).await?;
/// assert_eq!(others.history(id).await?.len(), 1);
/// # Ok(())
/// # }
/// # }
/// # example::main().unwrap();
/// ```
#[must_use = "an export does nothing until it is read"]
pub struct Export<'a, E: Event> {
    events: &'a EventStore<E>,
    on_unreadable: Box<dyn FnMut(&UnreadableEvent) + Send + 'a>,
}

impl<E: Event> EventStore<E> {
    /// Begins an export of all events, to archive them or to move them to another store.
    pub fn export(&self) -> Export<'_, E> {
        Export {
            events: self,
            on_unreadable: Box::new(|event| {
                log::warn!("exported, but an import refuses it: {event}");
            }),
        }
    }
}

impl<'a, E: Event> Export<'a, E> {
    /// Sets what is told of each event that cannot be read; the default is a warning in the log.
    ///
    /// Such an event is exported with its payload as it is stored, so that nothing is lost, and an
    /// import refuses it: correct its line, or leave out its entity.
    ///
    /// ```no_run
    /// # use eventsource_core::{Event, EventStore, Error};
    /// # async fn example<E: Event>(tasks: EventStore<E>) -> Result<(), Error> {
    /// let mut unreadable = Vec::new();
    /// let export = tasks.export().on_unreadable(|event| unreadable.push(event.clone()));
    /// let mut lines = Vec::new();
    /// export.lines(&mut lines).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_unreadable(mut self, report: impl FnMut(&UnreadableEvent) + Send + 'a) -> Self {
        self.on_unreadable = Box::new(report);
        self
    }

    /// Returns the events as a stream, which holds a connection until it is dropped.
    ///
    /// # Errors
    /// In the stream, which ends then: [`Error::Unavailable`], [`Error::Database`];
    /// [`Error::PartlyHidden`] if the reader of the handle may not read and see everything.
    pub fn stream(self) -> impl Stream<Item = Result<ExportedEvent, Error>> + Send + 'a {
        let context = &*self.events.context;
        let mut report = self.on_unreadable;
        log_of(self.events).map(move |row| Ok(exported_event(context, row?, &mut report)))
    }

    /// Writes the events, a line of JSON each, and flushes. Returns the number of events.
    ///
    /// # Errors
    /// [`Error::Io`] if the writer fails, [`Error::Unavailable`], [`Error::Database`]. The lines written
    /// until then are incomplete.
    pub async fn lines<W: AsyncWrite + Unpin + Send>(self, mut writer: W) -> Result<u64, Error> {
        let lines = |source| Error::Io { source };
        let mut events = Box::pin(self.stream());
        let (mut count, mut buffer) = (0, Vec::with_capacity(2 * BUFFER));
        while let Some(event) = events.try_next().await? {
            serde_json::to_writer(&mut buffer, &event).map_err(|error| lines(error.into()))?;
            buffer.push(b'\n');
            count += 1;
            if buffer.len() >= BUFFER {
                writer.write_all(&buffer).await.map_err(lines)?;
                buffer.clear();
            }
        }
        writer.write_all(&buffer).await.map_err(lines)?;
        writer.flush().await.map_err(lines)?;
        Ok(count)
    }
}

/// Number of bytes that are written at a time.
const BUFFER: usize = 64 << 10;

/// Stream of a whole log.
type Rows<'a> = Pin<Box<dyn Stream<Item = Result<ReadRow<PayloadText>, Error>> + Send + 'a>>;

/// Reads a whole log, in the order of its log sequence, as of one moment.
pub(crate) fn log_of<E: Event>(events: &EventStore<E>) -> Rows<'_> {
    let EventStore { store, context, .. } = events;
    on_database!(&store.database, backend => {
        let begun = async move {
            events.check_reads_everything().await?;
            Ok::<_, Error>(pages(backend.begin_export(context).await?, context))
        };
        Box::pin(futures_util::stream::once(begun).try_flatten())
    })
}

fn pages<'a, P: Pages + 'a>(
    pages: P,
    context: &'a EntityContext,
) -> impl Stream<Item = Result<ReadRow<PayloadText>, Error>> + Send + 'a {
    try_unfold(pages, move |mut pages| async move {
        let page = pages.next(context).await?;
        Ok::<_, Error>((!page.is_empty()).then_some((iter(page.into_iter().map(Ok)), pages)))
    })
    .try_flatten()
}

/// Returns the event of a row, after a report if it cannot be read.
fn exported_event(
    context: &EntityContext,
    row: ReadRow<PayloadText>,
    report: &mut impl FnMut(&UnreadableEvent),
) -> ExportedEvent {
    let row = match row {
        Ok(row) => row,
        Err(event) => {
            report(&event);
            return unreadable_event(*event);
        }
    };
    if let Err(error) = (context.rules.read)(row.event_type, &row.payload.0) {
        let envelope = row.clone().map_payload(|_| ());
        report(&envelope.unreadable(context, error.into()));
    }
    ExportedEvent {
        seq: Some(row.seq),
        event_id: Some(row.event_id.into()),
        data: PayloadJson::of_stored(row.payload.0),
        metadata: row.metadata,
        ..ExportedEvent::new(
            row.entity_id.into(),
            context.rules.machine.name_of(row.event_type),
            row.recorded_at,
        )
    }
}

/// Returns what can be exported of an event whose columns cannot all be decoded.
fn unreadable_event(event: UnreadableEvent) -> ExportedEvent {
    let event_type = match (event.event_type, event.reason) {
        (Some(name), _) => name,
        (None, UnreadableReason::UnknownEventType { code }) => format!("code {code}"),
        (None, _) => "unknown".to_owned(),
    };
    let data = event.payload.map(PayloadJson::of_stored);
    ExportedEvent {
        seq: Some(event.seq),
        event_id: Some(event.id),
        data: data.unwrap_or_default(),
        metadata: event.metadata,
        ..ExportedEvent::new(event.entity_id, event_type, event.recorded_at)
    }
}
