//! Campaign: several fields of several events feed one field of its data.

use eventsource_core::Event;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProcessingStep {
    pub ticket_number: String,
    pub output_weight_kg: f64,
    pub notes: Option<String>,
}

/// Plastic on its way (P8 to P14, shortened).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Event)]
#[machine(entity = "campaign")]
pub enum CampaignEvent {
    CampaignCreated {
        description: Option<String>,
    },
    #[event(follows = CampaignCreated, accumulate = union())]
    InboundShipmentRecorded {
        gross_weight_kg: f64,
        #[event(feeds(net_weight_kg, current_weight_kg))]
        net_weight_kg: f64,
    },
    #[event(
        follows = InboundShipmentRecorded,
        accumulate = union(),
        feeds(current_weight_kg = output_weight_kg, notes: String)
    )]
    GranulationCompleted(ProcessingStep),
    #[event(follows = GranulationCompleted, accumulate = union())]
    MetalRemovalCompleted(ProcessingStep),
    #[event(follows = any_state, accumulate = keep())]
    TransferRecorded {
        #[event(feeds = current_weight_kg)]
        received_weight_kg: Option<f64>,
    },
}

pub fn step(output_weight_kg: f64) -> ProcessingStep {
    ProcessingStep {
        ticket_number: "T-1".to_owned(),
        output_weight_kg,
        notes: None,
    }
}
