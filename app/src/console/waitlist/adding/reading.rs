//! What the form says, as a wish.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use domain::id::{AppointmentTypeId, PatientId, PractitionerId};
use domain::{FieldError, Rejection};
use services::booking::catalogue::{self, Catalogue};
use services::identity::{self, PatientDetails, PatientInput, merging, patients};
use services::waitlist::Wish;
use services::{ClinicTx, Error, booking};

use super::Answers;
use crate::console::day::is_a_day;

/// Who it is for.
enum Whose {
    Known(PatientId),
    New(PatientDetails),
}

/// Reads every field, so that all that is wrong is said at once; and which day
/// it is at the clinic.
///
/// # Errors
///
/// Rejected with `invalid`, naming the fields.
pub async fn wish(tx: &mut ClinicTx, now: DateTime<Utc>, form: &Answers) -> Result<(Wish, NaiveDate), Error> {
    let catalogue = catalogue::read(tx, now).await?;
    let today = now.with_timezone(&catalogue.time_zone).date_naive();
    let mut errors = Vec::new();
    let patient = noted(whose(tx, form).await, &mut errors)?;
    let kind = noted(kind(&catalogue, form).map_err(Error::from), &mut errors)?;
    let practitioner = noted(practitioner(&catalogue, form, kind).map_err(Error::from), &mut errors)?;
    let from = noted(day(form, "from").map_err(Error::from), &mut errors)?;
    let to = noted(day(form, "to").map_err(Error::from), &mut errors)?;
    let earliest = noted(minute(form, "earliest").map_err(Error::from), &mut errors)?;
    let latest = noted(minute(form, "latest").map_err(Error::from), &mut errors)?;
    let note = noted(booking::note(text(form, "note")).map_err(Error::from), &mut errors)?;
    let (Some(patient), Some(kind), Some(from), Some(to)) = (patient, kind, from, to) else {
        return Err(Rejection::invalid_fields(errors).into());
    };
    if !errors.is_empty() {
        return Err(Rejection::invalid_fields(errors).into());
    }
    let patient = match patient {
        Whose::Known(id) => id,
        Whose::New(details) => identity::resolve(tx, now, &details, None).await?.patient,
    };
    let wish = Wish {
        patient,
        conversation: None,
        appointment_type: kind,
        practitioner: practitioner.flatten(),
        from,
        to,
        earliest: earliest.flatten(),
        latest: latest.flatten(),
        note: note.flatten(),
    };
    Ok((wish, today))
}

/// What was read; or nothing, and what is wrong is put with the rest.
fn noted<T>(read: Result<T, Error>, errors: &mut Vec<FieldError>) -> Result<Option<T>, Error> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Error::Rejected(rejection)) if !rejection.errors.is_empty() => {
            errors.extend(rejection.errors);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn text<'a>(form: &'a Answers, path: &str) -> Option<&'a str> {
    form.get(path).map(|text| text.trim()).filter(|text| !text.is_empty())
}

async fn whose(tx: &mut ClinicTx, form: &Answers) -> Result<Whose, Error> {
    let Some(chosen) = text(form, "patient") else {
        let given = |path: &str| text(form, path).map(str::to_owned);
        let input =
            PatientInput { name: given("name").unwrap_or_default(), phone: given("phone"), email: given("email") };
        return Ok(Whose::New(identity::read_input(tx, &input).await?));
    };
    let nobody = || Rejection::invalid("patient", "Please choose somebody.");
    let id: PatientId = chosen.parse().map_err(|_| nobody())?;
    let known = merging::root(tx, id).await?.ok_or_else(nobody)?;
    let patient = patients::find(tx, known).await?.filter(|patient| patient.erased_at.is_none()).ok_or_else(nobody)?;
    Ok(Whose::Known(patient.id))
}

fn kind(catalogue: &Catalogue, form: &Answers) -> Result<AppointmentTypeId, Rejection> {
    let chosen: Option<AppointmentTypeId> = text(form, "type").and_then(|id| id.parse().ok());
    let known = catalogue.appointment_types.iter().find(|kind| kind.active && Some(kind.id.into()) == chosen);
    known.map(|kind| kind.id.into()).ok_or_else(|| Rejection::invalid("type", "Please choose a visit."))
}

fn practitioner(
    catalogue: &Catalogue,
    form: &Answers,
    kind: Option<AppointmentTypeId>,
) -> Result<Option<PractitionerId>, Rejection> {
    let Some(chosen) = text(form, "practitioner") else { return Ok(None) };
    let chosen: Option<PractitionerId> = chosen.parse().ok();
    let known = catalogue.practitioners.iter().find(|who| who.active && Some(who.id.into()) == chosen);
    let known = known.ok_or_else(|| Rejection::invalid("practitioner", "Please choose somebody who works here."))?;
    match kind {
        Some(kind) if !known.offers.contains(&kind.uuid()) => {
            Err(Rejection::invalid("practitioner", format!("{} does not offer that.", known.name)))
        }
        _ => Ok(Some(known.id.into())),
    }
}

fn day(form: &Answers, path: &str) -> Result<NaiveDate, Rejection> {
    let day = text(form, path).and_then(|day| day.parse().ok()).filter(|day| is_a_day(*day));
    day.ok_or_else(|| Rejection::invalid(path, "Please choose a day."))
}

fn minute(form: &Answers, path: &str) -> Result<Option<u32>, Rejection> {
    let Some(time) = text(form, path) else { return Ok(None) };
    // Some browsers write seconds.
    let time = ["%H:%M", "%H:%M:%S"].iter().find_map(|written| NaiveTime::parse_from_str(time, written).ok());
    let time = time.ok_or_else(|| Rejection::invalid(path, "Please give a time of day."))?;
    Ok(Some(time.hour() * 60 + time.minute()))
}
