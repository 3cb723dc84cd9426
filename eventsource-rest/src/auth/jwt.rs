//! Actors from signed tokens.

use axum::http::header;
use axum::http::request::Parts;
use eventsource_core::Actor;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::auth::actor::Authenticator;
use crate::wire::problem::Problem;

/// Takes who asks from a signed token: `Authorization: Bearer` and a JWT (RFC 7519).
///
/// A token is believed if it is signed by one of the keys, with the algorithm of that key and no
/// other, is of the issuer, for the audience, not expired (and not early, by a minute either way),
/// and says who it is about. `sub` is the actor, and `roles` its roles: a list, or a text with
/// spaces between them. A request without a token is of nobody; one with a token that is not
/// believed is answered 401.
///
/// Keys are rotated by giving both, old and new: a token names its key (`kid`).
///
/// ```
/// use eventsource_rest::Jwt;
///
/// // As an identity provider publishes its keys.
/// let keys = r#"{"keys": [{
///     "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "2026",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
/// }]}"#;
/// let actors = Jwt::new("https://id.example.org", "tasks", keys)?.roles_claim("task_roles");
/// # let _ = actors;
/// # Ok::<(), eventsource_rest::JwtKeysError>(())
/// ```
pub struct Jwt {
    keys: Vec<Key>,
    issuer: String,
    audience: String,
    roles: String,
}

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Why keys cannot be used.
///
/// ```
/// let error = eventsource_rest::Jwt::new("issuer", "audience", r#"{"keys": []}"#).unwrap_err();
/// assert_eq!(error.to_string(), "there is no key");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtKeysError {
    /// It is no JWKS (RFC 7517).
    #[error("not a set of keys: {source}")]
    InvalidKeySet {
        /// What is wrong.
        source: serde_json::Error,
    },
    /// It is empty, so that no token would be believed.
    #[error("there is no key")]
    EmptyKeySet,
    /// Which key a token means would not be clear.
    #[error("of several keys one has no `kid`, or the same as another")]
    AmbiguousKeyId,
    /// One of them is not a key that can be used: of an unknown kind, or a secret without `alg`.
    #[error("the key '{kid}' cannot be used: {reason}")]
    UnusableKey {
        /// The key.
        kid: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Jwt {
    /// Believes tokens of this issuer (`iss`) for this audience (`aud`) that are signed by one of
    /// these keys, a JWKS as JSON.
    ///
    /// # Errors
    /// [`JwtKeysError`].
    pub fn new(issuer: &str, audience: &str, keys: &str) -> Result<Self, JwtKeysError> {
        let set: JwkSet =
            serde_json::from_str(keys).map_err(|source| JwtKeysError::InvalidKeySet { source })?;
        // What a provider encrypts with signs no token.
        let signs = |jwk: &&Jwk| jwk.common.public_key_use != Some(PublicKeyUse::Encryption);
        let keys = set.keys.iter().filter(signs).map(Key::new);
        let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
        let clear = |key: &Key| {
            let same = keys.iter().filter(|other| other.id == key.id);
            key.id.is_some() && same.count() == 1
        };
        match keys.as_slice() {
            [] => return Err(JwtKeysError::EmptyKeySet),
            [_] => {}
            several if several.iter().all(clear) => {}
            _ => return Err(JwtKeysError::AmbiguousKeyId),
        }
        Ok(Self {
            keys,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            roles: "roles".to_owned(),
        })
    }

    /// Takes the roles from this claim; one within another has its path with dots, such as
    /// `realm_access.roles`.
    #[must_use]
    pub fn roles_claim(mut self, path: impl Into<String>) -> Self {
        self.roles = path.into();
        self
    }

    fn claims(&self, token: &str) -> Option<Map<String, Value>> {
        let id = decode_header(token).ok()?.kid;
        let key = match (id, self.keys.as_slice()) {
            (None, [only]) => only,
            (None, _) => return None,
            (id, keys) => keys.iter().find(|key| key.id == id)?,
        };
        // The key says which algorithm, never the token.
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        let decoded = decode(token, &key.key, &validation);
        decoded.ok().map(|token| token.claims)
    }
}

impl Key {
    fn new(jwk: &Jwk) -> Result<Self, JwtKeysError> {
        let refuse = |reason| JwtKeysError::UnusableKey {
            kid: jwk.common.key_id.clone().unwrap_or_default(),
            reason,
        };
        let algorithm = algorithm(jwk).ok_or_else(|| refuse("its algorithm is not clear"))?;
        let key = DecodingKey::from_jwk(jwk).map_err(|_| refuse("it cannot be read"))?;
        Ok(Self {
            id: jwk.common.key_id.clone(),
            algorithm,
            key,
        })
    }
}

/// The one algorithm of a key: what it says if that is one of its kind, or else the usual one.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    use Algorithm::{
        ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
    };
    let said = jwk.common.key_algorithm;
    match (&jwk.algorithm, said) {
        (AlgorithmParameters::RSA(_), said) => match said {
            None | Some(KeyAlgorithm::RS256) => Some(RS256),
            Some(KeyAlgorithm::RS384) => Some(RS384),
            Some(KeyAlgorithm::RS512) => Some(RS512),
            Some(KeyAlgorithm::PS256) => Some(PS256),
            Some(KeyAlgorithm::PS384) => Some(PS384),
            Some(KeyAlgorithm::PS512) => Some(PS512),
            _ => None,
        },
        (AlgorithmParameters::EllipticCurve(curve), said) => match (&curve.curve, said) {
            (EllipticCurve::P256, None | Some(KeyAlgorithm::ES256)) => Some(ES256),
            (EllipticCurve::P384, None | Some(KeyAlgorithm::ES384)) => Some(ES384),
            _ => None,
        },
        (AlgorithmParameters::OctetKeyPair(_), None | Some(KeyAlgorithm::EdDSA)) => Some(EdDSA),
        (AlgorithmParameters::OctetKey(_), Some(KeyAlgorithm::HS256)) => Some(HS256),
        (AlgorithmParameters::OctetKey(_), Some(KeyAlgorithm::HS384)) => Some(HS384),
        (AlgorithmParameters::OctetKey(_), Some(KeyAlgorithm::HS512)) => Some(HS512),
        _ => None,
    }
}

impl Authenticator for Jwt {
    async fn actor(&self, request: &Parts) -> Result<Option<Actor>, Problem> {
        let Some(given) = request.headers.get(header::AUTHORIZATION) else {
            return Ok(None);
        };
        // Why a token is not believed is nobody's business but the one's who made it.
        let refuse = || Problem::unauthorized("The token is not valid.");
        let given = given.to_str().map_err(|_| refuse())?;
        let (scheme, token) = given.split_once(' ').ok_or_else(refuse)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::unauthorized("A Bearer token is expected."));
        }
        let claims = self.claims(token.trim()).ok_or_else(refuse)?;
        let subject = claims.get("sub").and_then(Value::as_str);
        let actor = Actor::new(subject.filter(|id| !id.is_empty()).ok_or_else(refuse)?);
        let mut steps = self.roles.split('.');
        let first = steps.next().and_then(|step| claims.get(step));
        let roles = steps.fold(first, |value, step| value?.get(step));
        let roles: Vec<&str> = match roles {
            Some(Value::String(text)) => text.split_whitespace().collect(),
            Some(Value::Array(roles)) => roles.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        Ok(Some(roles.into_iter().fold(actor, Actor::with_role)))
    }
}

impl std::fmt::Debug for Jwt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys may be secrets.
        f.debug_struct("Jwt")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
