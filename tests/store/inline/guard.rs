//! Who may append to a machine with inline models.

use eventsource_core::{EntityId, Error, Projection, Projects, RecordedEvent, Tables};
use eventsource_core::{Failure, Transaction};
use futures_util::StreamExt;

use super::users::{Emails, Seen, UserEvent, check, registered, rows_of, somebody};
use crate::support::child::{self, Process};
use crate::support::database::Database;

on_every_database! {
    handle_without_registered_inline_model_appends_nothing,
    handle_with_one_of_two_inline_models_appends_nothing,
    inline_model_of_later_version_replaces_it_and_keeps_the_earlier_out,
    inline_model_of_earlier_version_is_refused,
    import_without_registered_inline_model_stores_nothing,
    verify_finds_nothing_wrong_with_inline_models,
    inline_model_is_added_to_a_handle_once,
    name_of_inline_model_that_no_table_can_have_is_refused,
}

on_postgres! {
    writer_uses_registered_inline_model,
    writer_may_not_register_inline_model,
    function_for_other_languages_is_refused_where_inline_models_are,
}

fn missing(error: &Error) -> Option<&str> {
    match error {
        Error::InlineMissing { name, .. } => Some(name),
        _ => None,
    }
}

/// Opened before and after the model was registered, in this process and another one.
async fn handle_without_registered_inline_model_appends_nothing(database: &Database) {
    let before = database.events::<UserEvent>().await;
    let elsewhere = database.another_events::<UserEvent>().await;
    let early = somebody(&before).await;
    let users = before.clone().inline(Emails::default()).await.unwrap();
    let after = database.events::<UserEvent>().await;
    for unaware in [&before, &elsewhere, &after] {
        for id in [early, EntityId::new()] {
            let refused = match id == early {
                true => unaware.append(id, UserEvent::Confirmed).await.unwrap_err(),
                false => unaware.append(id, registered("a@x")).await.unwrap_err(),
            };
            assert_eq!(missing(&refused), Some("emails"), "{refused:?}");
        }
        let several = unaware.append(EntityId::new(), registered("b@x"));
        let several = several.append(EntityId::new(), registered("c@x")).await;
        assert_eq!(missing(&several.unwrap_err()), Some("emails"));
    }
    users.append(early, UserEvent::Confirmed).await.unwrap();
    let elsewhere = elsewhere.inline(Emails::default()).await.unwrap();
    somebody(&elsewhere).await;
    check(&users, database.store(), 1).await;
}

async fn handle_with_one_of_two_inline_models_appends_nothing(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let one = users.inline(Emails::default()).await.unwrap();
    let both = one.clone().inline(Seen::default()).await.unwrap();
    let refused = one.append(EntityId::new(), registered("a@x")).await;
    assert_eq!(missing(&refused.unwrap_err()), Some("seen"));
    somebody(&both).await;
    check(&both, database.store(), 1).await;
}

/// The addresses in a later version, which are the same.
struct Later;

impl Projection for Later {
    const NAME: &'static str = Emails::NAME;
    const VERSION: u32 = 2;

    fn schema(&self, tables: &Tables) -> String {
        Emails::default().schema(tables)
    }
}

impl Projects<UserEvent> for Later {
    async fn apply(
        &self,
        event: &RecordedEvent<UserEvent>,
        transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        Emails::default().apply(event, transaction).await
    }
}

async fn inline_model_of_later_version_replaces_it_and_keeps_the_earlier_out(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let earlier = users.clone().inline(Emails::default()).await.unwrap();
    somebody(&earlier).await;
    let later = users.inline(Later).await.unwrap();
    check(&later, database.store(), 2).await;
    let refused = earlier.append(EntityId::new(), registered("a@x")).await;
    assert_eq!(missing(&refused.unwrap_err()), Some("emails"));
    somebody(&later).await;
    check(&later, database.store(), 2).await;
}

async fn inline_model_of_earlier_version_is_refused(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let later = users.clone().inline(Later).await.unwrap();
    let refused = users.inline(Emails::default()).await.unwrap_err();
    assert_eq!(missing(&refused), Some("emails"));
    somebody(&later).await;
    check(&later, database.store(), 1).await;
}

async fn import_without_registered_inline_model_stores_nothing(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let model = users.clone().inline(Emails::default()).await.unwrap();
    somebody(&model).await;
    let exported: Vec<_> = model.export().stream().collect().await;
    let mut copy = exported[0].as_ref().unwrap().clone();
    copy.entity_id = EntityId::new();
    copy.event_id = None;
    let refused = users.import(futures_util::stream::iter([Ok(copy)])).await;
    assert_eq!(missing(&refused.unwrap_err()), Some("emails"));
    assert_eq!(users.feed().await.unwrap().events.len(), 1);
}

