//! A clinic's accent colour, made readable on light and dark.

/// An accent as both themes need it, each `#rrggbb`: as text and control on
/// the theme's surface at 4.5:1 or better (WCAG 2.2, 1.4.3), with a text
/// colour that is readable on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accent {
    pub light: String,
    pub on_light: String,
    pub dark: String,
    pub on_dark: String,
}

type Rgb = [f64; 3];

const LIGHT_SURFACE: Rgb = [0.969, 0.969, 0.961];
const DARK_SURFACE: Rgb = [0.141, 0.161, 0.157];
const WHITE: Rgb = [1.0, 1.0, 1.0];
const INK: Rgb = [0.027, 0.067, 0.063];
const READABLE: f64 = 4.6;

/// The clinic's `#rrggbb`, moved towards black or white as far as it takes to
/// be readable; none if it is not a colour.
pub fn accent(hex: &str) -> Option<Accent> {
    let colour = parse(hex)?;
    let light = towards(colour, INK, LIGHT_SURFACE);
    let dark = towards(colour, WHITE, DARK_SURFACE);
    Some(Accent { on_light: on(light), light: format(light), on_dark: on(dark), dark: format(dark) })
}

fn towards(colour: Rgb, end: Rgb, surface: Rgb) -> Rgb {
    (0..=50)
        .map(|step| mix(colour, end, f64::from(step) / 50.0))
        .find(|mixed| contrast(*mixed, surface) >= READABLE)
        .unwrap_or(end)
}

fn on(colour: Rgb) -> String {
    format(if contrast(colour, WHITE) >= contrast(colour, INK) { WHITE } else { INK })
}

fn mix(from: Rgb, to: Rgb, share: f64) -> Rgb {
    std::array::from_fn(|part| from[part] + (to[part] - from[part]) * share)
}

/// The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance).
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Rgb) -> f64 {
    let linear = |part: f64| if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

fn parse(hex: &str) -> Option<Rgb> {
    let digits = hex.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok().map(|part| f64::from(part) / 255.0);
    Some([part(0)?, part(2)?, part(4)?])
}

fn format(colour: Rgb) -> String {
    let part = |part: f64| (part.clamp(0.0, 1.0) * 255.0).round() as u8;
    format!("#{:02x}{:02x}{:02x}", part(colour[0]), part(colour[1]), part(colour[2]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_accent_is_readable_in_both_themes(red: u8, green: u8, blue: u8) {
            let accent = accent(&format!("#{red:02x}{green:02x}{blue:02x}")).unwrap();
            let colour = |hex: &str| parse(hex).unwrap();
            prop_assert!(contrast(colour(&accent.light), LIGHT_SURFACE) >= 4.5);
            prop_assert!(contrast(colour(&accent.light), colour(&accent.on_light)) >= 4.5);
            prop_assert!(contrast(colour(&accent.dark), DARK_SURFACE) >= 4.5);
            prop_assert!(contrast(colour(&accent.dark), colour(&accent.on_dark)) >= 4.5);
        }
    }

    #[test]
    fn what_is_no_colour_is_none() {
        for text in ["", "teal", "#12345", "#12345g", "#ééé"] {
            assert_eq!(accent(text), None, "{text}");
        }
    }
}
