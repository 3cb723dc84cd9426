//! Files of SQLite that are missing, renamed or replaced.

use std::fs;

use eventsource_core::{EntityId, Error, Retry, Store};
use tasks::TaskEvent;

use crate::support::machines::created;
use crate::support::waiting::until;

#[tokio::test(flavor = "multi_thread")]
async fn missing_folder_of_sqlite_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no such folder");
    let url = format!("sqlite://{}", missing.join("tasks.db").display());
    let refused = Store::connect(&url).await.unwrap_err();
    let message = refused.to_string();
    assert!(
        message.contains(&missing.display().to_string()),
        "{message}"
    );
}

/// Renames the file of a running program, puts another in its place, and then the first back.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn sqlite_file_that_was_renamed_or_replaced_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, away) = (
        folder.path().join("tasks.db"),
        folder.path().join("away.db"),
    );
    let url = format!("sqlite://{}", path.display());
    let store = Store::connect(&url).await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let id = EntityId::new();
    tasks.append(id, created()).await.unwrap();
    let is_noticed = |refused: &Error| {
        matches!(refused, Error::DatabaseFileReplaced { path: at } if *at == path)
            && refused.retry() == Retry::Never
    };
    for replace in [false, true] {
        fs::rename(&path, &away).unwrap();
        if replace {
            fs::copy(&away, &path).unwrap();
        }
        let not_ready = store.open::<TaskEvent>().await.unwrap_err();
        assert!(is_noticed(&not_ready), "{not_ready:?}");
        // Appends look for the file once a second.
        until(async || {
            let append = tasks.append(EntityId::new(), created()).await;
            append.is_err_and(|refused| is_noticed(&refused))
        })
        .await;
        fs::rename(&away, &path).unwrap();
        store.open::<TaskEvent>().await.unwrap();
        tasks.append(EntityId::new(), created()).await.unwrap();
    }
    assert_eq!(tasks.history(id).await.unwrap().len(), 1);
    store.close().await;
}
