//! The chat on other people's sites: its scripts, and who may frame it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, header};
use services::Services;
use services::db::directory;

/// Which sites may frame a page: for `/embed/{slug}` the clinic's allowed
/// origins, for everything else nobody.
pub async fn frame_ancestors(State(services): State<Services>, request: Request, next: Next) -> Response {
    let slug = request.uri().path().strip_prefix("/embed/").map(|rest| rest.trim_end_matches('/').to_owned());
    let allowed = async {
        match slug {
            Some(slug) => allowed(&services, &slug).await,
            None => "'none'".to_owned(),
        }
    };
    // At once, so that a database that does not answer is waited for once.
    let (mut response, allowed) = tokio::join!(next.run(request), allowed);
    let policy = format!("frame-ancestors {allowed}; base-uri 'none'; form-action 'self'; object-src 'none'");
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        // Beside the page's own policy on scripts, which both have to pass.
        response.headers_mut().append(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn allowed(services: &Services, slug: &str) -> String {
    let listing = directory::by_slug(&services.db, slug).await.ok().flatten();
    let origins = listing.map(|listing| listing.allowed_origins).unwrap_or_default();
    // An origin comes from a clinic's settings; anything that could start
    // another directive, or that a header cannot carry, is left out.
    let plain = |origin: &&String| {
        origin.bytes().all(|byte| byte.is_ascii_graphic()) && !origin.contains([';', ',', '\'', '"'])
    };
    let list: Vec<&str> = std::iter::once("'self'").chain(origins.iter().filter(plain).map(String::as_str)).collect();
    list.join(" ")
}
