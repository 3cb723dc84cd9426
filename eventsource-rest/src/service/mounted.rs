//! Machines and checks of a service, without the types of their events.

use std::any::TypeId;
use std::sync::Arc;

use axum::Router;
use eventsource_core::model::Machine;
use eventsource_core::{Event, EventStore};
use serde_json::Value;

use crate::endpoints::context::{DataQuery, MachineContext, ServiceContext};
use crate::endpoints::routes::routes;
use crate::machine::{CommandDescription, MachineDescription};
use crate::options::before_append::DynBeforeAppend;
use crate::options::command::ClientCommand;
use crate::platform::{self, ReadyFuture};
use crate::stream::hub::Hub;
use crate::wire::names::WireNames;

/// Check of the application, with the type of its events erased.
pub(super) struct RegisteredCheck {
    /// Event type of the machine that it checks.
    pub(super) event: TypeId,
    /// Entity of that machine.
    pub(super) entity: &'static str,
    /// Holds an `Arc<dyn DynBeforeAppend<E>>` for the `E` of that machine.
    pub(super) check: Box<dyn std::any::Any + Send + Sync>,
}

/// Command of a machine, with the type of its events erased.
pub(super) struct RegisteredCommand {
    /// Event type of the machine that executes it.
    pub(super) event: TypeId,
    /// Entity of that machine.
    pub(super) entity: &'static str,
    /// Name of the command.
    pub(super) name: &'static str,
    /// Schema of its body.
    pub(super) schema: Value,
    /// Whether it can be executed later.
    pub(super) is_submittable: bool,
    /// Holds an `Arc<ClientCommand<E>>` for the `E` of that machine.
    pub(super) command: Box<dyn std::any::Any + Send + Sync>,
}

/// Machine of a service, with the type of its events erased.
pub(super) trait AnyMachine: Send + Sync {
    /// Name of the entity.
    fn entity(&self) -> &'static str;
    /// Rules of the machine.
    fn machine(&self) -> &'static Machine;
    /// Id of the event type.
    fn event(&self) -> TypeId;
    /// Describes the machine for its documents.
    fn description(&self, commands: &[RegisteredCommand]) -> Arc<MachineDescription>;
    /// Checks that the machine can be served.
    fn ready(&self) -> ReadyFuture;
    /// Builds the routes, with those of the checks and commands that belong to this machine.
    fn routes(
        &self,
        service: &Arc<ServiceContext>,
        checks: &[RegisteredCheck],
        commands: &[RegisteredCommand],
    ) -> Router;
}

/// Machine that was mounted on a service.
pub(super) struct MountedMachine<E: Event> {
    /// Store of its events.
    pub(super) events: EventStore<E>,
    /// Options of the query for an entity's data.
    pub(super) data_query: DataQuery<E>,
}

impl<E: Event> AnyMachine for MountedMachine<E> {
    fn entity(&self) -> &'static str {
        E::ENTITY
    }

    fn machine(&self) -> &'static Machine {
        E::MACHINE
    }

    fn event(&self) -> TypeId {
        TypeId::of::<E>()
    }

    fn description(&self, commands: &[RegisteredCommand]) -> Arc<MachineDescription> {
        let own = commands
            .iter()
            .filter(|command| command.event == self.event())
            .map(|command| CommandDescription {
                name: command.name,
                schema: command.schema.clone(),
                is_submittable: command.is_submittable,
            });
        let mut description = MachineDescription::of::<E>();
        description.commands = own.collect();
        Arc::new(description)
    }

    fn ready(&self) -> ReadyFuture {
        platform::check_ready(&self.events)
    }

    fn routes(
        &self,
        service: &Arc<ServiceContext>,
        checks: &[RegisteredCheck],
        commands: &[RegisteredCommand],
    ) -> Router {
        let own_commands = commands.iter().filter_map(|registered| {
            let command = registered.command.downcast_ref::<Arc<ClientCommand<E>>>()?;
            Some(Arc::clone(command))
        });
        let own_checks = checks.iter().filter_map(|registered| {
            let check = registered
                .check
                .downcast_ref::<Arc<dyn DynBeforeAppend<E>>>()?;
            Some(Arc::clone(check))
        });
        let names = Arc::new(WireNames::of::<E>());
        let hub = Hub::new(
            self.events.clone(),
            Arc::clone(&names),
            Arc::clone(&service.streams),
        );
        routes(MachineContext::new(
            self.events.clone(),
            names,
            Arc::clone(service),
            own_checks.collect(),
            own_commands.collect(),
            Arc::new(hub),
            self.data_query,
        ))
    }
}
