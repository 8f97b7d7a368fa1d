//! A scenario's clinic, as it is before anyone writes.

use std::collections::BTreeMap;
use std::path::Path;

use domain::id::{ClinicId, PractitionerId};
use http::Method;
use serde_json::{Value, json};
use services::demo::BLOOM;
use sqlx::{AssertSqlSafe, PgPool};

use super::Set;
use super::patients::Patient;
use super::written::{Place, Scenario, Step, Visit};
use crate::support::{ADMIN_KEY, Answer, Session, TestServer, ask_with, with};

pub struct Desk<'s> {
    pub server: TestServer,
    /// Connections of the test's own.
    pub pool: PgPool,
    pub clinic: ClinicId,
    pub scenario: &'s Scenario,
    /// What stands for `{ada}` and the like.
    pub names: BTreeMap<String, String>,
    pub patients: BTreeMap<String, Patient>,
    /// Everything that was said, for whoever reads what went wrong.
    pub said: Vec<String>,
    /// The number that the clinic is texted on.
    pub number: String,
}

/// What of the demonstration's clinic every scenario begins with.
const COPIED: [&str; 4] = ["opening_hours", "practitioners", "appointment_types", "offers"];

/// The codes of the visits there are, so that they read alike every time.
const CODES: [&str; 4] = ["K7QX2M9D", "4TRW8ZC5", "9HPB3NVE", "R5JS6Y2A"];

impl<'s> Desk<'s> {
    /// Opens the clinic, and has the language model do what the scenario says.
    pub async fn open(set: &Set<'_>, number: usize, scenario: &'s Scenario) -> Self {
        let clinic = copy_of_bloom(&set.own, number).await;
        let mut desk = Self {
            server: TestServer::beside(set.pool.clone(), set.config.clone(), &scenario.now).await,
            pool: set.own.clone(),
            clinic,
            scenario,
            names: BTreeMap::new(),
            patients: BTreeMap::new(),
            said: Vec::new(),
            number: format!("+1555010{number:04}"),
        };
        let set_up = &scenario.clinic;
        desk.set(json!({ "receptionist": { "model": format!("scenario-{number}") } })).await;
        if let Some(settings) = &set_up.settings {
            desk.set(settings.clone()).await;
        }
        for day in &set_up.closed {
            desk.run("insert into date_exceptions (clinic_id, date_exception_id, on_date) values ($1, gen_random_uuid(), $2::date)", Some(day)).await;
        }
        for statement in &set_up.sql {
            desk.run(statement, None).await;
        }
        for visit in &scenario.visits {
            desk.book(visit).await;
        }
        for place in &scenario.held {
            desk.hold(place).await;
        }
        for phone in &scenario.opted_out {
            let opted_out = "insert into opt_outs (clinic_id, opt_out_id, channel, address, via, created_at)
                             values ($1, gen_random_uuid(), 'sms', $2, 'keyword', now())";
            desk.run(opted_out, Some(phone)).await;
        }
        if scenario.texts_from.is_some() {
            desk.connect_telephone().await;
        }
        desk.write_script(set.scripts, number);
        desk
    }

    /// What the language model is to do, turn by turn.
    fn write_script(&self, scripts: &Path, number: usize) {
        let mut turns = Vec::new();
        for turn in &self.scenario.turns {
            let steps: Vec<Value> = turn.model.iter().map(Step::scripted).collect();
            let alone = turn.patient.iter().map(|words| (&turn.by, words));
            let together = turn.at_once.iter().map(|said| (&said.by, &said.patient));
            turns.extend(alone.chain(together).map(|(by, words)| json!({ "by": by, "words": words, "steps": steps })));
        }
        let script = self.filled(&json!(turns).to_string());
        std::fs::write(scripts.join(format!("scenario-{number}.json")), script).unwrap();
    }

