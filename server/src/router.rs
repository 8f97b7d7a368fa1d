//! Every route, by who calls it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::caller::{StaffBackend, Template};
use axum::Router;
use axum::error_handling::HandleErrorLayer;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_login::AuthManagerLayerBuilder;
use domain::{Rejection, RejectionCode};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use leptos::nonce::Nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{LeptosRoutes, generate_route_list, handle_server_fns_with_context, render_app_async_with_context};
use serde_json::json;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::services::ServeDir;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::auth::{Holder, address};
use crate::booking_pages::{self, BookingPages};
use crate::problem::{Pending, Problem};
use crate::state::AppState;
use crate::store::{self, PostgresStore};
use crate::webhooks::twilio;
use crate::{api, fhir, handoff, metrics, openapi, pages, realtime, unsubscribe, vapi, widget};

/// The largest request body taken, in bytes. A chat message is at most 4,000
/// characters.
const LARGEST_BODY: usize = 256 * 1024;

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a caller may be kept waiting.
const VOICE_PATIENCE: Duration = Duration::from_secs(15);

/// The whole server, ready to be served.
pub fn router(state: AppState) -> Router {
    let booking_pages = Arc::new(BookingPages::new(state.services.clone(), state.config.is_secure()));
    // A router is shared, but a route under layers is copied with each of them
    // for every request. A remembered page therefore comes before all of that.
    Router::new()
        .fallback_service(made(state))
        .layer(middleware::from_fn_with_state(booking_pages, booking_pages::remembered))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Everything, made as it is asked for.
fn made(state: AppState) -> Router {
    let (sockets, _) = realtime::layer(state.services.clone(), state.limits.clone());
    Router::new()
        .merge(site(&state))
        .merge(twilio::routes(&state.config))
        .merge(one_click())
        .nest("/api/v1", api_v1(&state))
        .merge(voice())
        .route("/api/openapi.json", get(openapi::describe))
        .route("/api/docs", get(openapi::show))
        .route("/api/{*rest}", axum::routing::any(nothing_here))
        .nest("/fhir/r4/{clinic_id}", fhir_r4(&state))
        .route("/fhir/{*rest}", axum::routing::any(fhir::no_such_resource))
        .route("/health", get(|| async { axum::Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })) }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics::show))
        .layer(sockets)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(any_site())
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(name_problems))
        .with_state(state)
}

/// `/api/v1`: other people's programs, and the widget's.
fn api_v1(state: &AppState) -> Router<AppState> {
    api::routes()
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(
            ServiceBuilder::new()
                .layer(HandleErrorLayer::new(|_| async { Problem::from(Rejection::unavailable()) }))
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE)),
        )
        .layer(middleware::from_fn_with_state(state.clone(), count))
}

/// What voice providers call. Few addresses call for every clinic, so requests
/// are counted by clinic, where it is known whose they are.
fn voice() -> Router<AppState> {
    vapi::routes().method_not_allowed_fallback(wrong_method).layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(|_| async { Problem::from(Rejection::unavailable()) }))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, VOICE_PATIENCE)),
    )
}

/// `/fhir/r4/{clinic_id}`: other systems, which read and change nothing.
fn fhir_r4(state: &AppState) -> Router<AppState> {
    fhir::routes()
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .layer(middleware::from_fn_with_state(state.clone(), count))
        .layer(middleware::from_fn(fhir::speak))
}

/// Lets programs on other people's sites ask: a session token, not a cookie,
/// says who calls. One layer for all of them, because it answers every
/// preflight that reaches it and an inner one would never see any.
fn any_site() -> CorsLayer {
    let for_programs =
        |path: &str| ["/api/v1/", "/api/openapi.json", "/ws", "/sdk/"].iter().any(|start| path.starts_with(start));
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |_, request| for_programs(request.uri.path())))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("idempotency-key")])
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-request-id")])
        .max_age(Duration::from_secs(600))
}

/// Pages, what they listen to, and the server functions behind them.
fn site(state: &AppState) -> Router<AppState> {
    let sessions =
        SessionManagerLayer::new(PostgresStore::new(state.services.db.clone(), state.services.clock.clone()))
            .with_name(store::COOKIE)
            .with_secure(state.config.is_secure())
            .with_same_site(SameSite::Lax)
            .with_http_only(true)
            .with_expiry(Expiry::OnInactivity(tower_sessions::cookie::time::Duration::hours(12)));
    let sign_in = AuthManagerLayerBuilder::new(StaffBackend(state.services.db.clone()), sessions).build();
    let routes = generate_route_list(app::App);
    let (for_pages, options) = (state.clone(), state.leptos.clone());
    // Whoever mistyped an address is told on a page.
    let nowhere = {
        let (state, options) = (for_pages.clone(), options.clone());
        render_app_async_with_context(move || provide_edge(&state), move || app::shell(options.clone()))
    };
    let assets =
        ServeDir::new(state.leptos.site_root.as_ref()).precompressed_br().precompressed_gzip().fallback(get(nowhere));
    Router::new()
        .route("/fn/{*name}", post(server_function).get(server_function))
        .route("/console/feed", get(pages::clinic_feed))
        .route("/c/{slug}/feed", get(pages::conversation_feed))
        .route("/m/{token}/calendar.ics", get(pages::calendar))
        .route("/handoff/sms", post(handoff::text))
        .route("/handoff/resume", get(handoff::resume))
        .leptos_routes_with_context(
            &for_pages,
            routes,
            {
                let state = for_pages.clone();
                move || provide_edge(&state)
            },
            move || app::shell(options.clone()),
        )
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn(no_store))
        .layer(sign_in)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .layer(middleware::from_fn(say_unavailable))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(state.services.clone(), widget::frame_ancestors))
        .fallback_service(ServiceBuilder::new().layer(middleware::from_fn(cache_assets)).service(assets))
        .layer(middleware::from_fn(safe_headers))
}