async fn verify_finds_nothing_wrong_with_inline_models(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    somebody(&users).await;
    let verification = users.verify().await.unwrap();
    assert!(verification.is_valid(), "{verification:?}");
}

async fn inline_model_is_added_to_a_handle_once(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let users = users.inline(Emails::default()).await.unwrap();
    let twice = users.inline(Emails::default()).await.unwrap_err();
    assert!(matches!(twice, Error::MigrationRefused { .. }), "{twice:?}");
}

struct Misnamed;

impl Projection for Misnamed {
    const NAME: &'static str = "Emails; DROP TABLE user";
    const VERSION: u32 = 1;

    fn schema(&self, _tables: &Tables) -> String {
        String::new()
    }
}

impl Projects<UserEvent> for Misnamed {
    async fn apply(
        &self,
        _event: &RecordedEvent<UserEvent>,
        _transaction: &mut Transaction<'_>,
    ) -> Result<(), Failure> {
        Ok(())
    }
}

async fn name_of_inline_model_that_no_table_can_have_is_refused(database: &Database) {
    let users = database.events::<UserEvent>().await;
    let refused = users.clone().inline(Misnamed).await.unwrap_err();
    assert!(
        matches!(refused, Error::MigrationRefused { .. }),
        "{refused:?}"
    );
    somebody(&users).await;
}

async fn writer_uses_registered_inline_model(database: &Database) {
    let owner = database.events::<UserEvent>().await;
    let owner = owner.inline(Emails::default()).await.unwrap();
    let store = database.connect_as("writer").await;
    let users = store.open::<UserEvent>().await.unwrap();
    let users = users.inline(Emails::default()).await.unwrap();
    somebody(&users).await;
    let id = somebody(&owner).await;
    users.append(id, UserEvent::Confirmed).await.unwrap();
    check(&owner, database.store(), 1).await;
}

async fn writer_may_not_register_inline_model(database: &Database) {
    let owner = database.events::<UserEvent>().await;
    let store = database.connect_as("writer").await;
    let users = store.open::<UserEvent>().await.unwrap();
    let refused = users.inline(Emails::default()).await.unwrap_err();
    assert!(matches!(refused, Error::NotPermitted { .. }), "{refused:?}");
    somebody(&owner).await;
}

async fn function_for_other_languages_is_refused_where_inline_models_are(database: &Database) {
    let users = database.events::<UserEvent>().await;
    users.inline(Emails::default()).await.unwrap();
    let sql = database.sql().await;
    let call = "SELECT user_append('00000000-0000-0000-0000-000000000001', 'REGISTERED', '{\"email\": \"a\"}')";
    let refused = sqlx::query(call).execute(&sql).await.unwrap_err();
    let code = refused
        .as_database_error()
        .and_then(|error| error.code().map(|code| code.into_owned()));
    assert_eq!(code.as_deref(), Some("EV012"), "{refused:?}");
    assert_eq!(rows_of(database.store(), 1).await.emails.len(), 0);
}

/// A program that runs while another one registers the model, and lacks it.
#[tokio::test(flavor = "multi_thread")]
async fn running_program_without_inline_model_is_refused_from_its_registration_on() {
    const TEST: &str =
        "inline::guard::running_program_without_inline_model_is_refused_from_its_registration_on";
    if let Some(url) = child::role() {
        let store = eventsource_core::Store::connect(&url).await.unwrap();
        let users = store.open::<UserEvent>().await.unwrap();
        let mut stored = 0;
        loop {
            let appended = users.append(EntityId::new(), registered(EntityId::new().to_string()));
            match appended.await {
                Ok(_) => stored += 1,
                Err(error) => {
                    assert_eq!(missing(&error), Some("emails"), "{error:?}");
                    return child::send(&stored.to_string());
                }
            }
            if stored == 20 {
                child::send("appends");
            }
        }
    }
    let database = Database::sqlite_file().await;
    let users = database.events::<UserEvent>().await;
    let mut program = Process::start(TEST, database.url());
    assert_eq!(program.line().await.as_deref(), Some("appends"));
    let users = users.inline(Emails::default()).await.unwrap();
    let stored: usize = program.line().await.unwrap().parse().unwrap();
    assert!(stored >= 20);
    assert_eq!(rows_of(database.store(), 1).await.emails.len(), stored);
    check(&users, database.store(), 1).await;
    database.remove().await;
}
