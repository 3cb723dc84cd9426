//! `GET /api/docs`: Swagger UI, served from the binary.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

use super::archive::ZipEntry;
use crate::wire::fallback::method_not_allowed;
use crate::wire::problem::Problem;

/// Page that loads Swagger UI.
///
/// Its links are relative: a proxy may serve it under another path.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="icon" href="docs/favicon-32x32.png">
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</html>
"#;

/// Script that starts Swagger UI on the OpenAPI document.
const START: &str = r##"window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  tryItOutEnabled: true,
});
"##;

/// Content security policy: nothing from other origins.
///
/// Swagger UI needs inline styles and pictures as `data:` URLs.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      frame-ancestors 'none'";

/// Builds the routes of the page and its files.
pub(crate) fn routes() -> Router {
    let files = Arc::new(ZipEntry::read_all(SWAGGER_UI_VENDORED));
    let file = async move |Path(name): Path<String>| match name.as_str() {
        "start.js" => text("text/javascript", START),
        _ => {
            let media = match name.rsplit_once('.') {
                Some((_, "js")) => "text/javascript; charset=utf-8",
                Some((_, "css")) => "text/css; charset=utf-8",
                Some((_, "png")) => "image/png",
                _ => return missing(),
            };
            let path = format!("/dist/{name}");
            match files.iter().find(|file| file.name.ends_with(&path)) {
                Some(file) => packed(media, file),
                None => missing(),
            }
        }
    };
    let page = get(async || text("text/html; charset=utf-8", PAGE));
    Router::new()
        .route("/api/docs", page.fallback(method_not_allowed))
        .route(
            "/api/docs/",
            get(async || Redirect::permanent("../docs")).fallback(method_not_allowed),
        )
        .route("/api/docs/{name}", get(file).fallback(method_not_allowed))
}

/// Responds with a text and the content security policy.
fn text(media: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (
            HeaderName::from_static("content-security-policy"),
            HeaderValue::from_static(POLICY),
        ),
    ];
    (headers, text).into_response()
}

/// Responds with a file of the archive, compressed as it is there.
fn packed(media: &'static str, file: &ZipEntry) -> Response {
    let mut response = file.to_gzip_or_stored().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    if file.deflated {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let day = HeaderValue::from_static("public, max-age=86400");
    headers.insert(header::CACHE_CONTROL, day);
    response
}

/// Responds with 404 for a file that the page does not have.
fn missing() -> Response {
    Problem::not_found("The page has no such file.").into_response()
}
