//! What is done for a caller.

use chrono::NaiveDate;
use domain::Rejection;
use domain::appointment::{Appointment, AppointmentStatus};
use domain::contact::{EmailAddress, PersonName, PhoneNumber};
use domain::id::AppointmentId;

use super::arguments::digest;
use super::wording::Unclear;
use super::{Answer, Arguments, Desk, Line, Request, Tool, calls, finding, free, stopping};
use crate::booking::{self, Booking, Change, Changer, Channel, SlotClaim, appointments, availability};
use crate::events::Actor;
use crate::identity::PatientDetails;
use crate::messaging::listing::sms_outlook;
use crate::{ClinicTx, Error, Result, tasks};

/// What was done, and whether asking again is to be answered with the same.
pub(super) struct Act {
    pub answer: Answer,
    pub is_to_be_kept: bool,
    /// Stands for what was meant, however it was said.
    pub meaning: Option<Vec<u8>>,
}

impl Act {
    fn told(answer: Answer) -> Self {
        Self { answer, is_to_be_kept: false, meaning: None }
    }

    pub(super) fn done(answer: Answer) -> Self {
        Self { answer, is_to_be_kept: true, meaning: None }
    }

    pub(super) fn meaning(self, meaning: Vec<u8>) -> Self {
        Self { meaning: Some(meaning), ..self }
    }
}

/// A refusal in words for the caller.
pub(super) fn refuse(words: String) -> Error {
    Rejection::invalid("arguments", words).into()
}

pub(super) async fn run(tx: &mut ClinicTx, desk: &Desk, line: &Line, request: &Request) -> Result<Act> {
    let arguments = &request.arguments;
    match request.tool {
        Tool::Book => book(tx, desk, line, arguments).await,
        Tool::Check => check(tx, desk, arguments).await,
        Tool::Hold => hold(tx, desk, line, arguments).await,
        Tool::Lookup => lookup(tx, desk, line, arguments).await,
        Tool::Reschedule => reschedule(tx, desk, line, arguments).await,
        Tool::Cancel => cancel(tx, desk, line, arguments).await,
        Tool::Inquire => inquire(tx, desk, line, arguments).await,
    }
}

async fn book(tx: &mut ClinicTx, desk: &Desk, line: &Line, arguments: &Arguments) -> Result<Act> {
    let (what, at) = (free::what(tx, desk, arguments).await?, free::when(desk, arguments)?);
    let patient = patient(desk, arguments)?;
    let starts_at = free::instant(desk, at).ok_or_else(Rejection::slot_taken)?;
    let meaning = digest([
        "book",
        &patient.name.as_str().to_lowercase(),
        patient.phone.as_ref().map_or("", PhoneNumber::as_str),
        patient.email.as_ref().map_or("", EmailAddress::as_str),
        &what.id.to_string(),
        &starts_at.to_rfc3339(),
    ]);
    if let Some((answer, Some(id))) = calls::meant(tx, line, &meaning).await? {
        // A visit that was moved or called off since may be booked again.
        let visit = appointments::by_id(tx, id).await?;
        if visit.is_some_and(|visit| finding::is_live(&visit) && visit.starts_at == starts_at) {
            return Ok(Act::done(answer));
        }
    }
    if let Some(visit) = booked_before(tx, desk, arguments, &what, starts_at).await? {
        // Its code was told when it was booked, and is not to whoever knows a
        // name and a number.
        let known = booked(tx, desk, &visit).await?;
        let known = Answer { confirmation_code: None, message: desk.words.booked_before(&visit), ..known };
        return Ok(Act::done(known).meaning(meaning));
    }
    let claim = kept(tx, desk, line, &what, at).await?.ok_or_else(Rejection::slot_taken)?;
    let hold = booking::hold(tx, desk.now, line.owner(), Channel::Voice, &claim).await?;
    let booking = Booking {
        hold_id: hold.hold_id,
        owner: line.owner(),
        patient,
        note: booking::note(arguments.get(&["note", "notes", "reason"]))?,
        channel: Channel::Voice,
        actor: Actor::Receptionist,
        conversation_id: Some(line.conversation),
    };
    let confirmed = booking::confirm(tx, desk.now, &booking).await?;
    Ok(Act::done(booked(tx, desk, &confirmed.appointment).await?).meaning(meaning))
}

/// The time that this call keeps at a moment, or else a free one; then what it
/// kept before is let go, which may be what stands in the way.
async fn kept(
    tx: &mut ClinicTx,
    desk: &Desk,
    line: &Line,
    what: &free::What,
    at: chrono::NaiveDateTime,
) -> Result<Option<SlotClaim>> {
    let Some(starts_at) = free::instant(desk, at) else { return Ok(None) };
    let own = booking::claim_at(tx, desk.now, line.owner(), what.id, starts_at).await?;
    if let Some(claim) = own.filter(|claim| what.practitioner.is_none_or(|who| who == claim.practitioner_id)) {
        return Ok(Some(claim));
    }
    booking::let_go(tx, line.owner()).await?;
    let usual = availability::usual_in(tx, line.conversation).await?;
    free::at(tx, desk, what, at, usual).await
}

