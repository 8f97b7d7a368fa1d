//! A clinic for tests.

use chrono::{DateTime, NaiveTime, Utc, Weekday};
use domain::language::Language;
use uuid::Uuid;

use super::super::model::{ClinicFacts, OpenHours, PractitionerFacts, TypeFacts};

pub const MIA: Uuid = Uuid::from_u128(0xa1);
pub const NOAH: Uuid = Uuid::from_u128(0xa2);
pub const PRIYA: Uuid = Uuid::from_u128(0xa3);

/// Friday 20 November 2026, 10:00 in New York.
pub fn now() -> DateTime<Utc> {
    "2026-11-20T15:00:00Z".parse().unwrap()
}

pub fn bloom() -> ClinicFacts {
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    let mut hours = Vec::new();
    for weekday in [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri] {
        hours.push(OpenHours { weekday, opens: time(9, 0), closes: time(12, 30) });
        hours.push(OpenHours { weekday, opens: time(13, 0), closes: time(18, 0) });
    }
    hours.push(OpenHours { weekday: Weekday::Sat, opens: time(10, 0), closes: time(14, 0) });
    let offered = |n: u128, slug: &str, name: &str, minutes, price_minor| TypeFacts {
        id: Uuid::from_u128(n),
        slug: slug.into(),
        name: name.into(),
        minutes,
        price_minor,
        currency: "USD".into(),
        description: None,
    };
    let practitioner = |id, name: &str, offers: &[u128]| PractitionerFacts {
        id,
        name: name.into(),
        offers: offers.iter().map(|n| Uuid::from_u128(*n)).collect(),
    };
    ClinicFacts {
        name: "Bloom Wellness Studio".into(),
        language: Language::English,
        time_zone: chrono_tz::America::New_York,
        address: Some("12 Garden Street, Brooklyn, NY 11201".into()),
        phone: Some("+12125550100".into()),
        email: Some("hello@bloom.example".into()),
        hours,
        special_days: Vec::new(),
        appointment_types: vec![
            offered(1, "haircut", "Haircut", 45, Some(6000)),
            offered(2, "massage", "Deep tissue massage", 60, Some(9500)),
            offered(3, "consultation", "New patient consultation", 30, None),
            offered(4, "facial", "Facial", 50, Some(8000)),
        ],
        practitioners: vec![
            practitioner(MIA, "Mia Lin", &[1, 4]),
            practitioner(NOAH, "Noah Reyes", &[1, 2]),
            practitioner(PRIYA, "Dr. Priya Anand", &[3]),
        ],
    }
}
