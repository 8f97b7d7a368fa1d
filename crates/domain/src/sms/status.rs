//! How far an outgoing text has got, and what its failure asks for.
//!
//! Twilio's callbacks may arrive late, twice and out of order
//! (<https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks>).

use serde::{Deserialize, Serialize};

/// How far a text to a patient has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsStatus {
    /// Waits here or at the provider.
    Queued,
    Sending,
    /// The provider did not say whether it took it. Never sent again before it
    /// was looked for there.
    Unknown,
    /// With the patient's carrier.
    Sent,
    Delivered,
    /// The carrier gave up.
    Undelivered,
    /// The provider refused it.
    Failed,
    /// Held back by us: the patient has opted out, or has had enough of them.
    Suppressed,
}

impl SmsStatus {
    /// The status as it is stored, such as `queued`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Suppressed => "suppressed",
        }
    }

    /// How far along, 0 to 4. It only rises, and of the four ends at 4 the
    /// first one stays.
    pub const fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::Unknown => 2,
            Self::Sent => 3,
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Suppressed => 4,
        }
    }

    /// Whether nothing more can come of it.
    pub const fn is_final(self) -> bool {
        self.rank() == 4
    }

    /// The status after some `news`, which may be old.
    #[must_use]
    pub const fn after(self, news: Self) -> Self {
        if news.rank() > self.rank() { news } else { self }
    }

    /// What a `MessageStatus` of Twilio's means; none for words of incoming
    /// messages and for words it may add.
    pub fn from_twilio(word: &str) -> Option<Self> {
        Some(match word {
            "accepted" | "scheduled" | "queued" => Self::Queued,
            "sending" => Self::Sending,
            // Some of it is with the patient; the rest may still come.
            "sent" | "partially_delivered" => Self::Sent,
            "delivered" | "read" => Self::Delivered,
            "undelivered" => Self::Undelivered,
            "failed" | "canceled" => Self::Failed,
            _ => return None,
        })
    }
}

/// A status this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown message status")]
pub struct UnknownStatus;

impl TryFrom<String> for SmsStatus {
    type Error = UnknownStatus;

    fn try_from(text: String) -> Result<Self, UnknownStatus> {
        ALL.into_iter().find(|status| status.as_str() == text).ok_or(UnknownStatus)
    }
}

const ALL: [SmsStatus; 8] = [
    SmsStatus::Queued,
    SmsStatus::Sending,
    SmsStatus::Unknown,
    SmsStatus::Sent,
    SmsStatus::Delivered,
    SmsStatus::Undelivered,
    SmsStatus::Failed,
    SmsStatus::Suppressed,
];

/// What an error code of Twilio's asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub retry: Retry,
    pub suppress: Suppress,
    /// Whether somebody at the clinic has to do something.
    pub needs_staff: bool,
    /// What happened and what to do, for staff.
    pub sentence: &'static str,
}

/// When the same text may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    Never,
    /// In minutes: somewhere a queue is full.
    Soon,
    /// In hours: the phone is off, or the day's allowance used up.
    Later,
}

/// Whether the number is still to be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suppress {
    No,
    /// It has opted out where the provider keeps the list; so it has here.
    OptedOut,
    /// It cannot get texts at all.
    CannotReceive,
}

/// What to do about a code of
/// <https://www.twilio.com/docs/api/errors>. One that is not listed here is
/// never retried, because the text may have arrived, and staff are told.
pub const fn fault(code: u32) -> Fault {
    match code {
        21610 => Fault {
            suppress: Suppress::OptedOut,
            needs_staff: false,
            ..staff("The patient has opted out of texts from this number. They can text START to get them again.")
        },
        21211 | 21214 | 21614 | 21635 | 30005 | 30006 => Fault {
            suppress: Suppress::CannotReceive,
            ..staff("This number cannot get texts. Please ask the patient for a mobile number.")
        },
        30003 => patience(Retry::Later, "The patient's phone is off or out of reach. We will try again later."),
        30023 => patience(Retry::Later, "Today's allowance of texts is used up. We will try again later."),
        20429 | 21611 | 30001 | 30017 | 30022 => {
            patience(Retry::Soon, "Too many texts are being sent at once. We will try again in a few minutes.")
        }
        30004 => staff("The patient's phone or carrier blocks texts from this number. Please call them."),
        30007 => staff("The carrier took the text for spam. Please check its wording and its links."),
        30008 => staff("The carrier did not say why the text was not delivered. Please call the patient."),
        30032 => {
            staff("The toll-free number is not verified yet, so carriers refuse its texts. Please verify it at Twilio.")
        }
        30034 | 30035 => staff(
            "This number is not registered for business texting (A2P 10DLC). Please finish its registration at Twilio.",
        ),
        30036 => staff("The text waited too long and was not sent. Please tell the patient another way."),
        21408 => {
            staff("Texts to this country are switched off at Twilio. Please allow them in its geographic permissions.")
        }
        21212 | 21606 | 21659 | 21660 | 21661 => {
            staff("The number we send from cannot send texts. Please check the clinic's Twilio number.")
        }
        21612 => staff("Twilio cannot send from our number to this one. Please tell the patient another way."),
        21608 => staff("The Twilio account is on trial and may only text verified numbers. Please upgrade it."),
        21602 | 21617 | 21619 => {
            staff("The text was empty or longer than 1,600 characters. Please check its template.")
        }
        10001 | 20003 | 20005 | 30002 => {
            staff("Twilio does not accept the clinic's account. Please check its credentials and its balance.")
        }
        57012 => staff("Twilio's messages to us fail their signature check. Please check the clinic's auth token."),
        _ => staff("The text could not be delivered. Please tell the patient another way."),
    }
}

