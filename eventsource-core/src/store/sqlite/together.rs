//! Appends to several machines in one transaction: under the write lock, nothing moves meanwhile.

use chrono::{DateTime, Utc};

use crate::store::contract::driver::{FeedDriver, TogetherDriver};
use crate::store::contract::request::{AppendOutcome, KeyOf};
use crate::store::contract::together::{Given, TogetherAppend, all_alike};
use crate::store::sqlite::append::head;
use crate::store::sqlite::errors::failed;
use crate::store::sqlite::handle::Sqlite;
use crate::store::sqlite::keys::Expired;
use crate::store::sqlite::{keys, transaction};
use crate::{Error, Seq};

impl TogetherDriver for Sqlite {
    async fn append_together(
        &self,
        appends: Vec<TogetherAppend>,
        given: &[Given],
        now: DateTime<Utc>,
    ) -> Result<Vec<AppendOutcome>, Error> {
        self.check_file()?;
        let appended = self.append_all(appends, given, now).await;
        self.notify_feed();
        appended
    }
}

impl Sqlite {
    async fn append_all(
        &self,
        appends: Vec<TogetherAppend>,
        given: &[Given],
        now: DateTime<Utc>,
    ) -> Result<Vec<AppendOutcome>, Error> {
        let begin = self.writer.begin_with(transaction::BEGIN);
        let mut transaction = begin.await.map_err(failed)?;
        let mut is_repeat = false;
        // All have the same key.
        if let Some(first) = appends.first()
            && let Some(key) = KeyOf::request(&first.request.metadata)
        {
            let expired = Expired::at(now, self.keys_expire_after);
            let names = &first.context.names;
            let answered = keys::answered(&mut transaction, names, key, &expired).await?;
            is_repeat = answered.is_some();
        }
        for given in given.iter().filter(|_| !is_repeat) {
            let found = head(&mut transaction, &given.context, given.entity_id).await?;
            given.check(found.map_or(Seq::NO_STREAM, |head| head.seq))?;
        }
        let metadata = appends
            .first()
            .map(|append| append.request.metadata.clone());
        let mut outcomes = Vec::with_capacity(appends.len());
        for append in appends {
            let TogetherAppend {
                context,
                companions,
                request,
            } = append;
            let within = self.append_within(&mut transaction, &context, &companions, request, now);
            outcomes.push(within.await?);
        }
        let key = metadata.as_ref().and_then(KeyOf::request);
        let outcomes = all_alike(outcomes, key)?;
        if !outcomes.iter().any(|outcome| outcome.replayed) {
            transaction.commit().await.map_err(failed)?;
        }
        Ok(outcomes)
    }
}
