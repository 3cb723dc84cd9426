//! A path where the toolkit is not.
#[derive(serde::Serialize, serde::Deserialize, eventsource_core::Event)]
#[machine(entity = "task", crate = "crate::toolkit")]
pub enum TaskEvent {
    #[event(terminal)]
    Created,
}

fn main() {}
