//! How the receptionist is, set in the console or by key, and who may.

use http::Method;
use serde_json::json;
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::sign_in::sign_in;
use crate::support::{ADMIN_KEY, Answer, TestServer, ask_with, form, page, with};

const PAGE: &str = "/console/settings/receptionist";

/// The form as the page fills it in, but for what a test is about.
const USUAL: [(&str, &str); 8] = [
    ("what", "receptionist"),
    ("form[greeting]", "Hello from Bloom."),
    ("form[receptionist.model]", ""),
    ("form[receptionist.temperature]", ""),
    ("form[receptionist.tokens_per_conversation]", "200000"),
    ("form[receptionist.tokens_per_day]", "5000000"),
    ("form[receptionist.far_days]", "30"),
    ("form[receptionist.most_followups]", "2"),
];

async fn send(server: &TestServer, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    server.send(with(form("/fn/save_settings", fields), "cookie", cookie)).await
}

async fn save(server: &TestServer, cookie: &str, changed: &[(&str, &str)]) -> Answer {
    let mut fields: Vec<(&str, &str)> =
        USUAL.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name)).collect();
    fields.extend(changed);
    send(server, cookie, &fields).await
}

async fn look(server: &TestServer, cookie: &str) -> String {
    server.send(page(PAGE, cookie)).await.text
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_set_is_shown_and_counts(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let before = look(&server, &cookie).await;
    assert!(before.contains("No language model is set up on this server (OPENAI_API_KEY)"), "{before}");
    assert!(before.contains("Nothing has been published yet."), "{before}");

    let set = [
        ("form[greeting]", "Welcome to Bloom."),
        ("form[receptionist.model]", "gpt-4o-mini"),
        ("form[receptionist.temperature]", "0,4"),
        ("form[receptionist.far_days]", "3"),
        ("form[receptionist.prices.0.model]", "gpt-4o-mini"),
        ("form[receptionist.prices.0.prompt]", "0.15"),
        ("form[receptionist.prices.0.completion]", "0.60"),
    ];
    let saved = save(&server, &cookie, &set).await;
    assert_eq!(saved.status, 200, "{}", saved.text);
    let after = look(&server, &cookie).await;
    for shown in ["Welcome to Bloom.", "gpt-4o-mini", "0.4", "0.15", "0.60"] {
        assert!(after.contains(shown), "{shown}: {after}");
    }
    let prices: serde_json::Value =
        sqlx::query_scalar("select prices from receptionist_settings").fetch_one(&server.pool).await.unwrap();
    assert_eq!(prices, json!({ "gpt-4o-mini": { "prompt": 150, "completion": 600 } }));
    assert_eq!(server.get("/api/v1/config?clinic=bloom").await.json["greeting"], "Welcome to Bloom.");

    // The built-in receptionist goes by the days ahead as well.
    let far = server.session().await.say("I'd like a haircut on Monday 30 November at 2pm").await;
    assert_eq!(far.json["reply"]["cards"], json!([]), "{}", far.text);
    save(&server, &cookie, &[]).await;
    let near = server.session().await.say("I'd like a haircut on Monday 30 November at 2pm").await;
    assert_ne!(near.json["reply"]["cards"], json!([]), "{}", near.text);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_wrong_stands_at_its_field(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    for (field, value) in [
        ("greeting", ""),
        ("receptionist.model", "two words"),
        ("receptionist.temperature", "2.1"),
        ("receptionist.temperature", "warm"),
        ("receptionist.tokens_per_day", "-1"),
        ("receptionist.far_days", "731"),
        ("receptionist.most_followups", "3"),
        ("receptionist.prices.7.prompt", "dear"),
    ] {
        let name = format!("form[{field}]");
        let refused = save(&server, &cookie, &[(&name, value), ("form[receptionist.prices.7.model]", "gpt-4o")]).await;
        assert_eq!(refused.status, 422, "{field}: {}", refused.text);
        assert!(refused.text.contains(&format!("\"{field}\"")), "{field}: {}", refused.text);
    }
    for (field, value) in [
        ("receptionist.tone", "x".repeat(501)),
        ("receptionist.greeting_rules", "x".repeat(2_001)),
        ("receptionist.web_characters", "12".to_owned()),
        ("receptionist.sms_characters", "5000".to_owned()),
        ("receptionist.voice_sentences", "few".to_owned()),
    ] {
        let name = format!("form[{field}]");
        let refused = send(&server, &cookie, &[("what", "receptionist_publish"), (&name, &value)]).await;
        assert_eq!(refused.status, 422, "{field}: {}", refused.text);
        assert!(refused.text.contains(&format!("\"{field}\"")), "{field}: {}", refused.text);
    }
    assert_eq!(server.count("receptionist_versions").await, 0);
    let odd = save(&server, &cookie, &[("form[receptionist.prices.7.model]", "two words")]).await;
    assert!(odd.text.contains("\"receptionist.prices.7.model\""), "{}", odd.text);
    let greeting: String =
        sqlx::query_scalar("select greeting from clinics where slug = 'bloom'").fetch_one(&server.pool).await.unwrap();
    assert_ne!(greeting, "Hello from Bloom.", "nothing of a form that was refused is kept");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn rules_are_drafted_published_and_restored(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let draft = async |what: &str, text: &str| {
        send(&server, &cookie, &[("what", what), ("form[receptionist.draft]", text)]).await
    };
    assert_eq!(draft("receptionist_draft", "Offer mornings first.").await.status, 200);
    let drafted = look(&server, &cookie).await;
    assert!(drafted.contains("Offer mornings first.") && drafted.contains("Nothing is published."), "{drafted}");

    assert_eq!(draft("receptionist_publish", "Offer mornings first.").await.status, 200);
    assert_eq!(draft("receptionist_publish", "Offer <b>evenings</b> first.\nBe brief.").await.status, 200);
    let published = look(&server, &cookie).await;
    assert!(published.contains("Version 2 is published. The draft says the same."), "{published}");
    assert!(published.contains("Friday 20 November 2026, 10:00 AM, by "), "{published}");
    assert!(!published.contains("<b>evenings"), "{published}");
    let older = server.send(page(&format!("{PAGE}?item=1"), &cookie)).await;
    assert!(older.text.contains("Offer mornings first.") && older.text.contains("Published before"), "{}", older.text);
    assert_eq!(server.send(page(&format!("{PAGE}?item=9"), &cookie)).await.status, 404);

    // Without JavaScript the browser goes back to the page.
    let restore = form("/fn/save_settings", &[("what", "receptionist_restore"), ("form[version]", "1")]);
    let back = server.send(with(with(restore, "cookie", &cookie), "accept", "text/html")).await;
    assert_eq!((back.status, back.header("location")), (302, "/console/settings/receptionist?saved=yes"));
    assert!(
        look(&server, &cookie)
            .await
            .contains("Version 2 is published. The draft has another set of rules, which is not.")
    );

    let long = draft("receptionist_publish", &"x".repeat(8_001)).await;
    assert_eq!(long.status, 422, "{}", long.text);
    assert!(long.text.contains("receptionist.draft"), "{}", long.text);
    assert_eq!(server.count("receptionist_versions").await, 2);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_draft_holds_all_that_a_model_is_told_and_the_page_says_what_is_live(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let send_brief = async |what: &str, word: &str| {
        let (tone, greeting, rules) = (format!("{word} tone."), format!("{word} greeting."), format!("{word} rules."));
        let fields = [
            ("what", what),
            ("form[receptionist.tone]", &tone),
            ("form[receptionist.greeting_rules]", &greeting),
            ("form[receptionist.draft]", &rules),
            ("form[receptionist.web_characters]", "400"),
            ("form[receptionist.sms_characters]", "160"),
            ("form[receptionist.voice_sentences]", "1"),
        ];
        // Without JavaScript.
        let sent = form("/fn/save_settings", &fields);
        let back = server.send(with(with(sent, "cookie", &cookie), "accept", "text/html")).await;
        assert_eq!((back.status, back.header("location")), (302, "/console/settings/receptionist?saved=yes"));
    };
    // What patients meet, as the page says it.
    let live = |page: &str| {
        let begins = page.find("id=\"section-live\"").expect("what is live");
        page[begins..][..page[begins..].find("</section>").unwrap()].to_owned()
    };
    send_brief("receptionist_draft", "First").await;
    let drafted = look(&server, &cookie).await;
    assert!(drafted.contains("First tone.") && !live(&drafted).contains("First"), "{drafted}");
    send_brief("receptionist_publish", "First").await;
    send_brief("receptionist_draft", "Second").await;

    let shown = look(&server, &cookie).await;

    let lengths = "400 characters in the chat, 160 characters in a text, 1 sentence on the phone.";
    for part in
        ["Version 1, published Friday 20 November 2026", "First tone.", "First greeting.", "First rules.", lengths]
    {
        assert!(live(&shown).contains(part), "{part}: {shown}");
    }
    assert!(!live(&shown).contains("Second"), "{shown}");
    let differs = "Version 1 is published. The draft has another tone, way to greet and set of rules, which are not.";
    assert!(shown.contains(differs) && shown.contains("Second tone."), "{shown}");
    send_brief("receptionist_publish", "Second").await;
    let older = server.send(page(&format!("{PAGE}?item=1"), &cookie)).await.text;
    for part in ["Published before", "First tone.", "First greeting.", "First rules.", lengths, "Restore as draft"] {
        assert!(older.contains(part), "{part}: {older}");
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn only_who_manages_the_clinic_sets_it(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    for (role, may) in [("viewer", false), ("front_desk", false), ("manager", true), ("owner", true)] {
        sqlx::query("update members set role = $1").bind(role).execute(&server.pool).await.unwrap();
        for what in ["receptionist", "receptionist_draft", "receptionist_publish", "receptionist_restore"] {
            let answer = send(&server, &cookie, &[("what", what)]).await;
            assert_eq!(answer.status != 403, may, "{role} {what}: {} {}", answer.status, answer.text);
        }
        let page = server.send(page(PAGE, &cookie)).await;
        assert_eq!((page.status, page.text.contains("value=\"receptionist_publish\"")), (200, may), "{role}");
    }
    assert_eq!(send(&server, "", &USUAL).await.status, 401);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_program_sets_it_by_key(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let path = format!("/api/v1/clinics/{BLOOM}");
    let patch = async |body: serde_json::Value| {
        server
            .send(with(ask_with(Method::PATCH, &path, json!({ "receptionist": body })), "x-admin-key", ADMIN_KEY))
            .await
    };
    let set = patch(json!({
        "model": "gpt-4o-mini",
        "temperature": 0.5,
        "prices": { "gpt-4o-mini": { "prompt": 150, "completion": 600 } },
        "tone": "Warm.",
        "draft": "Offer mornings first.",
        "publish": true,
    }))
    .await;
    assert_eq!(set.status, 200, "{}", set.text);
    let receptionist = &set.json["receptionist"];
    assert_eq!(
        (&receptionist["model"], &receptionist["version"], &receptionist["rules"]),
        (&json!("gpt-4o-mini"), &json!(1), &json!("Offer mornings first.")),
        "{}",
        set.text
    );
    assert_eq!(receptionist["published"]["tone"], "Warm.", "{}", set.text);
    let drafted = patch(json!({ "tone": "Brief." })).await;
    assert_eq!(
        (&drafted.json["receptionist"]["tone"], &drafted.json["receptionist"]["published"]["tone"]),
        (&json!("Brief."), &json!("Warm.")),
        "{}",
        drafted.text
    );
    patch(json!({ "tone": "Warm." })).await;
    let again = patch(json!({ "model": null, "publish": true })).await;
    assert_eq!(
        (&again.json["receptionist"]["model"], &again.json["receptionist"]["version"]),
        (&json!(null), &json!(1)),
        "{}",
        again.text
    );
    let refused =
        patch(json!({ "temperature": 3, "far_days": 0, "prices": { "": { "prompt": 1, "completion": 1 } } })).await;
    refused.assert_problem(422, "invalid");
    assert_eq!(
        refused.wrong_fields(),
        ["receptionist.temperature", "receptionist.far_days", "receptionist.prices."],
        "{}",
        refused.text
    );
    patch(json!({ "nonsense": 1 })).await.assert_problem(422, "invalid");
    let cookie = sign_in(&server).await;
    assert!(look(&server, &cookie).await.contains(", by a program"));
}

/// Writes on trial, and what the page shows then.
async fn try_out(server: &TestServer, cookie: &str, message: &str) -> String {
    let tried = form("/fn/try_receptionist", &[("message", message)]);
    // Without JavaScript.
    let back = server.send(with(with(tried, "cookie", cookie), "accept", "text/html")).await;
    assert_eq!((back.status, back.header("location")), (302, "/console/settings/receptionist/try"), "{}", back.text);
    server.send(page("/console/settings/receptionist/try", cookie)).await.text
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_draft_is_tried_without_a_trace(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let cookie = sign_in(&server).await;
    let first = try_out(&server, &cookie, "I'd like to book a haircut for next Tuesday at 2pm").await;
    assert!(first.contains("This is a trial.") && first.contains("Tuesday 24 November at 2:00 PM is free"), "{first}");
    assert!(first.contains("Tue 24 Nov, 2:00 PM with Mia Lin"), "times on offer can be pressed: {first}");
    let held = try_out(&server, &cookie, "Tue 24 Nov, 2:00 PM with Mia Lin").await;
    assert!(held.contains("I am holding Tuesday 24 November at 2:00 PM"), "{held}");
    let booked = try_out(&server, &cookie, "Ada <b>Lovelace</b>, ada@example.com, +1 555 123 4567").await;
    assert!(booked.contains("Your confirmation code is") && !booked.contains("<b>Lovelace"), "{booked}");
    for table in ["conversations", "messages", "holds", "appointments", "patients", "events", "tool_calls", "outbox"] {
        assert_eq!(server.count(table).await, 0, "{table}");
    }

    let again = server.send(with(form("/fn/restart_trial", &[]), "cookie", &cookie)).await;
    assert!(again.status < 400, "{}", again.text);
    let empty = server.send(page("/console/settings/receptionist/try", &cookie)).await.text;
    assert!(!empty.contains("2:00 PM"), "{empty}");
    let over = try_out(&server, &cookie, "I have crushing chest pain").await;
    assert!(over.contains("911") && over.contains("Staff would have been alarmed"), "{over}");
    let refused = server.send(with(form("/fn/try_receptionist", &[("message", "hello")]), "cookie", &cookie)).await;
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert_eq!(server.count("tasks").await, 0);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_trial_is_for_whoever_may_change_the_rules_and_their_own(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let (cookie, other) = (sign_in(&server).await, sign_in(&server).await);
    try_out(&server, &cookie, "What are your opening hours?").await;
    let others = server.send(page("/console/settings/receptionist/try", &other)).await.text;
    assert!(!others.contains("opening hours?"), "{others}");
    sqlx::query("update members set role = 'front_desk'").execute(&server.pool).await.unwrap();
    for path in ["/fn/try_receptionist", "/fn/restart_trial", "/fn/trial_view"] {
        let refused = server.send(with(form(path, &[("message", "hello")]), "cookie", &cookie)).await;
        assert_eq!(refused.status, 403, "{path}: {}", refused.text);
    }
}
