//! Messages and cards, as every channel sees them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::appointment::{Appointment, Hold, Slot};
use crate::id::MessageId;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Patient,
    /// The automated receptionist.
    Receptionist,
    /// A person of the clinic's staff.
    Member,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Receptionist => "receptionist",
            Self::Member => "member",
        }
    }
}

/// A role this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown message role")]
pub struct UnknownRole;

impl TryFrom<String> for Role {
    type Error = UnknownRole;

    fn try_from(text: String) -> Result<Self, UnknownRole> {
        [Self::Patient, Self::Receptionist, Self::Member]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

/// One message of a conversation.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub role: Role,
    pub text: String,
    pub cards: Vec<Card>,
    pub created_at: DateTime<Utc>,
    /// The id the patient's browser gave it, so that it can recognise its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_message_id: Option<String>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// Something shown with a message that can be looked at or acted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Card {
    /// Times on offer.
    Slots { time_zone: String, slots: Vec<Slot> },
    /// A slot that is being kept, read back.
    Hold { hold: Hold },
    /// A visit that is booked.
    Confirmation { appointment: Appointment, calendar_url: String, manage_url: String },
}
