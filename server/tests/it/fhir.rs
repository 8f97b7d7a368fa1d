//! Another system looks into a clinic's book: how it asks, and how it is
//! refused.

use axum::body::Body;
use domain::id::ClinicId;
use http::{Method, Request};
use serde_json::{Value, json};
use services::demo::BLOOM;
use sqlx::PgPool;

use crate::fhir_rules::assert_r4;
use crate::support::{ADMIN_KEY, Answer, TestServer, ask, generous, with};

pub const MEDIA_TYPE: &str = "application/fhir+json; charset=utf-8";

/// Another system, with the platform's key, at one clinic.
pub struct Looker<'a> {
    pub server: &'a TestServer,
    clinic: ClinicId,
}

impl<'a> Looker<'a> {
    pub fn new(server: &'a TestServer) -> Self {
        Self::at(server, BLOOM)
    }

    pub fn at(server: &'a TestServer, clinic: ClinicId) -> Self {
        Self { server, clinic }
    }

    pub fn path(&self, path: &str) -> String {
        format!("/fhir/r4/{}/{path}", self.clinic)
    }

    pub fn asking(&self, method: Method, path: &str) -> Request<Body> {
        with(ask(method, &self.path(path)), "x-admin-key", ADMIN_KEY)
    }

    pub async fn ask(&self, path: &str) -> Answer {
        let answer = self.server.send(self.asking(Method::GET, path)).await;
        assert_eq!(answer.header("content-type"), MEDIA_TYPE, "{}", answer.text);
        assert_r4(&answer.json);
        answer
    }

    /// A resource that is there.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.ask(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.json
    }

    pub async fn refused(&self, path: &str, status: u16, code: &str) -> Answer {
        let answer = self.ask(path).await;
        answer.assert_outcome(status, code);
        answer
    }

    /// What a search finds on its first page.
    pub async fn found(&self, path: &str) -> Vec<Value> {
        entries(&self.get(path).await)
    }

    /// What a search finds on all its pages, and how many they are.
    pub async fn found_on_all_pages(&self, path: &str) -> (Vec<Value>, usize) {
        let mut bundle = self.get(path).await;
        let (mut all, mut pages) = (entries(&bundle), 1);
        while let Some(next) = link(&bundle, "next") {
            bundle = self.get(next.strip_prefix(&self.address("")).unwrap()).await;
            all.extend(entries(&bundle));
            pages += 1;
        }
        (all, pages)
    }

    /// As the outside world finds it.
    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:3000{}", self.path(path))
    }

    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let mut request = with(self.asking(Method::POST, path), "content-type", content_type);
        *request.body_mut() = body.into();
        let answer = self.server.send(request).await;
        assert_r4(&answer.json);
        answer
    }
}

impl Answer {
    /// Every refusal of `/fhir` looks like this.
    #[track_caller]
    pub fn assert_outcome(&self, status: u16, code: &str) {
        assert_eq!(self.header("content-type"), MEDIA_TYPE, "{}", self.text);
        assert_r4(&self.json);
        let issue = &self.json["issue"][0];
        assert_eq!((self.status, issue["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(issue["severity"], "error");
        assert!(!self.header("x-request-id").is_empty());
    }
}

pub fn entries(bundle: &Value) -> Vec<Value> {
    let entries = bundle["entry"].as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().map(|entry| entry["resource"].clone()).collect()
}

pub fn link<'a>(bundle: &'a Value, relation: &str) -> Option<&'a str> {
    bundle["link"].as_array().unwrap().iter().find(|link| link["relation"] == relation)?["url"].as_str()
}

/// What stands at `field` in each.
pub fn each<'a>(resources: &'a [Value], field: &str) -> Vec<&'a str> {
    resources.iter().map(|resource| resource[field].as_str().unwrap_or_default()).collect()
}

