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
use services::db::directory::{self, ClinicFate, Fates};

use crate::auth::PlatformKey;
use crate::problem::ApiResult;

/// Below this share of texts delivered something is wrong with a clinic's
/// sender or wording.
const FLOOR: f64 = 0.9;

/// `GET /metrics`, for the platform's key: how the messages of the last 24
/// hours fared, of all clinics and of each, and how many clinics cannot text
/// or mail.
pub async fn show(_: PlatformKey, State(services): State<Services>) -> ApiResult<impl IntoResponse> {
    let mut fates = directory::fates(&services.db, services.clock.now() - Duration::hours(24)).await?;
    if services.post.mails_for_all() {
        fates.without_mail = 0;
    }
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
        for wrong in &fates.errors {
            let labels = vec![
                Label::new("channel", wrong.channel.clone()),
                Label::new("code", wrong.code.map(|code| code.to_string()).unwrap_or_default()),
                Label::new("reason", wrong.reason.clone().unwrap_or_default()),
            ];
            gauge!("frontdesk_message_errors_24h", labels).set(wrong.count as f64);
        }
        if let Some(rate) = delivery_rate(fates) {
            gauge!("frontdesk_sms_delivery_rate_24h").set(rate);
            gauge!("frontdesk_sms_delivery_below_floor").set(f64::from(u8::from(rate < FLOOR)));
        }
        for clinic in &fates.clinics {
            let labels = vec![Label::new("clinic", clinic.slug.clone()), Label::new("channel", clinic.channel.clone())];
            gauge!("frontdesk_clinic_messages_lost_24h", labels.clone()).set(clinic.lost as f64);
            if let Some(rate) = share(clinic.arrived, clinic.lost) {
                gauge!("frontdesk_clinic_delivery_rate_24h", labels).set(rate);
            }
        }
        let is_below = |clinic: &&ClinicFate| share(clinic.arrived, clinic.lost).is_some_and(|rate| rate < FLOOR);
        gauge!("frontdesk_clinics_below_delivery_floor").set(fates.clinics.iter().filter(is_below).count() as f64);
        gauge!("frontdesk_clinics_without_texting").set(fates.without_texting as f64);
        gauge!("frontdesk_clinics_without_mail").set(fates.without_mail as f64);
    });
    recorder.handle().render()
}

/// Texts delivered of those whose end is known; none if there are none.
fn delivery_rate(fates: &Fates) -> Option<f64> {
    let count = |wanted: &[&str]| -> i64 {
        let texts =
            fates.statuses.iter().filter(|(channel, status, _)| channel == "sms" && wanted.contains(&status.as_str()));
        texts.map(|(_, _, count)| count).sum()
    };
    share(count(&["delivered"]), count(&["undelivered", "failed"]))
}

#[expect(clippy::cast_precision_loss, reason = "nobody sends 2^52 messages a day")]
fn share(arrived: i64, lost: i64) -> Option<f64> {
    (arrived + lost > 0).then(|| arrived as f64 / (arrived + lost) as f64)
}

#[cfg(test)]
mod tests {
    use services::messaging::listing::Wrong;

    use super::*;

    #[test]
    fn figures_read_as_prometheus_wants_them() {
        let status = |status: &str, count| ("sms".to_owned(), status.to_owned(), count);
        let wrong = |code, reason: &str, count| Wrong {
            channel: "sms".to_owned(),
            code,
            reason: Some(reason.to_owned()),
            count,
        };
        let clinic =
            |slug: &str, arrived, lost| ClinicFate { slug: slug.to_owned(), channel: "sms".to_owned(), arrived, lost };
        let fates = Fates {
            statuses: vec![status("delivered", 8), status("undelivered", 1), status("failed", 1), status("queued", 5)],
            errors: vec![wrong(Some(30003), "not_delivered", 1), wrong(None, "unwritable", 1)],
            clinics: vec![clinic("bloom", 8, 0), clinic("cedar", 0, 2)],
            without_texting: 3,
            without_mail: 2,
        };
        let text = written(&fates);
        for line in [
            r#"frontdesk_messages_24h{channel="sms",status="delivered"} 8"#,
            r#"frontdesk_message_errors_24h{channel="sms",code="30003",reason="not_delivered"} 1"#,
            r#"frontdesk_message_errors_24h{channel="sms",code="",reason="unwritable"} 1"#,
            "frontdesk_sms_delivery_rate_24h 0.8",
            "frontdesk_sms_delivery_below_floor 1",
            r#"frontdesk_clinic_delivery_rate_24h{clinic="bloom",channel="sms"} 1"#,
            r#"frontdesk_clinic_delivery_rate_24h{clinic="cedar",channel="sms"} 0"#,
            r#"frontdesk_clinic_messages_lost_24h{clinic="cedar",channel="sms"} 2"#,
            "frontdesk_clinics_below_delivery_floor 1",
            "frontdesk_clinics_without_texting 3",
            "frontdesk_clinics_without_mail 2",
        ] {
            assert!(text.lines().any(|known| known == line), "{line} in {text}");
        }
        assert!(!written(&Fates::default()).contains("delivery_rate"), "a rate of nothing");
    }
}
