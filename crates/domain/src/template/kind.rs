//! The messages a clinic sends, and what each has to say.

use serde::{Deserialize, Serialize};

use super::Field;

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A visit is booked.
    Confirmation,
    /// A visit was moved.
    Change,
    /// A visit is off.
    Cancellation,
    /// A visit is near.
    Reminder,
    /// Somebody left without a visit, or after one.
    FollowUp,
    /// A time has come free for somebody who waits for one.
    WaitlistOffer,
    /// A conversation goes on in the browser.
    HandoffLink,
    /// Proof that a number is the patient's.
    OneTimeCode,
    /// The contact details on file are others now.
    ContactChange,
    /// The last message there is: 47 CFR 64.1200(a)(12) allows one, within five
    /// minutes, that sells nothing.
    OptOutConfirmation,
}

/// A kind this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown kind of message")]
pub struct UnknownKind;

/// Either way of saying on which day.
const ON: &[Field] = &[Field::Day, Field::Date];

impl Kind {
    pub const ALL: [Self; 10] = [
        Self::Confirmation,
        Self::Change,
        Self::Cancellation,
        Self::Reminder,
        Self::FollowUp,
        Self::WaitlistOffer,
        Self::HandoffLink,
        Self::OneTimeCode,
        Self::ContactChange,
        Self::OptOutConfirmation,
    ];

    /// The kind as it is stored, such as `follow_up`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmation => "confirmation",
            Self::Change => "change",
            Self::Cancellation => "cancellation",
            Self::Reminder => "reminder",
            Self::FollowUp => "follow_up",
            Self::WaitlistOffer => "waitlist_offer",
            Self::HandoffLink => "handoff_link",
            Self::OneTimeCode => "one_time_code",
            Self::ContactChange => "contact_change",
            Self::OptOutConfirmation => "opt_out_confirmation",
        }
    }

    /// What such a message has to say besides the clinic's name, which all
    /// have to: of each entry, one field.
    pub const fn needs(self) -> &'static [&'static [Field]] {
        match self {
            Self::Confirmation | Self::Change | Self::Cancellation | Self::Reminder | Self::WaitlistOffer => {
                &[ON, &[Field::Time]]
            }
            Self::HandoffLink => &[&[Field::Link]],
            Self::OneTimeCode => &[&[Field::Code]],
            Self::FollowUp | Self::ContactChange | Self::OptOutConfirmation => &[],
        }
    }

    /// What there is to say in such a message. A code proves who somebody is,
    /// so nothing about a patient stands beside it.
    pub const fn knows(self) -> &'static [Field] {
        use Field::{Address, Clinic, Code, Date, Day, Link, Patient, Phone, Practitioner, Time, Type, Until};
        match self {
            Self::Confirmation | Self::Change | Self::Cancellation | Self::Reminder => {
                &[Clinic, Patient, Practitioner, Type, Day, Time, Date, Code, Link, Phone, Address]
            }
            Self::FollowUp => &[Clinic, Patient, Practitioner, Type, Day, Time, Date, Link, Phone, Address],
            Self::WaitlistOffer => &[Clinic, Patient, Practitioner, Type, Day, Time, Date, Link, Phone, Address, Until],
            Self::HandoffLink => &[Clinic, Patient, Link, Phone],
            Self::OneTimeCode => &[Clinic, Code, Phone],
            Self::ContactChange | Self::OptOutConfirmation => &[Clinic, Phone],
        }
    }

    /// Whether the clinic starts it, so that each one has to say how to get no
    /// more (47 CFR 64.1200(a)(9)(iv), which reminders are sent under).
    pub const fn needs_opt_out(self) -> bool {
        matches!(self, Self::Reminder | Self::FollowUp | Self::WaitlistOffer)
    }
}

impl TryFrom<String> for Kind {
    type Error = UnknownKind;

    fn try_from(text: String) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}
