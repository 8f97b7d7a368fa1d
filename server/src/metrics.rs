//! Figures for whoever runs the server, as Prometheus reads them.
//!
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use axum::extract::State;
use axum::response::IntoResponse;
use chrono::Duration;
use http::header;
use metrics::{Label, gauge, with_local_recorder};
use metrics_exporter_prometheus::PrometheusBuilder;
use services::Services;
use services::db::directory::{self, Fates};

use crate::auth::PlatformKey;
use crate::problem::ApiResult;

/// Below this share of texts delivered something is wrong with a clinic's
/// sender or wording.
const FLOOR: f64 = 0.9;

/// `GET /metrics`, for the platform's key: how the messages of the last 24
/// hours fared, and how many clinics cannot text.
pub async fn show(_: PlatformKey, State(services): State<Services>) -> ApiResult<impl IntoResponse> {
    let fates = directory::fates(&services.db, services.clock.now() - Duration::hours(24)).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], written(&fates)))
}

#[expect(clippy::cast_precision_loss, reason = "nobody sends 2^52 messages a day")]
fn written(fates: &Fates) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    with_local_recorder(&recorder, || {
        for (channel, status, count) in &fates.statuses {
            let labels = vec![Label::new("channel", channel.clone()), Label::new("status", status.clone())];
            gauge!("frontdesk_messages_24h", labels).set(*count as f64);
        }
        for (channel, code, count) in &fates.errors {
            let labels = vec![Label::new("channel", channel.clone()), Label::new("code", code.to_string())];
            gauge!("frontdesk_message_errors_24h", labels).set(*count as f64);
        }
        if let Some(rate) = delivery_rate(fates) {
            gauge!("frontdesk_sms_delivery_rate_24h").set(rate);
            gauge!("frontdesk_sms_delivery_below_floor").set(f64::from(u8::from(rate < FLOOR)));
        }
        gauge!("frontdesk_clinics_without_texting").set(fates.without_account as f64);
    });
    recorder.handle().render()
}

/// Texts delivered of those whose end is known; none if there are none.
#[expect(clippy::cast_precision_loss, reason = "nobody sends 2^52 messages a day")]
fn delivery_rate(fates: &Fates) -> Option<f64> {
    let count = |wanted: &[&str]| -> i64 {
        let texts =
            fates.statuses.iter().filter(|(channel, status, _)| channel == "sms" && wanted.contains(&status.as_str()));
        texts.map(|(_, _, count)| count).sum()
    };
    let (delivered, lost) = (count(&["delivered"]), count(&["undelivered", "failed"]));
    (delivered + lost > 0).then(|| delivered as f64 / (delivered + lost) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_as_prometheus_wants_them() {
        let status = |status: &str, count| ("sms".to_owned(), status.to_owned(), count);
        let fates = Fates {
            statuses: vec![status("delivered", 8), status("undelivered", 1), status("failed", 1), status("queued", 5)],
            errors: vec![("sms".to_owned(), 30003, 1)],
            without_account: 3,
        };
        let text = written(&fates);
        for line in [
            r#"frontdesk_messages_24h{channel="sms",status="delivered"} 8"#,
            r#"frontdesk_message_errors_24h{channel="sms",code="30003"} 1"#,
            "frontdesk_sms_delivery_rate_24h 0.8",
            "frontdesk_sms_delivery_below_floor 1",
            "frontdesk_clinics_without_texting 3",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} in {text}");
        }
        assert!(!written(&Fates::default()).contains("delivery_rate"), "a rate of nothing");
    }
}
