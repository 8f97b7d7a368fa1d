//! What pages, edges and services all mean by a slot, a hold and an
//! appointment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::ConfirmationCode;
use crate::id::{AppointmentId, AppointmentTypeId, HoldId, PatientId, PractitionerId};

/// Where an appointment stands, in FHIR's words
/// (<https://hl7.org/fhir/R4/valueset-appointmentstatus.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppointmentStatus {
    /// Asked for; staff decide.
    Pending,
    Booked,
    Arrived,
    Fulfilled,
    Cancelled,
    Noshow,
}

impl AppointmentStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Booked => "booked",
            Self::Arrived => "arrived",
            Self::Fulfilled => "fulfilled",
            Self::Cancelled => "cancelled",
            Self::Noshow => "noshow",
        }
    }
}

/// A status this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown appointment status")]
pub struct UnknownStatus;

impl TryFrom<String> for AppointmentStatus {
    type Error = UnknownStatus;

    fn try_from(text: String) -> Result<Self, UnknownStatus> {
        [Self::Pending, Self::Booked, Self::Arrived, Self::Fulfilled, Self::Cancelled, Self::Noshow]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(UnknownStatus)
    }
}

/// Someone or something by id and the name people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub id: Uuid,
    pub name: String,
}

/// Where a visit takes place, in a clinic with several addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub id: Uuid,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

impl std::fmt::Display for Place {
    /// `Uptown, 1 High Street`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.address {
            Some(address) => write!(f, "{}, {address}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// An appointment type as it stands in answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeRef {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
}

/// A time on offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The signed token that [`hold`](Hold)s it.
    pub slot: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub practitioner: Named,
    pub appointment_type: TypeRef,
    /// Whether every calendar that could contradict it was read.
    pub verified: bool,
    /// The start in the clinic's zone, as a person reads it: `2:00 PM`.
    pub time: String,
    /// The day in the clinic's zone, as a person reads it: `Tue 24 Nov`.
    pub day: String,
    /// The start in the clinic's zone, `2026-11-24T14:00`.
    pub local: String,
    /// `Tue 24 Nov, 2:00 PM with Mia Lin`: what a slot's button says and sends.
    pub label: String,
    /// Why this practitioner, of all who are free then.
    #[serde(default)]
    pub why: Why,
}

/// Why a slot is with one practitioner rather than another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The patient asked for them.
    Asked,
    /// The patient saw them last.
    Usual,
    /// Nobody else is free then.
    Only,
    /// They have the fewest visits that day.
    LeastBooked,
    /// As few visits as another, and waiting longer for the next.
    LongestIdle,
    /// Alike in everything; first in the clinic's own order.
    #[default]
    First,
}

/// A slot kept for one patient for some minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub hold_id: HoldId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub time_zone: String,
    pub practitioner: Named,
    pub appointment_type: TypeRef,
    pub expires_at: DateTime<Utc>,
    pub local: String,
    pub label: String,
}

/// A booked visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    pub id: AppointmentId,
    pub status: AppointmentStatus,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub time_zone: String,
    pub practitioner: Named,
    pub appointment_type: TypeRef,
    /// Where the practitioner works, if the clinic names its places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Box<Place>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patient: Option<PatientCard>,
    pub confirmation_code: ConfirmationCode,
    pub created_at: DateTime<Utc>,
    pub local: String,
    /// `Tue 24 Nov, 2:00 PM`.
    pub label: String,
}

impl Appointment {
    /// Whole minutes from start to end.
    pub fn minutes(&self) -> i64 {
        (self.ends_at - self.starts_at).num_minutes()
    }
}

/// A patient as shown beside a visit.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientCard {
    pub id: PatientId,
    pub name: String,
    pub phone: Option<String>,
    pub email: Option<String>,
}

impl std::fmt::Debug for PatientCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PatientCard").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What can be booked, as a patient chooses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentTypeCard {
    pub id: AppointmentTypeId,
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub minutes: i32,
    pub price_minor: Option<i32>,
    pub currency: String,
}

/// A practitioner, as a patient chooses one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PractitionerCard {
    pub id: PractitionerId,
    pub name: String,
    pub offers: Vec<AppointmentTypeId>,
}
