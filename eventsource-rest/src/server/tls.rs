//! Certificate of a server, and the handshakes that present it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

/// Interval at which the files of a certificate are looked at.
const RELOAD_EVERY: Duration = Duration::from_mins(1);

/// Certificate and private key with which [`serve`](crate::serve) speaks TLS, 1.2 or 1.3.
///
/// ```no_run
/// use eventsource_rest::{Service, Tls};
///
/// # fn main() -> Result<(), eventsource_rest::TlsError> {
/// let service = Service::new().tls(Tls::files("server.crt", "server.key")?);
/// # drop(service);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Tls {
    current: Arc<RwLock<Arc<ServerConfig>>>,
    files: Option<CertificateFiles>,
}

/// Error of a certificate or its private key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// File that cannot be read.
    #[error("cannot read '{}': {error}", path.display())]
    File {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        error: io::Error,
    },
    /// Text without a certificate or a private key in PEM.
    #[error("the {part} is not PEM: {error}")]
    Pem {
        /// `certificate` or `private key`.
        part: &'static str,
        /// Reason.
        error: pem::Error,
    },
    /// Certificate and private key that cannot be used, or that do not belong together.
    #[error("the certificate and the private key cannot be used: {0}")]
    Certificate(#[from] rustls::Error),
}

impl Tls {
    /// Takes a certificate, with those of its issuers after it, and its private key, as PEM.
    ///
    /// # Errors
    /// [`TlsError`] if they cannot be read, or do not belong together.
    pub fn pem(certificates: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, TlsError> {
        let config = config(certificates.as_ref(), key.as_ref())?;
        Ok(Self {
            current: Arc::new(RwLock::new(config)),
            files: None,
        })
    }

    /// Reads a certificate, with those of its issuers after it, and its private key, from files of
    /// PEM.
    ///
    /// While the server runs, changed files are read again within a minute. If they cannot be used,
    /// the server goes on with what it has, and logs a warning.
    ///
    /// # Errors
    /// [`TlsError`] if the files cannot be read, or do not belong together.
    pub fn files(
        certificates: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, TlsError> {
        let files = CertificateFiles {
            certificates: certificates.into(),
            key: key.into(),
        };
        Ok(Self {
            current: Arc::new(RwLock::new(files.read()?)),
            files: Some(files),
        })
    }

    /// Makes the handshake of a connection.
    pub(super) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        socket: S,
    ) -> io::Result<TlsStream<S>> {
        TlsAcceptor::from(self.current()).accept(socket).await
    }

    /// Returns the settings of new connections.
    fn current(&self) -> Arc<ServerConfig> {
        // No holder of the lock can panic halfway, so a poisoned value is still valid.
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Reads the files again whenever they change; never returns.
    pub(super) async fn follow_files(&self) {
        let Some(files) = &self.files else {
            return std::future::pending().await;
        };
        let mut seen = files.modified();
        loop {
            tokio::time::sleep(RELOAD_EVERY).await;
            seen = self.reload(files, seen);
        }
    }

    /// Reads the files again if they have changed since `seen`; returns what was seen now.
    fn reload(&self, files: &CertificateFiles, seen: Modified) -> Modified {
        let now = files.modified();
        if now == seen {
            return seen;
        }
        match files.read() {
            Ok(config) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = config;
                tracing::info!("the certificate was read again");
                now
            }
            Err(error) => {
                // Perhaps only one of the two is new: the next look will tell.
                tracing::warn!(%error, "the changed certificate is not used");
                seen
            }
        }
    }
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tls")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

/// Times at which the files were written; `None` for one that is not there.
type Modified = [Option<SystemTime>; 2];

/// Files of a certificate and its private key.
#[derive(Clone, Debug)]
struct CertificateFiles {
    certificates: PathBuf,
    key: PathBuf,
}

impl CertificateFiles {
    /// Reads the files.
    fn read(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| TlsError::File {
                path: path.to_owned(),
                error,
            })
        };
        config(&read(&self.certificates)?, &read(&self.key)?)
    }

    /// Returns when the files were written.
    fn modified(&self) -> Modified {
        [&self.certificates, &self.key].map(|path| std::fs::metadata(path).ok()?.modified().ok())
    }
}

/// Builds the settings of a server.
fn config(certificates: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let part = |part| move |error| TlsError::Pem { part, error };
    let certificates = CertificateDer::pem_slice_iter(certificates)
        .collect::<Result<Vec<_>, _>>()
        .map_err(part("certificate"))?;
    if certificates.is_empty() {
        return Err(part("certificate")(pem::Error::NoItemsFound));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(part("private key"))?;
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    const CERTIFICATE: &str = include_str!("../../../tests/data/tls/server.crt");
    const KEY: &str = include_str!("../../../tests/data/tls/server.key");

    #[test]
    fn changed_files_are_read_again_and_broken_ones_are_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let certificate = folder.path().join("server.crt");
        let key = folder.path().join("server.key");
        let mut minutes = 0;
        let mut write = |text: &str| {
            fs::write(&certificate, text).unwrap();
            minutes += 1;
            let time = SystemTime::UNIX_EPOCH + Duration::from_mins(minutes);
            let file = File::options().write(true).open(&certificate).unwrap();
            file.set_modified(time).unwrap();
        };
        write(CERTIFICATE);
        fs::write(&key, KEY).unwrap();
        let tls = Tls::files(&certificate, &key).unwrap();
        let files = tls.files.clone().unwrap();
        let first = tls.current();
        let mut seen = tls.reload(&files, files.modified());
        assert!(Arc::ptr_eq(&tls.current(), &first), "nothing has changed");
        write("broken");
        seen = tls.reload(&files, seen);
        assert!(Arc::ptr_eq(&tls.current(), &first));
        write(CERTIFICATE);
        tls.reload(&files, seen);
        assert!(!Arc::ptr_eq(&tls.current(), &first));
    }
}