const fn staff(sentence: &'static str) -> Fault {
    Fault { retry: Retry::Never, suppress: Suppress::No, needs_staff: true, sentence }
}

const fn patience(retry: Retry, sentence: &'static str) -> Fault {
    Fault { retry, suppress: Suppress::No, needs_staff: false, sentence }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// As its own SDK lists them.
    const TWILIO: [&str; 13] = [
        "accepted",
        "scheduled",
        "queued",
        "sending",
        "sent",
        "delivered",
        "undelivered",
        "failed",
        "read",
        "partially_delivered",
        "canceled",
        "receiving",
        "received",
    ];

    #[test]
    fn every_word_for_an_outgoing_message_has_a_meaning() {
        let unread: Vec<_> = TWILIO.into_iter().filter(|word| SmsStatus::from_twilio(word).is_none()).collect();
        assert_eq!(unread, ["receiving", "received"]);
        assert_eq!(SmsStatus::from_twilio("teleported"), None);
    }

    #[test]
    fn a_late_callback_changes_nothing() {
        assert_eq!(SmsStatus::Delivered.after(SmsStatus::Sent), SmsStatus::Delivered);
        assert_eq!(SmsStatus::Delivered.after(SmsStatus::Failed), SmsStatus::Delivered);
        assert_eq!(SmsStatus::Suppressed.after(SmsStatus::Queued), SmsStatus::Suppressed);
        assert_eq!(SmsStatus::Sending.after(SmsStatus::Unknown), SmsStatus::Unknown);
        assert_eq!(SmsStatus::Sent.after(SmsStatus::Unknown), SmsStatus::Sent);
        assert_eq!(SmsStatus::Unknown.after(SmsStatus::Delivered), SmsStatus::Delivered);
    }

    #[test]
    fn a_status_reads_back_as_it_is_stored() {
        for status in ALL {
            assert_eq!(SmsStatus::try_from(status.as_str().to_owned()).unwrap(), status);
        }
        assert!(SmsStatus::try_from("lost".to_owned()).is_err());
    }

    #[test]
    fn opting_out_at_the_provider_is_opting_out() {
        assert_eq!(fault(21610).suppress, Suppress::OptedOut);
        assert_eq!(fault(21614).suppress, Suppress::CannotReceive);
        assert_eq!(fault(30034), Fault { suppress: Suppress::No, ..fault(30034) });
        assert!(fault(30034).needs_staff && fault(30032).needs_staff && fault(30007).needs_staff);
    }

    proptest! {
        #[test]
        fn no_order_of_callbacks_goes_backwards(words in proptest::collection::vec(select(TWILIO.to_vec()), 0..12)) {
            let mut status = SmsStatus::Queued;
            for news in words.iter().filter_map(|word| SmsStatus::from_twilio(word)) {
                let next = status.after(news);
                prop_assert!(next.rank() >= status.rank());
                prop_assert!(!status.is_final() || next == status, "an end stays");
                prop_assert_eq!(next.after(news), next, "the same news twice is the same news");
                status = next;
            }
            let furthest = words.iter().filter_map(|word| SmsStatus::from_twilio(word)).map(SmsStatus::rank).max();
            prop_assert_eq!(status.rank(), furthest.unwrap_or(0), "in whatever order they came");
        }

        #[test]
        fn every_code_has_a_sentence_and_a_way_on(code: u32) {
            for code in [code, 20_000 + code % 2_000, 30_000 + code % 1_000] {
                let fault = fault(code);
                prop_assert!(fault.sentence.starts_with(char::is_uppercase) && fault.sentence.ends_with('.'));
                let is_left_at_that = fault.retry == Retry::Never && fault.suppress == Suppress::No;
                prop_assert!(fault.needs_staff || !is_left_at_that, "{code} would be forgotten");
                prop_assert!(fault.retry == Retry::Never || fault.suppress == Suppress::No);
            }
        }
    }
}