/// The patient's visit of this kind at this very time, booked in an earlier
/// call that broke off.
async fn booked_before(
    tx: &mut ClinicTx,
    desk: &Desk,
    arguments: &Arguments,
    what: &free::What,
    starts_at: chrono::DateTime<chrono::Utc>,
) -> Result<Option<Appointment>> {
    let theirs = finding::to_come(desk, finding::booked_alike(tx, desk, arguments, starts_at).await?);
    Ok(theirs.into_iter().find(|visit| visit.appointment_type.id == what.id.uuid()))
}

async fn booked(tx: &mut ClinicTx, desk: &Desk, visit: &Appointment) -> Result<Answer> {
    let outlook = sms_outlook(tx, visit.id).await?;
    Ok(Answer { sms_status: Some(outlook.as_str().to_owned()), ..about(visit, desk.words.booked(visit)) })
}

fn about(visit: &Appointment, message: String) -> Answer {
    Answer {
        appointment_id: Some(visit.id),
        confirmation_code: Some(visit.confirmation_code.clone()),
        ..Answer::done(message)
    }
}

fn patient(desk: &Desk, arguments: &Arguments) -> Result<PatientDetails> {
    let unclear = |what| refuse(desk.words.unclear(what));
    let name = PersonName::parse(arguments.get(&["patientName", "name"]).unwrap_or_default())
        .map_err(|_| unclear(Unclear::Name))?;
    let phone = arguments.get(&["patientPhone", "phone", "phoneNumber"]);
    let phone = phone.map(|text| PhoneNumber::parse(text, &desk.country)).transpose();
    let phone = phone.map_err(|_| unclear(Unclear::Phone))?;
    let email = arguments.get(&["patientEmail", "email"]).map(EmailAddress::parse).transpose();
    let email = email.map_err(|_| unclear(Unclear::Email))?;
    if phone.is_none() && email.is_none() {
        return Err(unclear(Unclear::Phone));
    }
    let born = arguments.date(finding::BIRTH_DATE).map_err(|_| unclear(Unclear::BirthDate))?;
    let details = PatientDetails { name, phone, email, birth_date: None };
    details.born(born, desk.words.today).map_err(|_| unclear(Unclear::BirthDate))
}

async fn check(tx: &mut ClinicTx, desk: &Desk, arguments: &Arguments) -> Result<Act> {
    let what = free::what(tx, desk, arguments).await?;
    let (times, is_as_asked) = free::some(tx, desk, &what, arguments).await?;
    if times.is_empty() {
        return Ok(Act::told(Answer::refused(desk.words.nothing_free(&what.name))));
    }
    let offer = desk.words.offer(&what.name, &times);
    Ok(Act::told(if is_as_asked {
        Answer::done(offer)
    } else {
        Answer::refused(format!("{} {offer}", desk.words.none_then()))
    }))
}

async fn hold(tx: &mut ClinicTx, desk: &Desk, line: &Line, arguments: &Arguments) -> Result<Act> {
    let (what, at) = (free::what(tx, desk, arguments).await?, free::when(desk, arguments)?);
    let claim = kept(tx, desk, line, &what, at).await?.ok_or_else(Rejection::slot_taken)?;
    let hold = booking::hold(tx, desk.now, line.owner(), Channel::Voice, &claim).await?;
    Ok(Act::done(Answer::done(desk.words.held(&hold, desk.now))))
}

async fn lookup(tx: &mut ClinicTx, desk: &Desk, line: &Line, arguments: &Arguments) -> Result<Act> {
    let proven = finding::proven(tx, desk, line, arguments).await?;
    // A code asks for one visit, whatever became of it; a name for those to
    // come.
    let visits = if arguments.code().is_some() && proven.len() == 1 { proven } else { finding::to_come(desk, proven) };
    let Some(first) = visits.first() else { return Ok(Act::told(Answer::refused(desk.words.not_found()))) };
    Ok(Act::told(about(first, desk.words.found(&visits))))
}

