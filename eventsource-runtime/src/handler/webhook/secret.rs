//! Secrets that webhooks are signed with.

use std::fmt;
use std::path::PathBuf;

use standardwebhooks::Webhook as Signer;

/// Fewest bytes of a key, as Standard Webhooks asks for.
const MIN_KEY_BYTES: usize = 24;

/// Secret that a webhook is signed with, or the place that holds it.
///
/// As Standard Webhooks writes it: `whsec_` and the key in Base64, 24 bytes or more. It is read when
/// the runtime is built, and is neither stored in a table nor shown: [`Debug`](fmt::Debug) tells the
/// place only.
///
/// ```
/// use eventsource_runtime::Secret;
///
/// let secret = Secret::env("CRM_WEBHOOK_SECRET");
/// assert_eq!(format!("{secret:?}"), "Secret(env:CRM_WEBHOOK_SECRET)");
/// let given = Secret::given("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
/// assert_eq!(format!("{given:?}"), "Secret(given)");
/// ```
#[derive(Clone)]
pub struct Secret(Place);

#[derive(Clone)]
enum Place {
    Given(String),
    Env(String),
    File(PathBuf),
}

impl Secret {
    /// Takes the secret from this environment variable.
    pub fn env(variable: impl Into<String>) -> Self {
        Self(Place::Env(variable.into()))
    }

    /// Takes the secret from this file, without the line break at its end.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Place::File(path.into()))
    }

    /// Takes this text as the secret.
    pub fn given(secret: impl Into<String>) -> Self {
        Self(Place::Given(secret.into()))
    }

    /// Reads a place as configurations write it: `env:NAME` or `file:/path`.
    ///
    /// # Errors
    /// [`SecretError::Place`] for other texts, which are not repeated in the error.
    pub fn at(place: &str) -> Result<Self, SecretError> {
        match place.split_once(':') {
            Some(("env", name)) if !name.is_empty() => Ok(Self::env(name)),
            Some(("file", path)) if !path.is_empty() => Ok(Self::file(path)),
            _ => Err(SecretError::Place),
        }
    }

    /// Reads the secret, and makes the signer of it.
    pub(crate) fn signer(&self) -> Result<Signer, SecretError> {
        let text = match &self.0 {
            Place::Given(text) => text.clone(),
            Place::Env(name) => {
                std::env::var(name).map_err(|_| SecretError::Env { name: name.clone() })?
            }
            Place::File(path) => {
                std::fs::read_to_string(path).map_err(|source| SecretError::File {
                    path: path.clone(),
                    source,
                })?
            }
        };
        let malformed = || SecretError::Malformed {
            place: self.0.to_string(),
        };
        let text = text.trim_end_matches(['\r', '\n']);
        let signer = Signer::new(text).map_err(|_| malformed())?;
        let encoded = text.strip_prefix("whsec_").unwrap_or(text);
        // Base64 writes three bytes in four characters.
        let bytes = encoded.trim_end_matches('=').len() * 3 / 4;
        if bytes < MIN_KEY_BYTES {
            return Err(malformed());
        }
        Ok(signer)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(_) => f.write_str("given"),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.0)
    }
}

/// Secret that cannot be used. No message repeats the secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Place that is none.
    #[error("the place of a secret is `env:NAME` or `file:/path`")]
    Place,
    /// Environment variable that is not set.
    #[error("the environment variable {name} holds no secret: set it")]
    Env {
        /// Name of the variable.
        name: String,
    },
    /// File that cannot be read.
    #[error("the secret in {path:?} cannot be read")]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// Text that is no secret of Standard Webhooks.
    #[error(
        "the secret ({place}) is not `whsec_` and a key of {MIN_KEY_BYTES} bytes or more in Base64"
    )]
    Malformed {
        /// Where the secret was: `given`, `env:NAME` or `file:/path`.
        place: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn secret_of_every_place_signs_alike() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{SECRET}\n")).unwrap();
        let given = Secret::given(SECRET).signer().unwrap();
        let read = Secret::file(file.path()).signer().unwrap();
        let sign = |signer: Signer| signer.sign("a/b", 7, b"{}").unwrap();
        assert_eq!(sign(given), sign(read));
    }

    #[test]
    fn wrong_secrets_are_refused_and_not_repeated() {
        for wrong in [
            "",
            "whsec_",
            "whsec_c2hvcnQ=",
            "not base 64!",
            "whsec_MfKQ9r8GKYqrTwjUPD8",
        ] {
            let error = Secret::given(wrong).signer().map(drop).unwrap_err();
            let text = format!("{error} {error:?} {:?}", Secret::given(wrong));
            assert!(wrong.len() < 7 || !text.contains(wrong), "{text}");
        }
        let missing = Secret::env("EVENTSOURCE_NO_SUCH_VARIABLE").signer();
        assert!(matches!(missing.map(drop), Err(SecretError::Env { .. })));
        assert!(matches!(Secret::at(SECRET), Err(SecretError::Place)));
        assert_eq!(
            format!("{:?}", Secret::at("env:A").unwrap()),
            "Secret(env:A)"
        );
    }
}
