//! What tools answered.

use serde_json::Value;

use super::super::super::model::ToolCall;
use super::super::slot::{self, Existing, Refusal};
use super::{Draft, KNOWN, Made};

impl Draft<'_> {
    pub(super) fn note(&mut self, call: &ToolCall, output: &Value) {
        let result = slot::outcome(output);
        if slot::changes(call)
            && let Ok(Some(changed)) = result.as_ref().map(|result| slot::existing_of(result))
        {
            self.follow_change(call, &changed);
        }
        // What a language model did in this turn before it failed.
        if !KNOWN.contains(&call.name.as_str()) || result.as_ref().is_err_and(|refusal| refusal.code == "malformed") {
            return;
        }
        let mut made = Made { call: call.clone(), refusal: result.clone().err(), found: 0, result: Value::Null };
        match (call.name.as_str(), result) {
            ("check_availability", Ok(result)) => {
                self.shelve_offers();
                self.offers = slot::slots(result);
                made.found = self.offers.len();
            }
            ("hold_slot", Ok(result)) => match slot::hold(result) {
                Some(hold) => self.hold = Some(hold),
                None => made.refusal = Some(garbled()),
            },
            ("hold_slot", Err(_)) => {
                let token = slot::text(&call.arguments, "/slot").unwrap_or_default();
                self.offers.retain(|slot| slot.token != token);
                self.older_offers.retain(|slot| slot.token != token);
                self.hold = None;
            }
            ("confirm_booking", Ok(result)) => match slot::booked(&call.arguments, result) {
                Some(booked) => {
                    self.booked.push(booked);
                    self.forget_visit();
                }
                None => made.refusal = Some(garbled()),
            },
            ("confirm_booking", Err(refusal)) => self.confirm_failed(&refusal),
            ("join_waitlist", Ok(_)) => self.forget_visit(),
            ("join_waitlist", Err(refusal)) if refusal.code == "invalid" => self.confirm_failed(&refusal),
            ("join_waitlist", Err(_)) => self.aside.waits = false,
            ("explain_time" | "resolve_date", Ok(result)) => made.result = result.clone(),
            _ => {}
        }
        if let Some(turn) = &mut self.turn {
            turn.made.push(made);
        }
    }

    // A visit that was booked here is not what it was.
    fn follow_change(&mut self, call: &ToolCall, changed: &Existing) {
        if call.name == "cancel_booking" {
            self.booked.retain(|booked| booked.code != changed.code);
        }
        for booked in self.booked.iter_mut().filter(|booked| booked.code == changed.code) {
            booked.visit = changed.visit.clone();
        }
    }

    fn confirm_failed(&mut self, refusal: &Refusal) {
        if refusal.code != "invalid" {
            self.hold = None;
            self.agreed_before = true;
            return;
        }
        let message = refusal.message.to_lowercase();
        if message.contains("phone") || message.contains("number") {
            (self.phone, self.no_phone) = (None, false);
        } else if message.contains("mail") {
            (self.email, self.no_email) = (None, false);
        } else if message.contains("name") {
            self.name = None;
        } else if self.phone.take().is_none() {
            self.email = None;
        }
    }
}

fn garbled() -> Refusal {
    Refusal { code: "unavailable".into(), message: "Something went wrong on our side.".into() }
}
