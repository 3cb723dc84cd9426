//! User to run the server as: Postgres refuses to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use super::error::{PostgresError, Result, cannot};

#[derive(Debug, PartialEq)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// Gives a new folder to the user to run the server as, if that is another one.
pub(super) fn hand_over(folder: &Path) -> Result<Option<User>> {
    let made = fs::metadata(folder).map_err(cannot("look at the temporary folder"))?;
    if made.uid() != 0 {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(cannot("read /etc/passwd"))?;
    let user = find(&passwd, "postgres")
        .or_else(|| find(&passwd, "nobody"))
        .ok_or(PostgresError::NoUser)?;
    chown(folder, Some(user.uid), Some(user.gid))
        .map_err(cannot("give the temporary folder to another user"))?;
    Ok(Some(user))
}

fn find(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        Some(User {
            uid: fields.nth(1)?.parse().ok()?,
            gid: fields.next()?.parse().ok()?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn find_user_matches_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\n\
                      postgres2:x:7:8::/:/bin/sh\n\
                      broken\n\
                      postgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";
        let found = find(passwd, "postgres");
        assert_eq!(found, Some(User { uid: 101, gid: 104 }));
        assert_eq!(find(passwd, "nobody"), None);
        assert_eq!(find(passwd, "broken"), None);
    }
}
