//! A payload that does not exist: one mistake, reported by rustc.
#[derive(eventsource_core::Event)]
#[machine(entity = "task")]
pub enum TaskEvent {
    #[event(requires(assignee), terminal)]
    Assigned(Assignment),
}

impl serde::Serialize for TaskEvent {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        todo!()
    }
}

impl<'de> serde::Deserialize<'de> for TaskEvent {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        todo!()
    }
}

fn main() {}
