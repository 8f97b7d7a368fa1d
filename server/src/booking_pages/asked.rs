//! Which requests a remembered page can answer.

use app::caller::{cookie, patient_cookie, session_cookie};
use axum::extract::Request;
use http::{HeaderMap, Method, header};

use crate::store;

/// What decides a booking page, besides its clinic.
const STEPS: [&str; 4] = ["type", "with", "month", "day"];

/// Longer addresses are nobody's.
const LONGEST: usize = 300;

/// A page that somebody asked for.
#[derive(Debug, PartialEq)]
pub struct Asked {
    pub slug: String,
    /// The page's address with all that decides it and nothing else.
    pub address: String,
    /// The session that the browser kept of an earlier visit.
    pub session: Option<String>,
    pub takes_gzip: bool,
}

impl Asked {
    /// Reads a request for a booking page that says the same to everyone. One
    /// that keeps a time or moves a visit does not, nor does one that tells of
    /// a refusal; and staff who signed in are known by their session.
    pub fn read(request: &Request) -> Option<Self> {
        let slug = request.uri().path().strip_prefix("/c/")?.strip_suffix("/book")?;
        let is_slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let headers = request.headers();
        if request.method() != Method::GET || !slug.bytes().all(is_slug) || cookie(headers, store::COOKIE).is_some() {
            return None;
        }
        // A patient who is known is shown whom they usually see.
        if cookie(headers, &patient_cookie(slug)).is_some() {
            return None;
        }
        let query = steps(request.uri().query().unwrap_or_default())?;
        let address = format!("/c/{slug}/book{query}");
        (address.len() <= LONGEST).then(|| Self {
            address,
            session: cookie(headers, &session_cookie(slug)).map(str::to_owned),
            takes_gzip: takes_gzip(headers),
            slug: slug.to_owned(),
        })
    }
}

/// The steps that a query takes, in one order.
fn steps(query: &str) -> Option<String> {
    let mut taken = [None; STEPS.len()];
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match STEPS.iter().position(|step| *step == name) {
            Some(step) if taken[step].is_none() => taken[step] = Some(value),
            Some(_) => return None,
            None if decides_otherwise(name) => return None,
            // Where the visitor came from, and the like.
            None => {}
        }
    }
    let taken: Vec<String> =
        STEPS.iter().zip(taken).filter_map(|(step, value)| Some(format!("{step}={}", value?))).collect();
    Some(if taken.is_empty() { String::new() } else { format!("?{}", taken.join("&")) })
}

/// Whether a parameter makes the page one visitor's own, or might when decoded.
fn decides_otherwise(name: &str) -> bool {
    ["hold", "visit"].contains(&name) || name.starts_with("__") || name.contains(['%', '+'])
}

/// Whether the browser takes gzip, which every browser does.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse::<f32>().ok());
        is_gzip && weight.unwrap_or(1.0) > 0.0
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn asked(address: &str, headers: &[(&'static str, &str)]) -> Option<Asked> {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = address.parse().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        Asked::read(&request)
    }

    #[test]
    fn a_page_is_known_by_its_steps_in_any_order_and_nothing_else() {
        for (address, known_as) in [
            ("/c/bloom/book", "/c/bloom/book"),
            ("/c/bloom/book?", "/c/bloom/book"),
            ("/c/bloom/book?day=2026-11-24&type=haircut", "/c/bloom/book?type=haircut&day=2026-11-24"),
            ("/c/bloom/book?utm_source=mail&type=haircut&x", "/c/bloom/book?type=haircut"),
            ("/c/bloom/book?type=a%20b", "/c/bloom/book?type=a%20b"),
        ] {
            assert_eq!(asked(address, &[]).unwrap().address, known_as, "{address}");
        }
    }

    #[test]
    fn what_is_one_visitors_own_is_not_remembered() {
        for address in [
            "/c/bloom/book?hold=1",
            "/c/bloom/book?type=haircut&visit=1",
            "/c/bloom/book?ho%6Cd=1",
            "/c/bloom/book?__err=x",
            "/c/bloom/book?type=a&type=b",
            "/c/Bloom/book",
            "/c/a/b/book",
            "/c/bloom/book/",
            "/c/bloom",
            "/embed/bloom",
        ] {
            assert_eq!(asked(address, &[]), None, "{address}");
        }
        assert_eq!(asked(&format!("/c/bloom/book?type={}", "a".repeat(300)), &[]), None);
        assert_eq!(asked("/c/bloom/book", &[("cookie", "a=b; frontdesk=x")]), None);
        assert_eq!(asked("/c/bloom/book", &[("cookie", "fd_chat_bloom=1; fd_patient_bloom=1")]), None);
        assert!(asked("/c/bloom/book", &[("cookie", "fd_chat_bloom=1; fd_patient_cedar=1")]).is_some());
    }

    #[test]
    fn the_clinics_own_cookie_is_read() {
        let cookies = [("cookie", "fd_chat_cedar=1; fd_chat_bloom=2"), ("cookie", "x=y")];
        assert_eq!(asked("/c/bloom/book", &cookies).unwrap().session.as_deref(), Some("2"));
    }

    #[test]
    fn gzip_is_sent_to_whoever_takes_it() {
        for (accepts, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.1", true),
            ("gzip;q=0", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(asked("/c/bloom/book", &[("accept-encoding", accepts)]).unwrap().takes_gzip, takes, "{accepts}");
        }
    }
}
