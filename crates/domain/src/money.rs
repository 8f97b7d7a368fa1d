//! Prices as people read them.

/// `6000`, `"USD"` → `$60`; cents only where there are some.
pub fn price(minor: i32, currency: &str) -> String {
    let (sign, whole, cents) = (if minor < 0 { "-" } else { "" }, (minor / 100).abs(), (minor % 100).abs());
    let amount = if cents == 0 { format!("{whole}") } else { format!("{whole}.{cents:02}") };
    match currency {
        "USD" | "CAD" | "AUD" => format!("{sign}${amount}"),
        "EUR" => format!("{sign}€{amount}"),
        "GBP" => format!("{sign}£{amount}"),
        other => format!("{sign}{amount} {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::price;

    #[test]
    fn cents_are_said_only_where_there_are_some() {
        assert_eq!(price(6000, "USD"), "$60");
        assert_eq!(price(9550, "EUR"), "€95.50");
        assert_eq!(price(-50, "CHF"), "-0.50 CHF");
    }
}
