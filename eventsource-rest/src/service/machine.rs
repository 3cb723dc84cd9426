//! Machines and checks of a service, without the types of their events.

use std::any::TypeId;
use std::sync::Arc;

use axum::Router;
use eventsource_core::model::Machine;
use eventsource_core::{Event, EventStore};

use crate::endpoints::context::{Api, DataOf, Shared};
use crate::endpoints::routes::routes;
use crate::machine::Described;
use crate::options::before_append::AnyBeforeAppend;
use crate::platform::{self, Ready};
use crate::stream::hub::Hub;
use crate::wire::names::Names;

/// A check, and of which machine.
pub(super) struct Hook {
    pub(super) machine: TypeId,
    pub(super) entity: &'static str,
    /// An `Arc<dyn AnyBeforeAppend<E>>` of that machine's `E`.
    pub(super) check: Box<dyn std::any::Any + Send + Sync>,
}

/// A machine of the service, whatever its events are.
pub(super) trait Mount: Send + Sync {
    fn entity(&self) -> &'static str;
    fn machine(&self) -> &'static Machine;
    fn event(&self) -> TypeId;
    fn described(&self) -> Arc<Described>;
    fn ready(&self) -> Ready;
    fn routes(&self, shared: &Arc<Shared>, hooks: &[Hook]) -> Router;
}

pub(super) struct Mounted<E: Event> {
    pub(super) events: EventStore<E>,
    pub(super) data: DataOf<E>,
}

impl<E: Event> Mount for Mounted<E> {
    fn entity(&self) -> &'static str {
        E::ENTITY
    }

    fn machine(&self) -> &'static Machine {
        E::MACHINE
    }

    fn event(&self) -> TypeId {
        TypeId::of::<E>()
    }

    fn described(&self) -> Arc<Described> {
        Arc::new(Described::of::<E>())
    }

    fn ready(&self) -> Ready {
        platform::check(&self.events)
    }

    fn routes(&self, shared: &Arc<Shared>, hooks: &[Hook]) -> Router {
        let of_machine = hooks.iter().filter_map(|hook| {
            let check = hook.check.downcast_ref::<Arc<dyn AnyBeforeAppend<E>>>()?;
            Some(Arc::clone(check))
        });
        let names = Arc::new(Names::of::<E>());
        let hub = Hub::new(
            self.events.clone(),
            Arc::clone(&names),
            Arc::clone(&shared.streams),
        );
        routes(Api {
            events: self.events.clone(),
            names,
            shared: Arc::clone(shared),
            checks: of_machine.collect(),
            hub: Arc::new(hub),
            data: self.data,
        })
    }
}