/// The id of the one row of a table with this name.
pub async fn id_of(server: &TestServer, table: &str, name: &str) -> String {
    let key = table.trim_end_matches('s');
    let query = sqlx::AssertSqlSafe(format!("select {key}_id::text from {table} where name = $1"));
    sqlx::query_scalar(query).bind(name).fetch_one(&server.pool).await.unwrap()
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_can_be_asked_is_said_and_so(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let statement = desk.get("metadata").await;
    assert_eq!(statement["implementation"]["url"], desk.address("").trim_end_matches('/'));

    for resource in statement["rest"][0]["resource"].as_array().unwrap() {
        let kind = resource["type"].as_str().unwrap();
        for param in resource["searchParam"].as_array().into_iter().flatten() {
            let (name, of) = (param["name"].as_str().unwrap(), param["type"].as_str().unwrap());
            let value = match (name, of) {
                ("active", _) => "true",
                ("status", _) if kind == "Slot" => "free",
                ("status", _) if kind == "Location" => "active",
                ("status", _) => "booked",
                (_, "date") => "2026-11-24",
                _ => "00000000-0000-4000-a000-000000000009",
            };
            let with = if kind == "Slot" { "service-type=haircut&_count=1&" } else { "" };
            desk.get(&format!("{kind}?{with}{name}={value}")).await;
        }
    }
    let operation = &statement["rest"][0]["resource"][0]["operation"][0];
    let definition = operation["definition"].as_str().unwrap().strip_prefix(&desk.address("")).unwrap();
    assert_eq!(desk.get(definition).await["code"], operation["name"]);
    desk.refused("OperationDefinition/other", 404, "not-found").await;
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn answers_are_json_for_whoever_takes_json(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    for accept in [
        "application/fhir+json",
        "application/json",
        "application/fhir+json; fhirVersion=4.0",
        "application/fhir+xml;q=1.0, application/fhir+json;q=0.9",
        "text/html,application/xhtml+xml,*/*;q=0.8",
    ] {
        let answer = server.send(with(desk.asking(Method::GET, "Practitioner"), "accept", accept)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, MEDIA_TYPE), "{accept}");
    }
    for accept in ["application/fhir+xml", "text/html", "application/xml, text/turtle"] {
        let answer = server.send(with(desk.asking(Method::GET, "Practitioner"), "accept", accept)).await;
        answer.assert_outcome(406, "not-supported");
    }
    for format in ["json", "application/json", "application/fhir%2Bjson"] {
        let asked = desk.asking(Method::GET, &format!("Practitioner?_format={format}&_pretty=true"));
        assert_eq!(server.send(with(asked, "accept", "application/fhir+xml")).await.status, 200, "{format}");
    }
    desk.refused("Practitioner?_format=xml", 406, "not-supported").await;
    desk.refused("Practitioner?_format=ttl", 406, "not-supported").await;
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_is_not_there_is_an_outcome(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    for path in ["Observation", "Observation/1", "Patient", "Appointment/$book", "$export", "", "Slot/a/b"] {
        let answer = server.send(desk.asking(Method::GET, path)).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        assert_eq!(answer.json["resourceType"], "OperationOutcome", "{path}");
    }
    for path in ["/fhir/r5/x/metadata", "/fhir/r4", "/fhir/r4/not-an-id/metadata"] {
        let answer = server.send(with(ask(Method::GET, path), "x-admin-key", ADMIN_KEY)).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        assert_eq!(answer.json["resourceType"], "OperationOutcome", "{path}");
    }
    for kind in ["Appointment", "Slot", "Schedule", "Practitioner", "HealthcareService", "Location", "Patient"] {
        for id in ["1", "not-an-id", "00000000-0000-4000-a000-000000000009", "%ff", "%00", &"x".repeat(200)] {
            desk.refused(&format!("{kind}/{id}"), 404, "not-found").await;
        }
    }
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn nothing_can_be_changed(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let visit = server.session().await.book().await;
    let visit = format!("Appointment/{}", visit["id"].as_str().unwrap());
    for (method, path) in [
        (Method::POST, "Appointment"),
        (Method::PUT, visit.as_str()),
        (Method::PATCH, visit.as_str()),
        (Method::DELETE, visit.as_str()),
        (Method::POST, "Slot"),
        (Method::PUT, "metadata"),
        (Method::DELETE, "Appointment"),
        (Method::PUT, "Appointment/$find"),
    ] {
        let answer = server.send(desk.asking(method.clone(), path)).await;
        answer.assert_outcome(405, "not-supported");
        assert!(answer.header("allow").contains("GET"), "{method} {path}: {:?}", answer.headers);
    }
    assert_eq!(desk.get(&visit).await["status"], "booked");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_parameter_that_is_not_known_is_named_unless_it_is_to_be_ignored(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    for (path, name) in [
        ("Practitioner?family=Lin", "family"),
        ("Appointment?specialty=1", "specialty"),
        ("Appointment?patient.name=Ada", "patient.name"),
        ("Appointment?_include=Appointment:patient", "_include"),
        ("Appointment?_sort=date", "_sort"),
        ("Slot?service-type=haircut&foo=bar", "foo"),
        ("Schedule?foo=bar", "foo"),
        ("Location?near=1", "near"),
        ("HealthcareService?coverage-area=1", "coverage-area"),
        ("Patient/00000000-0000-4000-a000-000000000009?_elements=name", "_elements"),
        ("Appointment/$find?start=2026-11-24&end=2026-11-24&service-type=haircut&specialty=1", "specialty"),
        ("metadata?mode=terminology", "mode"),
    ] {
        let answer = desk.refused(path, 400, "not-supported").await;
        assert!(answer.json["issue"][0]["details"]["text"].as_str().unwrap().contains(name), "{}", answer.text);
        assert_eq!(answer.json["issue"][0]["location"][0], format!("http.{name}"));

        if !path.starts_with("Patient") {
            let lenient = with(desk.asking(Method::GET, path), "prefer", "respond-async, handling=lenient");
            let answer = server.send(lenient).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert_r4(&answer.json);
            assert!(!answer.text.contains(&format!("{name}=")), "the answer's own link says what was asked");
        }
    }
    let nonsense = desk.refused("Appointment?%3Cscript%3E=1", 400, "not-supported").await;
    assert!(!nonsense.text.contains("script"), "{}", nonsense.text);
    let modifier = with(desk.asking(Method::GET, "Appointment?status:not=booked"), "prefer", "handling=lenient");
    server.send(modifier).await.assert_outcome(400, "not-supported");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_value_that_cannot_be_meant_is_refused_and_not_said_back(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    for path in [
        "Appointment?_id=ada@example.com",
        "Appointment?date=ada@example.com",
        "Appointment?date=2026-11-31",
        "Appointment?status=ada@example.com",
        "Appointment?patient=Practitioner/00000000-0000-4000-a000-000000000009",
        "Appointment?practitioner=ada@example.com",
        "Appointment?_count=0",
        "Appointment?_count=-1",
        "Appointment?_count=many",
        "Appointment?_count=1&_count=2",
        "Appointment?_cursor=ada@example.com",
        "Appointment?_cursor=0~ada@example.com",
        "Practitioner?active=maybe",
        "Location?status=broken",
        "Schedule?date=soon",
        "Slot?service-type=haircut&status=vacant",
        "Slot?service-type=haircut&start=9.30",
        "Slot?schedule=Practitioner/00000000-0000-4000-a000-000000000009",
    ] {
        let answer = desk.refused(path, 400, "value").await;
        assert!(!answer.text.contains("ada@"), "{}", answer.text);
    }
    desk.refused("Appointment?date=ne2026-11-24", 400, "not-supported").await;
    desk.refused("Appointment?date=ap2026-11-24", 400, "not-supported").await;
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn what_no_person_types_finds_nothing_and_breaks_nothing(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    for path in [
        "Appointment?identifier=%00",
        "Appointment?identifier=x%7Cy%7Cz",
        "Appointment?_id=urn.uuid.x",
        "Appointment?patient=Patient/1",
        "Appointment?patient=https://elsewhere.example/fhir/Patient/00000000-0000-4000-a000-000000000009",
        "Appointment?service-type=%00",
        "Appointment?date=9999",
        "Appointment?date=lt0001-01-01",
        "Appointment?_cursor=253402300799999999~00000000-0000-4000-a000-000000000009",
        "Slot?service-type=haircut&start=9999-12-31",
        "Slot?service-type=haircut&start=0001-01-01",
        "Slot?service-type=tattoo",
        "Schedule?date=9999-12-31",
        "Practitioner?name=%00%F0%9F%99%82",
        "Practitioner?name=%5C",
        "Practitioner?name=%ff",
    ] {
        assert_eq!(desk.found(path).await, Vec::<Value>::new(), "{path}");
    }
    assert_eq!(desk.found("Practitioner?name=").await.len(), 3, "what has no value asks for nothing");
    assert_eq!(desk.found("Practitioner?").await.len(), 3);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_search_may_be_posted_to_keep_it_out_of_logs(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let form = "application/x-www-form-urlencoded";
    for kind in ["Appointment", "Schedule", "Practitioner", "HealthcareService", "Location"] {
        let posted = desk.post(&format!("{kind}/_search"), form, "_count=2").await;
        assert_eq!(posted.json, desk.get(&format!("{kind}?_count=2")).await, "{kind}");
    }
    let posted = desk.post("Slot/_search?service-type=haircut", form, "start=2026-11-24&_count=3").await;
    assert_eq!(posted.json, desk.get("Slot?service-type=haircut&start=2026-11-24&_count=3").await);
    let named = desk.post("Practitioner/_search", form, "name=mia%20l").await;
    assert_eq!(entries(&named.json).len(), 1);

    desk.post("Appointment/_search", "application/json", "{}").await.assert_outcome(415, "not-supported");
    let large = format!("identifier={}", "A".repeat(300 * 1024));
    desk.post("Appointment/_search", form, large).await.assert_outcome(413, "too-long");
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn too_many_questions_are_told_to_wait(pool: PgPool) {
    let server = TestServer::with(pool, server::config::Config { rate_key_requests_per_minute: 2, ..generous() }).await;
    let desk = Looker::new(&server);
    desk.get("metadata").await;
    desk.get("metadata").await;
    let refused = desk.refused("metadata", 429, "throttled").await;
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn systems_are_limited_too(pool: PgPool) {
    let server = TestServer::with(pool, server::config::Config { rate_key_requests_per_minute: 1, ..generous() }).await;
    let desk = Looker::new(&server);
    desk.get("metadata").await;
    let refused = desk.refused("metadata", 429, "throttled").await;
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn a_database_that_is_away_is_a_passing_fault(pool: PgPool) {
    let server = TestServer::new(pool).await;
    server.services.db.close().await;
    Looker::new(&server).refused("Appointment", 503, "transient").await;
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn who_what_and_where_can_be_read_and_found(pool: PgPool) {
    let server = TestServer::new(pool).await;
    furnish(&server).await;
    let desk = Looker::new(&server);
    let mia = desk.found("Practitioner?name=mia").await;
    assert_eq!(mia[0]["name"], json!([{ "text": "Mia Lin" }]));
    let id = mia[0]["id"].as_str().unwrap();
    assert_eq!(desk.get(&format!("Practitioner/{id}")).await, mia[0]);
    assert_eq!(desk.found(&format!("Practitioner?_id={id},nobody")).await, mia);
    assert_eq!(desk.found("Practitioner?active=false").await, Vec::<Value>::new());

    let haircut = desk.found("HealthcareService?service-type=haircut").await;
    assert_eq!(haircut.len(), 1);
    assert_eq!((&haircut[0]["name"], &haircut[0]["active"]), (&json!("Haircut"), &json!(true)));
    assert_eq!(haircut[0]["type"][0]["coding"][0]["code"], haircut[0]["id"]);
    let id = haircut[0]["id"].as_str().unwrap();
    assert_eq!(desk.found(&format!("HealthcareService?service-type={id}")).await, haircut);
    let slugs = desk.address("NamingSystem/appointment-type-slug");
    assert_eq!(desk.found(&format!("HealthcareService?identifier={slugs}%7Chaircut")).await, haircut);
    assert_eq!(desk.found("HealthcareService?name=tissue").await.len(), 1);

    let rooms = desk.found("Location?name=blue").await;
    assert_eq!(rooms.len(), 1, "a machine is not a place");
    let site = rooms[0]["partOf"]["reference"].as_str().unwrap();
    assert_eq!(desk.get(site).await["address"]["text"], "1 Main Street");
    assert_eq!(desk.found(&format!("Location?partof={site}")).await, rooms);
    assert_eq!(desk.found("Location").await.len(), 2);
    assert_eq!(desk.found("Location?status=inactive").await, Vec::<Value>::new());
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn long_lists_of_few_things_come_in_pages_too(pool: PgPool) {
    let server = TestServer::new(pool).await;
    let desk = Looker::new(&server);
    let first = desk.get("HealthcareService?_count=3").await;
    assert_eq!((entries(&first).len(), &first["total"]), (3, &json!(4)));
    let (all, pages) = desk.found_on_all_pages("HealthcareService?_count=3").await;
    assert_eq!((all.len(), pages), (4, 2));
    let mut ids = each(&all, "id");
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[sqlx::test(migrator = "services::MIGRATOR")]
async fn another_clinics_resources_do_not_exist(pool: PgPool) {
    let server = TestServer::new(pool.clone()).await;
    furnish(&server).await;
    let visit = server.session().await.book().await;
    let cedar = services::testing::World::new(pool).await;
    cedar.appointment_type("checkup", 30).await;
    cedar.practitioner().await;
    let (ours, theirs) = (Looker::new(&server), Looker::at(&server, cedar.clinic));

    let mut paths = vec![
        format!("Appointment/{}", visit["id"].as_str().unwrap()),
        format!("Patient/{}", visit["patient"]["id"].as_str().unwrap()),
    ];
    for kind in ["Practitioner", "Schedule", "HealthcareService", "Location"] {
        paths.extend(ours.found(kind).await.iter().map(|one| format!("{kind}/{}", one["id"].as_str().unwrap())));
    }
    let slots = ours.found("Slot?service-type=haircut&_count=1").await;
    paths.push(format!("Slot/{}", slots[0]["id"].as_str().unwrap()));
    let mia = id_of(&server, "practitioners", "Mia Lin").await;
    let taken = ours.found(&format!("Slot?schedule={mia}&status=busy&start=2026-11-24")).await;
    paths.push(format!("Slot/{}", taken[0]["id"].as_str().unwrap()));
    assert!(paths.len() > 10);
    for path in &paths {
        ours.get(path).await;
        theirs.refused(path, 404, "not-found").await;
    }

    let patient = visit["patient"]["id"].as_str().unwrap();
    let code = visit["confirmation_code"].as_str().unwrap();
    for search in [
        "Appointment".to_owned(),
        format!("Appointment?patient={patient}"),
        format!("Appointment?identifier={code}"),
        format!("Schedule?actor={mia}"),
        format!("Slot?schedule={mia}&start=2026-11-24"),
        "Slot?service-type=haircut&start=2026-11-24".to_owned(),
        "HealthcareService?service-type=haircut".to_owned(),
        "Location".to_owned(),
    ] {
        assert_eq!(theirs.found(&search).await, Vec::<Value>::new(), "{search}");
        assert!(!ours.found(&search).await.is_empty(), "{search}");
    }
    let find = format!("Appointment/$find?start=2026-11-24&end=2026-11-24&practitioner={mia}");
    theirs.refused(&format!("{find}&service-type=checkup"), 404, "not-found").await;
    theirs.refused(&format!("{find}&service-type=haircut"), 404, "not-found").await;
    assert!(!ours.found(&format!("{find}&service-type=haircut")).await.is_empty());
}

/// A location with a room and a machine in it.
pub async fn furnish(server: &TestServer) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!(
        "insert into locations (clinic_id, location_id, name, address)
         values ('{BLOOM}', '00000000-0000-7000-8000-0000000000a1', 'Main Street', '1 Main Street');
         insert into rooms (clinic_id, room_id, location_id, name, kind)
         values ('{BLOOM}', '00000000-0000-7000-8000-0000000000b1', '00000000-0000-7000-8000-0000000000a1', 'Blue room', 'room'),
                ('{BLOOM}', '00000000-0000-7000-8000-0000000000b2', '00000000-0000-7000-8000-0000000000a1', 'Blue laser', 'equipment');"
    )))
    .execute(&server.pool)
    .await
    .unwrap();
}
