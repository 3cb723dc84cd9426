//! Views of a service, without the types of their values.

use std::sync::Arc;

use axum::Router;
use eventsource_core::{View, ViewStore, type_schema};
use serde_json::Value;

use crate::endpoints::context::ServiceContext;
use crate::endpoints::view;
use crate::openapi::ViewDescription;
use crate::options::readers::Readers;

/// View of a service, with the type of its values erased.
pub(super) trait AnyView: Send + Sync {
    /// Describes the view for the document.
    fn description(&self) -> ViewDescription;
    /// Builds the routes.
    fn routes(&self, service: &Arc<ServiceContext>) -> Router;
}

/// View that was added to a service.
pub(super) struct MountedView<V> {
    views: ViewStore<V>,
    readers: Readers,
    schema: Value,
}

impl<V: View> MountedView<V> {
    pub(super) fn new(views: ViewStore<V>, readers: Readers) -> Self {
        Self {
            views,
            readers,
            schema: type_schema::<V>(),
        }
    }
}

impl<V: View> AnyView for MountedView<V> {
    fn description(&self) -> ViewDescription {
        ViewDescription {
            name: V::NAME,
            indexed: V::INDEXED,
            schema: self.schema.clone(),
            is_public: self.readers.is_public(),
        }
    }

    fn routes(&self, service: &Arc<ServiceContext>) -> Router {
        let (views, readers) = (self.views.clone(), self.readers.clone());
        view::routes(views, readers, &self.schema, service)
    }
}
