//! Authentication by JWT.

use axum::http::StatusCode;
use eventsource_core::Store;
use eventsource_rest::{Jwt, Service};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use serde_json::{Value, json};
use tasks::TaskEvent;

use crate::client::{Answer, Api};

const ISSUER: &str = "https://id.example.org";
/// Private half, in PKCS #8, of the example key in RFC 8037, appendix A.
const OLD: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const OLD_SECRET: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

fn keys() -> String {
    json!({"keys": [
        {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "old", "x": OLD},
        {"kty": "oct", "alg": "HS256", "kid": "new", "k": "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IA"},
    ]})
    .to_string()
}

fn old_key() -> EncodingKey {
    let pkcs8 = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    EncodingKey::from_ed_der(&[&pkcs8[..], &OLD_SECRET].concat())
}

fn new_key() -> EncodingKey {
    EncodingKey::from_secret(b"secret secret secret secret ")
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "tasks", "sub": "ann", "exp": get_current_timestamp() + 600,
        "realm": {"roles": ["MANAGER"]},
    })
}

fn token(kid: Option<&str>, algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    encode(&header, claims, key).unwrap()
}

async fn asked(authorization: &str) -> Answer {
    let store = Store::connect("sqlite::memory:").await.unwrap();
    let tasks = store.migrate::<TaskEvent>().await.unwrap();
    let actors = Jwt::new(ISSUER, "tasks", &keys()).unwrap();
    let actors = actors.roles_claim("realm.roles");
    let api = Api::of(Service::new().mount(tasks.clone()).authenticator(actors));
    let headers = [("authorization", authorization)];
    let mut answer = api
        .post_with(&headers, json!({"eventType": "CREATED"}))
        .await;
    if answer.status == StatusCode::CREATED {
        let id = answer.body["taskId"].as_str().unwrap().parse().unwrap();
        let history = tasks.history(id).await.unwrap();
        answer.body = json!(history[0].metadata);
    }
    answer
}

#[tokio::test]
async fn jwt_signed_by_either_key_gives_actor_and_roles() {
    for token in [
        token(Some("old"), Algorithm::EdDSA, &old_key(), &claims()),
        token(Some("new"), Algorithm::HS256, &new_key(), &claims()),
    ] {
        let answer = asked(&format!("Bearer {token}")).await;
        assert_eq!(answer.body["actor"], "ann", "{}", answer.body);
        assert_eq!(answer.body["roles"], json!(["MANAGER"]));
    }
}

#[tokio::test]
async fn invalid_jwt_is_401() {
    let changed = |name: &str, value: Value| {
        let mut claims = claims();
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value,
        }
        token(Some("old"), Algorithm::EdDSA, &old_key(), &claims)
    };
    let now = get_current_timestamp();
    let good = token(Some("old"), Algorithm::EdDSA, &old_key(), &claims());
    let unsigned = |head: &str| format!("{head}.{}.", good.split('.').nth(1).unwrap());
    // {"alg":"none","kid":"old"}
    let none = unsigned("eyJhbGciOiJub25lIiwia2lkIjoib2xkIn0");
    let capitals = unsigned("eyJhbGciOiJOT05FIiwia2lkIjoib2xkIn0");
    let critical = {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some("old".to_owned());
        header.crit = Some(vec!["exp".to_owned()]);
        encode(&header, &claims(), &old_key()).unwrap()
    };
    // The public key of one algorithm as the secret of another.
    let confused = EncodingKey::from_secret(OLD.as_bytes());
    for (what, token) in [
        ("expired", changed("exp", json!(now - 120))),
        ("never expires", changed("exp", Value::Null)),
        ("too early", changed("nbf", json!(now + 600))),
        (
            "other issuer",
            changed("iss", json!("https://evil.example")),
        ),
        ("no issuer", changed("iss", Value::Null)),
        ("other audience", changed("aud", json!("shop"))),
        ("no audience", changed("aud", Value::Null)),
        ("about nobody", changed("sub", Value::Null)),
        ("about an empty name", changed("sub", json!(""))),
        ("unsigned", none),
        ("cut", good[..good.len() - 4].to_owned()),
        (
            "no key named",
            token(None, Algorithm::EdDSA, &old_key(), &claims()),
        ),
        (
            "unknown key",
            token(Some("x"), Algorithm::EdDSA, &old_key(), &claims()),
        ),
        (
            "other key's name",
            token(Some("new"), Algorithm::EdDSA, &old_key(), &claims()),
        ),
        (
            "confused",
            token(Some("old"), Algorithm::HS256, &confused, &claims()),
        ),
        ("nothing", String::new()),
        ("of a list of issuers", changed("iss", json!([ISSUER]))),
        (
            "of issuers, ours among them",
            changed("iss", json!(["https://evil.example", ISSUER])),
        ),
        ("issuer of no kind", changed("iss", json!({"": ISSUER}))),
        ("for nobody", changed("aud", json!([]))),
        ("for others", changed("aud", json!(["shop", "tasks2"]))),
        ("for numbers", changed("aud", json!([7, "tasks"]))),
        ("for an object", changed("aud", json!({"tasks": true}))),
        ("expires as a text", changed("exp", json!("9999999999"))),
        ("expires before 1970", changed("exp", json!(-1))),
        ("expires in vain", changed("exp", json!(1e300))),
        ("begins as a text", changed("nbf", json!("0"))),
        ("begins in vain", changed("nbf", json!([0]))),
        ("about a number", changed("sub", json!(7))),
        ("about a list", changed("sub", json!(["ann"]))),
        ("critical", critical),
        ("unsigned in capitals", capitals),
        ("in four parts", format!("{good}.{good}")),
        (
            "with an empty signature",
            good[..=good.rfind('.').unwrap()].to_owned(),
        ),
    ] {
        let answer = asked(&format!("Bearer {token}")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{what}");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{what}");
        assert_eq!(answer.body["type"], "/problems/unauthenticated");
    }
    let basic = asked("Basic YW5uOnB3").await;
    assert_eq!(basic.status, StatusCode::UNAUTHORIZED);
}

/// Providers publish encryption keys together with signing keys.
#[test]
fn jwt_key_set_ignores_encryption_keys() {
    let encrypts = json!({
        "kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "e", "e": "AQAB", "n": "AQAB",
    });
    let signs = json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "old", "x": OLD});
    let keys = |keys: Value| Jwt::new(ISSUER, "tasks", &json!({"keys": keys}).to_string());
    assert!(keys(json!([encrypts, signs])).is_ok());
    let error = keys(json!([encrypts])).unwrap_err();
    assert_eq!(error.to_string(), "the key set has no key that signs");
}

#[test]
fn jwt_key_set_that_is_ambiguous_is_an_error() {
    let said = |keys: Value| {
        Jwt::new(ISSUER, "tasks", &keys.to_string())
            .unwrap_err()
            .to_string()
    };
    assert!(said(json!({"keys": 7})).starts_with("the keys are not a JSON Web Key Set: "));
    let secret = json!({"kty": "oct", "kid": "a", "k": "c2VjcmV0"});
    assert_eq!(
        said(json!({"keys": [secret]})),
        "the key 'a' cannot be used: its algorithm is unknown"
    );
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": OLD});
    assert_eq!(
        said(json!({"keys": [key, key]})),
        "each of several keys needs a `kid` of its own"
    );
}
