//! Authenticator that takes the actor from a JSON Web Token.

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

/// Authenticator for signed tokens: `Authorization: Bearer` with a JWT (RFC 7519).
///
/// A token is valid if one of the keys signed it with that key's algorithm, if issuer (`iss`) and
/// audience (`aud`, one or a list) match, if it has a subject (`sub`), and if it is neither expired (`exp`) nor
/// not yet valid (`nbf`), with a tolerance of one minute. The subject becomes the actor. The claim
/// `roles` has its roles, as a list or as a text with spaces between them.
///
/// A request without a token has no actor; one with an invalid token is answered 401.
///
/// To rotate keys, give the old and the new one: a token names its key (`kid`).
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
    keys: Vec<VerificationKey>,
    issuer: String,
    audience: String,
    /// Path of the claim with the roles, with dots.
    roles_claim: String,
}

/// Key that verifies signatures.
struct VerificationKey {
    /// Key id (`kid`).
    id: Option<String>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Error of a key set that cannot be used.
///
/// ```
/// let error = eventsource_rest::Jwt::new("issuer", "audience", r#"{"keys": []}"#).unwrap_err();
/// assert_eq!(error.to_string(), "the key set has no key that signs");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtKeysError {
    /// Text that is not a JSON Web Key Set (RFC 7517).
    #[error("the keys are not a JSON Web Key Set: {source}")]
    InvalidKeySet {
        /// Error of the JSON parser.
        source: serde_json::Error,
    },
    /// Key set without a key that signs, so that no token would be valid.
    #[error("the key set has no key that signs")]
    NoSigningKey,
    /// Keys without a `kid`, or with the same one, so that a token could not name its key.
    #[error("each of several keys needs a `kid` of its own")]
    AmbiguousKeyId,
    /// Key of an unknown kind, or secret without `alg`.
    #[error("the key '{kid}' cannot be used: {reason}")]
    UnusableKey {
        /// Id of the key.
        kid: String,
        /// Reason why the key cannot be used.
        reason: &'static str,
    },
}

impl Jwt {
    /// Accepts tokens of `issuer` for `audience` that one of `keys` signed.
    ///
    /// `keys` is a JSON Web Key Set, as identity providers publish it.
    ///
    /// # Errors
    /// [`JwtKeysError`] if the keys cannot be used.
    pub fn new(issuer: &str, audience: &str, keys: &str) -> Result<Self, JwtKeysError> {
        let set: JwkSet =
            serde_json::from_str(keys).map_err(|source| JwtKeysError::InvalidKeySet { source })?;
        // Providers also publish keys that encrypt; those sign no tokens.
        let signs = |jwk: &&Jwk| jwk.common.public_key_use != Some(PublicKeyUse::Encryption);
        let keys = set.keys.iter().filter(signs).map(VerificationKey::new);
        let keys: Vec<VerificationKey> = keys.collect::<Result<_, _>>()?;
        let clear = |key: &VerificationKey| {
            let same = keys.iter().filter(|other| other.id == key.id);
            key.id.is_some() && same.count() == 1
        };
        match keys.as_slice() {
            [] => return Err(JwtKeysError::NoSigningKey),
            [_] => {}
            several if several.iter().all(clear) => {}
            _ => return Err(JwtKeysError::AmbiguousKeyId),
        }
        Ok(Self {
            keys,
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            roles_claim: "roles".to_owned(),
        })
    }

    /// Takes the roles from another claim than `roles`.
    ///
    /// `path` has dots between nested claims, such as `realm_access.roles`.
    #[must_use]
    pub fn roles_claim(mut self, path: impl Into<String>) -> Self {
        self.roles_claim = path.into();
        self
    }

    /// Returns the claims of a token if it is valid.
    fn claims(&self, token: &str) -> Option<Map<String, Value>> {
        let header = decode_header(token).ok()?;
        // Nothing that is declared critical is understood here (RFC 7515, section 4.1.11).
        if header.crit.is_some() {
            return None;
        }
        let id = header.kid;
        let key = match (id, self.keys.as_slice()) {
            (None, [only]) => only,
            (None, _) => return None,
            (id, keys) => keys.iter().find(|key| key.id == id)?,
        };
        // The key decides the algorithm, never the token.
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        let claims: Map<String, Value> = decode(token, &key.key, &validation).ok()?.claims;
        // The validation takes a list, too, if the issuer is in it.
        (claims.get("iss")?.as_str()? == self.issuer).then_some(claims)
    }
}

impl VerificationKey {
    /// Reads a key of a key set.
    fn new(jwk: &Jwk) -> Result<Self, JwtKeysError> {
        let refuse = |reason| JwtKeysError::UnusableKey {
            kid: jwk.common.key_id.clone().unwrap_or_default(),
            reason,
        };
        let algorithm = algorithm(jwk).ok_or_else(|| refuse("its algorithm is unknown"))?;
        let key = DecodingKey::from_jwk(jwk).map_err(|_| refuse("its parameters are invalid"))?;
        Ok(Self {
            id: jwk.common.key_id.clone(),
            algorithm,
            key,
        })
    }
}

/// Returns the algorithm of a key: its `alg` if its kind supports that, or the kind's default.
fn algorithm(jwk: &Jwk) -> Option<Algorithm> {
    use Algorithm::{
        ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512,
    };
    let declared = jwk.common.key_algorithm;
    match (&jwk.algorithm, declared) {
        (AlgorithmParameters::RSA(_), declared) => match declared {
            None | Some(KeyAlgorithm::RS256) => Some(RS256),
            Some(KeyAlgorithm::RS384) => Some(RS384),
            Some(KeyAlgorithm::RS512) => Some(RS512),
            Some(KeyAlgorithm::PS256) => Some(PS256),
            Some(KeyAlgorithm::PS384) => Some(PS384),
            Some(KeyAlgorithm::PS512) => Some(PS512),
            _ => None,
        },
        (AlgorithmParameters::EllipticCurve(curve), declared) => match (&curve.curve, declared) {
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
        // The reason is not given: it would help to forge tokens.
        let refuse = || Problem::unauthorized("The token is invalid.");
        let given = given.to_str().map_err(|_| refuse())?;
        let (scheme, token) = given.split_once(' ').ok_or_else(refuse)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Problem::unauthorized(
                "Authorization must be a Bearer token.",
            ));
        }
        let claims = self.claims(token.trim()).ok_or_else(refuse)?;
        let subject = claims.get("sub").and_then(Value::as_str);
        let actor = Actor::new(subject.filter(|id| !id.is_empty()).ok_or_else(refuse)?);
        let mut steps = self.roles_claim.split('.');
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
