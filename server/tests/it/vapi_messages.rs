//! Everything else Vapi tells a clinic.

use serde_json::{Value, json};
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::support::{TestServer, with};
use crate::vapi::{SECRET, ada_at, envelope, tell, webhook, with_vapi};

async fn rows(server: &TestServer, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(&server.pool).await.unwrap()
}

fn report(call: &str) -> Value {
    json!({
        "type": "end-of-call-report", "call": { "id": call }, "endedReason": "customer-ended-call",
        "endedAt": "2026-11-20T15:04:00.000Z", "analysis": { "summary": "Booked a haircut." }, "cost": 0.1,
        "artifact": {
            "recordingUrl": "https://storage.example/recording.wav",
            "messages": [
                { "role": "system", "message": "You are a receptionist.", "time": 1_795_186_800_000_u64 },
                { "role": "bot", "message": "Hello. How can I help?", "time": 1_795_186_801_000_u64 },
                { "role": "user", "message": "A haircut on Tuesday.", "time": 1_795_186_804_000_u64 },
                { "role": "tool_calls", "toolCalls": [], "time": 1_795_186_805_000_u64 },
                { "role": "bot", "message": "Done.", "time": 1_795_186_809_000_u64 },
            ],
        },
    })
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_calls_transcript_becomes_its_conversation_once(pool: PgPool) {
    let server = with_vapi(pool).await;
    tell(&server, envelope("c1", "t1", "bookClinicAppointment", &ada_at("2026-12-01", "15:00"))).await;
    for _ in 0..2 {
        assert_eq!(tell(&server, report("c1")).await.status, 200);
    }
    let (one, other) = tokio::join!(tell(&server, report("c2")), tell(&server, report("c2")));
    assert_eq!((one.status, other.status), (200, 200));
    let said = rows(
        &server,
        "select concat_ws('|', v.call_id, c.channel, m.role, m.text) from messages m
         join conversations c using (clinic_id, conversation_id) join voice_calls v using (clinic_id, conversation_id)
         order by v.call_id, m.message_id",
    )
    .await;
    let lines = ["receptionist|Hello. How can I help?", "patient|A haircut on Tuesday.", "receptionist|Done."];
    let both: Vec<String> =
        ["c1", "c2"].iter().flat_map(|call| lines.map(|line| format!("{call}|voice|{line}"))).collect();
    assert_eq!(said, both);
    // The visit and the words belong together.
    let together = rows(
        &server,
        "select a.status from appointments a join voice_calls v using (clinic_id, conversation_id) where v.call_id = 'c1'",
    );
    assert_eq!(together.await, ["booked"]);
    let kept: Vec<String> = rows(&server, "select text from messages").await;
    assert!(kept.iter().all(|text| !text.contains("storage.example")));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn news_of_a_call_may_come_in_any_order(pool: PgPool) {
    let server = with_vapi(pool).await;
    let status = |status: &str| json!({ "type": "status-update", "call": { "id": "c1" }, "status": status });
    assert_eq!(tell(&server, report("c1")).await.status, 200);
    for late in ["ringing", "in-progress", "ended", "not-found", "something-new"] {
        assert_eq!(tell(&server, status(late)).await.status, 200);
    }
    let standing =
        rows(&server, "select concat_ws(' ', status, ended_reason, ended_at at time zone 'UTC') from voice_calls");
    assert_eq!(standing.await, ["ended customer-ended-call 2026-11-20 15:04:00"]);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_not_known_is_taken_and_does_nothing(pool: PgPool) {
    let server = with_vapi(pool).await;
    for message in [
        json!({ "type": "hang" }),
        json!({ "type": "speech-update", "call": { "id": "c1" }, "role": "user" }),
        json!({ "type": "conversation-update", "messages": [{ "role": "user", "message": "Hi" }] }),
        json!({ "type": "model-output", "output": 7 }),
        json!({ "type": "something-of-next-year", "call": 7 }),
        json!({ "type": 7 }),
        json!({ "type": "status-update" }),
        json!({ "type": "status-update", "call": {}, "status": ["odd"] }),
        json!({ "type": "end-of-call-report" }),
        json!({ "type": "end-of-call-report", "artifact": { "messages": "odd" } }),
    ] {
        let answer = tell(&server, message.clone()).await;
        assert_eq!((answer.status, &answer.json), (200, &json!({})), "{message}: {}", answer.text);
    }
    assert_eq!(tell(&server, json!({ "type": "tool-calls" })).await.json, json!({ "results": [] }));
    assert_eq!((server.count("messages").await, server.count("voice_calls").await), (0, 0));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn an_assistant_knows_the_clinic_and_its_tools_and_no_patient(pool: PgPool) {
    let server = with_vapi(pool).await;
    tell(&server, envelope("c1", "t1", "bookClinicAppointment", &ada_at("2026-12-01", "15:00"))).await;
    let began = std::time::Instant::now();
    let asked =
        json!({ "type": "assistant-request", "call": { "id": "c2", "customer": { "number": "+15551234567" } } });
    let answer = tell(&server, asked).await;
    assert!(began.elapsed().as_secs() < 6);
    let assistant = &answer.json["assistant"];
    assert!(assistant["firstMessage"].as_str().unwrap().contains("automated"), "{}", answer.text);
    let tools: Vec<_> = assistant["model"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        tools,
        [
            "bookClinicAppointment",
            "checkAvailability",
            "holdSlot",
            "lookupAppointment",
            "rescheduleAppointment",
            "cancelAppointment",
            "createInquiry"
        ]
    );
    let prompt = assistant["model"]["messages"][0]["content"].as_str().unwrap();
    for fact in
        ["Bloom Wellness Studio", "Haircut (45 minutes)", "Mia Lin", "2026-11-20", "America/New_York", "automated"]
    {
        assert!(prompt.contains(fact), "{fact} in {prompt}");
    }
    for private in ["Ada", "5551234567", "555 123 4567"] {
        assert!(!answer.text.contains(private), "{private}");
    }
    assert!(assistant["name"].as_str().unwrap().chars().count() <= 40);

    server.run("update clinics set languages = '{es}'").await;
    let spanish = tell(&server, json!({ "type": "assistant-request" })).await;
    assert_eq!(spanish.json["assistant"]["transcriber"]["language"], "es");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_call_that_needs_a_person_goes_to_the_clinics_number(pool: PgPool) {
    let server = with_vapi(pool).await;
    let request = || json!({ "type": "transfer-destination-request", "call": { "id": "c1" } });
    let phone: String = rows(&server, "select phone from clinics").await.swap_remove(0);
    assert_eq!(tell(&server, request()).await.json, json!({ "destination": { "type": "number", "number": phone } }));
    server.run("update clinics set phone = null").await;
    assert!(tell(&server, request()).await.json["error"].as_str().unwrap().starts_with("Nobody can take the call"));
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn the_report_of_a_long_call_is_taken(pool: PgPool) {
    let server = with_vapi(pool).await;
    let lines: Vec<Value> = (0..3_000)
        .map(|place| json!({ "role": if place % 2 == 0 { "user" } else { "bot" }, "message": "word ".repeat(60) }))
        .collect();
    let long = json!({ "type": "end-of-call-report", "call": { "id": "c1" }, "artifact": { "messages": lines } });
    let request = crate::support::ask_with(http::Method::POST, &webhook(BLOOM), json!({ "message": long }));
    assert_eq!(server.send(with(request, "x-vapi-secret", SECRET)).await.status, 200);
    assert_eq!(server.count("messages").await, 2_000);
}

/// What `end2end/vapi.ts` holds Vapi's own types against.
pub fn typed(name: &str) -> Value {
    let file = include_str!("../../../end2end/vapi.ts");
    let from = file.split_once(&format!("export const {name} = ")).map_or("", |(_, rest)| rest);
    serde_json::from_str(from.split(" satisfies").next().unwrap_or_default()).unwrap_or_default()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_vapis_types_are_held_against_is_what_is_answered(pool: PgPool) {
    let server = with_vapi(pool).await;
    server.run("update clinics set phone = '+15551230100'").await;
    let check = json!({ "serviceType": "haircut", "appointmentDate": "2026-12-01" });
    let mut called = envelope("c1", "tc_1", "checkAvailability", &check);
    called["toolCallList"].as_array_mut().unwrap().push(json!({ "id": "tc_2", "name": "orderPizza" }));
    let assistant = async || {
        let mut answer = tell(&server, json!({ "type": "assistant-request" })).await.json;
        answer["assistant"]["model"]["messages"][0]["content"] = "…".into();
        answer
    };
    let destination = async || tell(&server, json!({ "type": "transfer-destination-request" })).await.json;
    assert_eq!(typed("toolCalls"), tell(&server, called).await.json);
    assert_eq!(typed("knowledge"), tell(&server, json!({ "type": "knowledge-base-request" })).await.json);
    assert_eq!(typed("destination"), destination().await);
    assert_eq!(typed("assistant"), assistant().await);
    server.run("update clinics set languages = '{es}', phone = null").await;
    assert_eq!(typed("nobody"), destination().await);
    let mut spanish = assistant().await;
    spanish["assistant"]["model"]["tools"] = json!([]);
    assert_eq!(typed("spanishAssistant"), spanish);
}
