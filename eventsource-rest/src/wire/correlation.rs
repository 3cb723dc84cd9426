//! What a request belongs to, as events keep it.

/// An extension of a request, which appends copy to the metadata of what they store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Correlation {
    pub(crate) correlation_id: Option<String>,
    pub(crate) causation_id: Option<String>,
}