async fn reschedule(tx: &mut ClinicTx, desk: &Desk, line: &Line, arguments: &Arguments) -> Result<Act> {
    let (at, on) = (free::when(desk, arguments)?, free::current_date(desk, arguments)?);
    let proven = finding::proven(tx, desk, line, arguments).await?;
    let visit = match finding::one_to_come(desk, proven, on) {
        Ok(visit) => visit,
        Err(words) => return Ok(Act::told(Answer::refused(words))),
    };
    let starts_at = free::instant(desk, at).ok_or_else(Rejection::slot_taken)?;
    if visit.starts_at == starts_at {
        return Ok(Act::done(about(&visit, desk.words.moved(&visit))));
    }
    let usual = visit.practitioner.id.into();
    let what = free::What {
        id: visit.appointment_type.id.into(),
        name: visit.appointment_type.name.clone(),
        practitioner: None,
    };
    // Its own time counts as taken, and is not in its way.
    let same_practitioner = SlotClaim { practitioner_id: usual, appointment_type_id: what.id, starts_at };
    let claim = free::at(tx, desk, &what, at, Some(usual)).await?.unwrap_or(same_practitioner);
    let changer = Changer::receptionist(tx, Channel::Voice, visit.id).await?;
    match booking::reschedule(tx, desk.now, visit.id, &claim, changer).await? {
        Change::Made(moved) => Ok(Act::done(about(&moved.appointment, desk.words.moved(&moved.appointment)))),
        Change::TooLate(rejection) => Ok(Act::done(Answer::refused(desk.words.refusal(&rejection)))),
    }
}

async fn cancel(tx: &mut ClinicTx, desk: &Desk, line: &Line, arguments: &Arguments) -> Result<Act> {
    let date = arguments.date(&["currentDate", "appointmentDate", "date"]);
    let date = date.map_err(|_| refuse(desk.words.unclear(Unclear::Date)))?;
    let proven = finding::proven(tx, desk, line, arguments).await?;
    if let Some(answer) = cancelled_before(tx, desk, line, &proven, date).await? {
        return Ok(Act::done(answer));
    }
    let visit = match finding::one_to_come(desk, proven, date) {
        Ok(visit) => visit,
        Err(words) => return Ok(Act::told(Answer::refused(words))),
    };
    let changer = Changer::receptionist(tx, Channel::Voice, visit.id).await?;
    let reason = booking::note(arguments.get(&["reason", "cancellationReason"]))?;
    match booking::cancel(tx, desk.now, visit.id, reason.as_deref(), changer).await? {
        Change::Made(visit) => Ok(Act::done(about(&visit, desk.words.cancelled(&visit))).meaning(cancelling(visit.id))),
        Change::TooLate(rejection) => Ok(Act::done(Answer::refused(desk.words.refusal(&rejection)))),
    }
}

/// What was said when this call cancelled a visit, if nothing else is left that
/// could be meant.
///
/// # Errors
///
/// Rejected, in words for the caller, if the visit a code names was called off
/// some other way.
async fn cancelled_before(
    tx: &mut ClinicTx,
    desk: &Desk,
    line: &Line,
    proven: &[Appointment],
    date: Option<NaiveDate>,
) -> Result<Option<Answer>> {
    let on_date = |visit: &&Appointment| date.is_none_or(|date| desk.words.local(visit.starts_at).date() == date);
    if proven.iter().filter(on_date).any(|visit| finding::is_live(visit) && visit.starts_at > desk.now) {
        return Ok(None);
    }
    let is_cancelled = |visit: &&Appointment| visit.status == AppointmentStatus::Cancelled;
    for visit in proven.iter().filter(on_date).filter(is_cancelled) {
        if let Some((answer, _)) = calls::meant(tx, line, &cancelling(visit.id)).await? {
            return Ok(Some(answer));
        }
    }
    match proven {
        [only] if is_cancelled(&only) => Err(refuse(desk.words.already_cancelled())),
        _ => Ok(None),
    }
}

fn cancelling(id: AppointmentId) -> Vec<u8> {
    digest(["cancel", &id.to_string()])
}

async fn inquire(tx: &mut ClinicTx, desk: &Desk, line: &Line, arguments: &Arguments) -> Result<Act> {
    let text = arguments.get(&["message", "inquiry", "question", "details", "text", "reason"]);
    let text = text.and_then(one_line).ok_or_else(|| refuse(desk.words.unclear(Unclear::Question)))?;
    let named = [&["patientName", "name"][..], &["patientPhone", "phone", "phoneNumber"], &["patientEmail", "email"]];
    let named = named.iter().filter_map(|names| arguments.get(names).and_then(one_line));
    let asked_by = named.collect::<Vec<_>>().join(", ");
    let meaning = digest(["inquire", &text.to_lowercase(), &asked_by.to_lowercase()]);
    if let Some((answer, _)) = calls::meant(tx, line, &meaning).await? {
        return Ok(Act::done(answer));
    }
    let said = arguments.get(&["patientPhone", "phone", "phoneNumber"]);
    let is_stop = stopping::note(tx, desk, &text, [line.caller.as_deref(), said]).await?;
    tasks::inquire(tx, desk.now, line.conversation, &asked_by, &text).await?;
    let told = if is_stop { desk.words.opted_out() } else { desk.words.passed_on() };
    Ok(Act::done(Answer::done(told)).meaning(meaning))
}

/// What was said, without line breaks and what does not show.
fn one_line(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text: String = words.join(" ").chars().filter(|letter| !letter.is_control()).collect();
    (!text.is_empty()).then_some(text)
}
