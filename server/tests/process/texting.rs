//! A patient's telephone and the real server, with Twilio in between.

use std::process::Output;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::desk::{Desk, of_clinic};
use crate::emulated::{ACCOUNT_SID, AUTH_TOKEN, Twilio};
use crate::http;
use crate::running::{free_port, frontdesk};

pub const ADA: &str = "+15551234567";
const BLOOMS_NUMBER: &str = "+15550109999";
pub const KEY: &str = "3f9c1b7a5d2e4860915af3c7b8d6e204";

fn until<T>(what: &str, mut so: impl FnMut() -> Option<T>) -> T {
    let patience = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(value) = so() {
            return value;
        }
        assert!(Instant::now() < patience, "{what}");
        sleep(Duration::from_millis(100));
    }
}

/// Ada's visits, as a clinic's own program finds them.
fn visits(desk: &Desk) -> usize {
    let path = of_clinic("appointments/lookup?phone=%2B15551234567");
    let answer = http::ask(desk.port, "GET", &path, &[("x-admin-key", KEY)], "").unwrap();
    answer.json()["appointments"].as_array().map_or(0, Vec::len)
}

/// Books the next free haircut of Tuesday under Ada's number.
pub fn book(desk: &Desk) {
    let token = desk.session();
    let path = "availability?appointment_type=haircut&from=2026-11-24&to=2026-11-24&limit=1";
    let slot = desk.ask_clinic(&token, path).json()["slots"][0]["slot"].clone();
    let hold = desk.post(&of_clinic("holds"), &token, json!({ "slot": slot })).unwrap().json()["hold_id"].clone();
    let patient = json!({ "name": "Ada Lovelace", "phone": ADA });
    let wanted = json!({ "hold_id": hold, "patient": patient });
    let booked = desk.post(&of_clinic("appointments/confirm"), &token, wanted).unwrap();
    assert_eq!(booked.status, 201, "{}", booked.body);
}

pub fn statuses(desk: &Desk) -> Vec<String> {
    let login = server::database::of_running(&desk.home.path().join("data")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = services::Db::connect(login, 1).await.unwrap();
        let mut tx = db.clinic(services::demo::BLOOM).await.unwrap();
        let wanted = services::messaging::listing::Wanted::default();
        let mut all = services::messaging::listing::list(&mut tx, &wanted, 100).await.unwrap();
        all.retain(|message| message.channel == "sms");
        all.into_iter().rev().map(|message| format!("{} {}", message.kind, message.status)).collect()
    })
}

#[test]
fn a_patient_books_stops_and_starts_again_through_twilio() {
    let port = free_port();
    let twilio = Twilio::start(BLOOMS_NUMBER, port);
    let home = Arc::new(TempDir::with_prefix_in("frontdesk-process-", "/tmp").unwrap());
    let base = format!("http://127.0.0.1:{}", twilio.port);
    let desk = Desk::start_on(home, port, &[("TWILIO_BASE_URL", &base), ("ADMIN_API_KEY", KEY)]);
    let account = json!({ "twilio": { "account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN,
                                      "phone_number": BLOOMS_NUMBER } });
    let headers = [("x-admin-key", KEY), ("content-type", "application/json")];
    let path = of_clinic("").trim_end_matches('/').to_owned();
    let set = http::ask(port, "PATCH", &path, &headers, &account.to_string()).unwrap();
    assert_eq!(set.status, 200, "{}", set.body);

    twilio.text(ADA, "A haircut next Tuesday afternoon please");
    twilio.text(ADA, "1");
    twilio.text(ADA, "Ada Lovelace");
    if visits(&desk) == 0 {
        twilio.text(ADA, "yes");
    }
    until("the visit is booked", || (visits(&desk) == 1).then_some(()));
    let (sid, body) = until("a confirmation is sent", || twilio.sent_to(ADA).pop());
    assert!(body.contains("you are booked for Tue 24 Nov"), "{body}");
    twilio.tell(&sid, "delivered");
    until("it is known to have arrived", || (statuses(&desk) == ["confirmation delivered"]).then_some(()));

    twilio.text(ADA, "STOP");
    book(&desk);
    until("what would follow is not sent", || {
        (statuses(&desk).last().is_some_and(|last| last == "confirmation suppressed")).then_some(())
    });
    twilio.text(ADA, "Are you open on Monday?");
    assert_eq!(twilio.sent_to(ADA).len(), 1, "silence");

    twilio.text(ADA, "START");
    book(&desk);
    until("texts arrive again", || (twilio.sent_to(ADA).len() == 2).then_some(()));
}

#[test]
fn the_command_line_is_a_patients_telephone() {
    let desk = Desk::start();
    let text = |arguments: &[&str]| -> Output {
        frontdesk(desk.home.path(), desk.port).arg("sms").args(arguments).output().unwrap()
    };
    let said = |arguments: &[&str]| {
        let output = text(arguments);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    };
    let hours = said(&["What are your opening hours?"]);
    assert!(hours.contains("automated assistant of Bloom Wellness Studio"), "{hours}");
    for words in ["A haircut next Tuesday afternoon please", "1", "Ada Lovelace", "yes"] {
        let said = said(&[words, "--from", ADA]);
        if said.contains("confirmation") {
            assert!(said.contains("You are booked"), "{said}");
            break;
        }
        assert_ne!(words, "yes", "{said}");
    }
    let stop = said(&["please stop texting me", "--from", ADA]);
    assert!(stop.contains("opt_out_confirmation") && stop.contains("no more texts"), "{stop}");
    assert!(said(&["Hello?", "--from", ADA]).contains("nothing comes back"));
    let nobody = text(&["Hello", "--clinic", "nowhere"]);
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("There is no clinic called nowhere."));
}