    /// A text with the names in it filled in.
    pub fn filled(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    async fn set(&self, settings: Value) {
        let path = format!("/api/v1/clinics/{}", self.clinic);
        let set = self.server.send(with(ask_with(Method::PATCH, &path, settings), "x-admin-key", ADMIN_KEY)).await;
        assert_eq!(set.status, 200, "{}: {}", self.scenario.name, set.text);
    }

    async fn connect_telephone(&self) {
        let account = "b".repeat(32);
        self.set(json!({ "twilio": { "account_sid": format!("AC{account}"), "auth_token": account, "phone_number": self.number } }))
            .await;
    }

    /// Changes something behind everyone's back.
    pub async fn run(&self, statement: &str, value: Option<&str>) {
        let query = sqlx::query(AssertSqlSafe(statement.to_owned())).bind(self.clinic.uuid());
        let query = match value {
            Some(value) => query.bind(value.to_owned()),
            None => query,
        };
        query.execute(&self.pool).await.unwrap_or_else(|error| panic!("{}: {error}", self.scenario.name));
    }

    async fn book(&mut self, visit: &Visit) {
        let place = Place { kind: visit.kind.clone(), at: visit.at.clone(), with: visit.with.clone() };
        let found = self.hold_one(&place).await;
        let (session, hold) = found.unwrap_or_else(|| panic!("{}: {place:?} is not free", self.scenario.name));
        let patient = json!({ "name": visit.name, "phone": visit.phone, "email": visit.email });
        let booked = session.confirm(&hold, patient).await;
        assert_eq!(booked.status, 201, "{}: {}", self.scenario.name, booked.text);
        let code = CODES[self.names.len() / 2 % CODES.len()];
        self.run(&format!("update appointments set confirmation_code = '{code}' where clinic_id = $1 and appointment_id = $2::uuid"),
            booked.json["appointment"]["id"].as_str()).await;
        self.names.insert(visit.called.clone(), code.to_owned());
        self.names
            .insert(format!("{}_id", visit.called), booked.json["appointment"]["id"].as_str().unwrap().to_owned());
        if let Some(born) = &visit.born {
            let statement =
                format!("update patients set birth_date = $2::date where clinic_id = $1 and name = '{}'", visit.name);
            self.run(&statement, Some(born)).await;
        }
    }

    /// Others take this time, with everyone who is free then.
    pub async fn take_away(&self, place: &Place) {
        while let Some((other, hold)) = self.hold_one(place).await {
            let somebody = json!({ "name": "Somebody Else", "email": "else@example.com" });
            assert_eq!(other.confirm(&hold, somebody).await.status, 201);
        }
    }

    async fn hold(&self, place: &Place) {
        while self.hold_one(place).await.is_some() {}
    }

    /// Somebody holds this time, if it is free.
    async fn hold_one(&self, place: &Place) -> Option<(Session<'_>, Answer)> {
        let other = self.server.session_with(self.clinic).await;
        let slots = other.find(&self.question(place).await).await;
        let slot = slots.iter().find(|slot| slot["local"] == place.at.as_str())?;
        let hold = other.hold(slot).await;
        assert_eq!(hold.status, 201, "{}", hold.text);
        Some((other, hold))
    }

    async fn question(&self, place: &Place) -> String {
        let day = &place.at[..10];
        let who = match &place.with {
            Some(name) => format!("&practitioner={}", self.practitioner(name).await),
            None => String::new(),
        };
        format!("appointment_type={}&from={day}&to={day}&limit=500{who}", place.kind)
    }

    async fn practitioner(&self, name: &str) -> PractitionerId {
        let id: uuid::Uuid = sqlx::query_scalar(
            "select practitioner_id from practitioners where clinic_id = $1 and name like '%' || $2 || '%'",
        )
        .bind(self.clinic.uuid())
        .bind(name)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        id.into()
    }

    /// The conversation as it went.
    pub fn heard(&self) -> String {
        self.said.iter().map(|line| format!("    | {line}")).collect::<Vec<_>>().join("\n")
    }
}

/// A clinic of the scenario's own: keys are a clinic's, so every other id can
/// stay as it is.
async fn copy_of_bloom(pool: &PgPool, number: usize) -> ClinicId {
    let clinic = ClinicId::new();
    for table in std::iter::once("clinics").chain(COPIED) {
        let changed = match table {
            "clinics" => json!({ "clinic_id": clinic, "slug": format!("scenario-{number}") }),
            _ => json!({ "clinic_id": clinic }),
        };
        let statement = format!(
            "insert into {table}
             select (jsonb_populate_record(original, $1)).* from {table} original where clinic_id = $2"
        );
        sqlx::query(AssertSqlSafe(statement)).bind(&changed).bind(BLOOM.uuid()).execute(pool).await.unwrap();
    }
    clinic
}
