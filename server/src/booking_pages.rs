//! The booking page, remembered.
//!
//! A page is made once, for nobody ([`Template`]), and kept for as long as
//! making it again would give the same: until the clinic's stamp changes, the
//! minute is over or a hold that was in the way runs out. Everyone who asks
//! gets it with their own session, offers and nonce put in.

mod asked;
mod packed;
mod page;
mod stencil;

use std::sync::Arc;
use std::time::Duration;

use app::caller::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use moka::future::Cache;
use moka::ops::compute::Op;
use services::Services;
use services::db::stamps::Stamp;
use tokio::time::timeout;

use asked::Asked;
use page::Page;

/// What all remembered pages may weigh together, in bytes.
const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// How long to wait for a page that somebody else is making.
const PATIENCE: Duration = Duration::from_secs(3);

/// Remembers booking pages.
pub struct BookingPages {
    services: Services,
    is_secure: bool,
    pages: Cache<String, Arc<Page>>,
}

/// Answers with a remembered page, or lets the page be made as any other where
/// it is not one to remember.
pub async fn remembered(State(pages): State<Arc<BookingPages>>, request: Request, next: Next) -> Response {
    let Some(asked) = Asked::read(&request) else { return next.run(request).await };
    match pages.answer(&asked, &next).await {
        Some(response) => response,
        None => next.run(request).await,
    }
}

impl BookingPages {
    /// `is_secure` says whether browsers reach this server over TLS.
    pub fn new(services: Services, is_secure: bool) -> Self {
        let bytes =
            |address: &String, page: &Arc<Page>| u32::try_from(address.len() + page.bytes()).unwrap_or(u32::MAX);
        let pages = Cache::builder().max_capacity(MOST_BYTES).weigher(bytes).build();
        Self { services, is_secure, pages }
    }

    async fn answer(&self, asked: &Asked, next: &Next) -> Option<Response> {
        let stamp = self.services.stamps.read(&asked.slug).await.ok()??;
        let page = timeout(PATIENCE, self.find_or_make(asked, stamp, next)).await.ok()??;
        page.show(&self.services, asked, self.is_secure)
    }

    /// The page as it is at `stamp` or later. Of many who ask at once for one
    /// that has to be made, one makes it and the others wait.
    async fn find_or_make(&self, asked: &Asked, stamp: Stamp, next: &Next) -> Option<Arc<Page>> {
        let is_good = |page: &Arc<Page>| page.is_good(stamp, self.services.clock.now());
        if let Some(page) = self.pages.get(&asked.address).await.filter(&is_good) {
            return Some(page);
        }
        let making = self.pages.entry_by_ref(&asked.address).and_try_compute_with(async |kept| {
            // Somebody made it while this one waited.
            if kept.is_some_and(|kept| is_good(kept.value())) {
                return Ok(Op::Nop);
            }
            self.make(asked, next).await.map(|page| Op::Put(Arc::new(page))).ok_or(())
        });
        Some(making.await.ok()?.into_entry()?.into_value())
    }

    async fn make(&self, asked: &Asked, next: &Next) -> Option<Page> {
        // Read again, because those who wait may know of a later change.
        let stamp = self.services.stamps.read(&asked.slug).await.ok()??;
        let now = self.services.clock.now();
        let template = Arc::new(Template::new());
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = asked.address.parse().ok()?;
        request.extensions_mut().insert(template.clone());
        let response = next.clone().run(request).await;
        Page::cut(response, &template, stamp, now, &self.services).await
    }
}