/// What mail programs ask for by themselves. It stands outside of the pages'
/// layers: it comes from anywhere, and nobody's session has a part in it.
fn one_click() -> Router<AppState> {
    Router::new()
        .route("/unsubscribe/{token}", post(unsubscribe::one_click))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(middleware::from_fn(safe_headers))
}

async fn server_function(State(state): State<AppState>, request: Request) -> impl IntoResponse {
    let from = where_from(&request, &state);
    handle_server_fns_with_context(move || provide_context(pages::edge(&state, from, None)), request).await
}

fn provide_edge(state: &AppState) {
    let parts = use_context::<http::request::Parts>();
    let from = parts
        .as_ref()
        .map_or(std::net::IpAddr::from([127, 0, 0, 1]), |parts| address(parts, state.config.trust_forwarded_for));
    let template = parts.and_then(|parts| parts.extensions.get::<Arc<Template>>().cloned());
    if let Some(template) = &template {
        provide_context(Nonce::from_value(template.nonce()));
    }
    provide_context(pages::edge(state, from, template));
}

fn where_from(request: &Request, state: &AppState) -> std::net::IpAddr {
    let mut parts = http::Request::new(()).into_parts().0;
    parts.headers = request.headers().clone();
    if let Some(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        parts.extensions.insert(*peer);
    }
    address(&parts, state.config.trust_forwarded_for)
}

async fn ready(State(state): State<AppState>) -> Response {
    if state.services.db.is_ready().await {
        return axum::Json(json!({ "status": "ok" })).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, axum::Json(json!({ "status": "unavailable" }))).into_response()
}

async fn nothing_here() -> Problem {
    Rejection::not_found().into()
}

async fn wrong_method() -> Response {
    let problem = Problem::from(Rejection::new(RejectionCode::NotFound, "This address does not take that method."));
    problem.into_response()
}

/// Counts a request against the key it shows, or else against its address.
async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match Holder::of(&parts, &state).await {
        Ok(Some(holder)) => drop(parts.extensions.insert(holder)),
        Ok(None) => {
            if let Err(problem) = state.limits.request(address(&parts, state.config.trust_forwarded_for)) {
                return problem.into_response();
            }
        }
        Err(problem) => return problem.into_response(),
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Puts the request's id into the problem it was answered with, and makes one
/// of errors that came from below the handlers.
async fn name_problems(request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).map(str::to_owned);
    let response = next.run(request).await;
    if let Some(Pending(problem)) = response.extensions().get::<Pending>() {
        return with_headers_of(&response, problem.render(id.as_deref()));
    }
    if !is_api || !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let rejection = match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Rejection::new(RejectionCode::TooLarge, "That is too large."),
        StatusCode::BAD_REQUEST => Rejection::new(RejectionCode::Malformed, "That could not be read."),
        StatusCode::NOT_FOUND => Rejection::not_found(),
        _ => Rejection::unavailable(),
    };
    with_headers_of(&response, Problem::from(rejection).render(id.as_deref()))
}

/// Keeps what layers below said about the answer, such as who may read it.
fn with_headers_of(old: &Response, mut new: Response) -> Response {
    for (name, value) in old.headers() {
        if name.as_str().starts_with("access-control-") || name == header::VARY {
            new.headers_mut().insert(name, value.clone());
        }
    }
    new
}

/// Says something where a page takes too long or sessions cannot be read, which
/// the layers below answer with nothing but a status: to a server function's
/// caller what it understands, to people a sentence.
async fn say_unavailable(request: Request, next: Next) -> Response {
    let is_function = request.uri().path().starts_with("/fn/");
    let response = next.run(request).await;
    let says_something = response.headers().contains_key(header::CONTENT_TYPE);
    let failed = [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE].contains(&response.status());
    if !failed || says_something {
        return response;
    }
    let rejection = Rejection::unavailable();
    if is_function {
        return (StatusCode::SERVICE_UNAVAILABLE, axum::Json(rejection)).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, rejection.message).into_response()
}

/// Pages hold a patient's words and a session's token.
async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Built files keep their names from build to build, so browsers ask again.
async fn cache_assets(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

async fn safe_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert("permissions-policy", HeaderValue::from_static("camera=(), geolocation=(), microphone=()"));
    // The loader is for other sites to load.
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

/// A request's line in the log: its id, method and path, never its query,
/// which may carry a token.
fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    let path = request.uri().path();
    // Whoever has such a link may use it, so its path is a secret too.
    let secret = ["/m/", "/w/", "/unsubscribe/"].into_iter().find(|start| path.starts_with(start));
    let path = secret.map_or_else(|| path.to_owned(), |start| format!("{start}…"));
    tracing::info_span!("request", request.id = id, http.method = %request.method(), http.path = path)
}

fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    Problem::from(Rejection::unavailable()).into_response()
}
