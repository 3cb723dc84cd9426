//! Gate of a service: refuses requests that pages of other sites make a browser send, and requests
//! that are ambiguous.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{self, AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::cors::CorsLayer;

use crate::options::site::Site;
use crate::wire::host::{Host, Origin};
use crate::wire::problem::Problem;

/// Headers that have one value, by which a request is understood; whoever looks at the other value
/// of a request with two sees another request.
const SINGLE: [HeaderName; 12] = [
    AUTHORIZATION,
    CONTENT_TYPE,
    HOST,
    ORIGIN,
    HeaderName::from_static("last-event-id"),
    HeaderName::from_static("sec-fetch-dest"),
    HeaderName::from_static("sec-fetch-mode"),
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("x-actor"),
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-request-limit"),
    HeaderName::from_static("x-roles"),
];

/// Gate of a service.
pub(crate) struct Gate {
    site: Site,
    /// Router that answers nothing but what the CORS layer adds; it tells what the layer allows.
    cors: Option<Router>,
}

impl Gate {
    /// Creates the gate of a site; `cors` says which pages of other origins are allowed.
    pub(crate) fn new(site: Site, cors: Option<&CorsLayer>) -> Self {
        let empty = || Router::new().fallback(async || StatusCode::NO_CONTENT);
        Self {
            site,
            cors: cors.map(|cors| empty().layer(cors.clone())),
        }
    }

    /// Checks a request.
    ///
    /// # Errors
    /// 400 if a header is repeated or there is no host, 421 if the host is of another service, 403
    /// if a page of another origin sent it.
    async fn admit(&self, request: &mut Request) -> Result<(), Problem> {
        refuse_repeated(request.headers())?;
        let host = host(request)?;
        if let Some(hosts) = &self.site.hosts {
            match &host {
                Some(host) if hosts.allow(host) => {}
                Some(_) => return Err(misdirected()),
                // Clients of HTTP/1.0 may leave it out, and browsers never do.
                None if request.version() < axum::http::Version::HTTP_11 => {}
                None => return Err(bad_host("The request has no Host.")),
            }
        }
        // A preflight asks the CORS layer, and is answered by it.
        if request.method() == Method::OPTIONS || !self.is_foreign(request, host.as_ref()) {
            return Ok(());
        }
        match self.cors_allows(without_body(request)).await {
            true => Ok(()),
            false => Err(foreign_page()),
        }
    }

    /// Returns whether a page of another origin made the browser send the request.
    ///
    /// Programs other than browsers send none of these headers. A page cannot change them.
    fn is_foreign(&self, request: &Request, host: Option<&Host>) -> bool {
        let headers = request.headers();
        let site = headers.get("sec-fetch-site");
        let other_site = site.is_some_and(|site| site != "same-origin" && site != "none");
        let Some(origin) = headers.get(ORIGIN) else {
            return other_site && !follows_link(request);
        };
        let origin = origin.to_str().ok().and_then(Origin::parse);
        let own = origin.is_some_and(|origin| {
            let public = self.site.public_origin.as_ref();
            public.is_some_and(|public| public.is_same(&origin))
                || host.is_some_and(|host| origin.is_at(host))
        });
        other_site || !own
    }

    /// Asks the CORS layer whether it allows the origin of a request.
    async fn cors_allows(&self, question: Request) -> bool {
        let (Some(cors), Some(origin)) = (&self.cors, question.headers().get(ORIGIN).cloned())
        else {
            return false;
        };
        // The error of a router cannot occur.
        let Ok(answer) = cors.clone().oneshot(question).await;
        let allowed = answer.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        allowed.is_some_and(|allowed| allowed == origin || allowed == "*")
    }
}

/// Copies a request without its body.
fn without_body(request: &Request) -> Request {
    let mut copy = Request::new(Body::empty());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

/// Lets a request pass, or answers with the reason why not.
pub(crate) async fn gate(
    State(gate): State<Arc<Gate>>,
    mut request: Request,
    next: Next,
) -> Response {
    match gate.admit(&mut request).await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Refuses a request that gives a header twice which has one value.
fn refuse_repeated(headers: &HeaderMap) -> Result<(), Problem> {
    for name in &SINGLE {
        let times = headers.get_all(name).iter().count();
        if times > 1 {
            let title = "Repeated header";
            return Err(
                Problem::new(StatusCode::BAD_REQUEST, "repeated-header", title)
                    .detail(&format!(
                        "The header {name} is given {times} times; send it once."
                    ))
                    .with("header", name.as_str()),
            );
        }
    }
    Ok(())
}

/// Returns the host that a request names: by `Host`, by its target, or by both alike.
///
/// If only the target names it, as in HTTP/2, it becomes the `Host`, too.
fn host(request: &mut Request) -> Result<Option<Host>, Problem> {
    let invalid = || bad_host("The Host of the request is not a name or an address.");
    let read = |text: &str| Host::parse(text).ok_or_else(invalid);
    let target = request.uri().authority().cloned();
    let header = request.headers().get(HOST).cloned();
    let header = header.map(|host| host.to_str().map_err(|_| invalid()).and_then(read));
    match (target, header.transpose()?) {
        (None, host) => Ok(host),
        (Some(target), Some(host)) if read(target.as_str())? == host => Ok(Some(host)),
        (Some(_), Some(_)) => Err(bad_host("The target and the Host of the request differ.")),
        (Some(target), None) => {
            let host = read(target.as_str())?;
            if let Ok(value) = HeaderValue::from_str(target.as_str()) {
                request.headers_mut().insert(HOST, value);
            }
            Ok(Some(host))
        }
    }
}

/// Returns whether somebody followed a link to the service, as from a wiki to the page of the API.
///
/// The answer is shown, and no other page can read it.
fn follows_link(request: &Request) -> bool {
    let is = |name: &str, value: &str| request.headers().get(name).is_some_and(|is| is == value);
    matches!(*request.method(), Method::GET | Method::HEAD)
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
}

/// Creates the 400 of a request whose host cannot be understood.
fn bad_host(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad-host", "Bad host").detail(detail)
}

/// Creates the 421 of a request to another host.
fn misdirected() -> Problem {
    let status = StatusCode::MISDIRECTED_REQUEST;
    Problem::new(status, "misdirected-request", "Misdirected request").detail(
        "The service does not answer for this Host. Its hosts are set by `Service::public_url` \
         and `Service::hosts`.",
    )
}

/// Creates the 403 of a request that a page of another origin made the browser send.
fn foreign_page() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "foreign-origin", "Foreign origin").detail(
        "A page of another origin sent the request. `Service::cors` sets which origins may, and \
         `Service::public_url` sets the origin of the service.",
    )
}
