//! A text with holes, and what goes into them.

use app::caller::{Hole, Template};

/// What one visitor alone is told.
#[derive(Debug)]
pub struct Told {
    pub session: String,
    pub nonce: String,
    pub offers: Vec<String>,
}

impl Told {
    pub fn at(&self, hole: Hole) -> &str {
        match hole {
            Hole::Session => &self.session,
            Hole::Nonce => &self.nonce,
            Hole::Offer(number) => self.offers.get(number).map_or("", String::as_str),
        }
    }
}

/// A text with holes.
#[derive(Debug)]
pub struct Stencil {
    /// All of it but the holes.
    text: String,
    /// Where in the text each hole is, in order.
    holes: Vec<(usize, Hole)>,
}

impl Stencil {
    /// Cuts a text that was made with `template`; none if it was not made well.
    pub fn cut(template: &Template, made: &str) -> Option<Self> {
        let (cuts, rest) = template.cut(made)?;
        let (mut text, mut holes) = (String::with_capacity(made.len()), Vec::with_capacity(cuts.len()));
        for (before, hole) in cuts {
            text.push_str(before);
            holes.push((text.len(), hole));
        }
        text.push_str(rest);
        Some(Self { text, holes })
    }

    pub fn holes(&self) -> impl Iterator<Item = Hole> {
        self.holes.iter().map(|(_, hole)| *hole)
    }

    /// What stands before each hole, and after the last.
    pub fn stretches(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.holes.iter().map(|(at, _)| *at));
        let ends = self.holes.iter().map(|(at, _)| *at).chain(std::iter::once(self.text.len()));
        starts.zip(ends).map(|(start, end)| &self.text[start..end])
    }

    /// The text with all that is told in its holes.
    pub fn fill(&self, told: &Told) -> Vec<u8> {
        let length = self.text.len() + self.holes().map(|hole| told.at(hole).len()).sum::<usize>();
        let mut filled = Vec::with_capacity(length);
        let told = self.holes().map(|hole| told.at(hole)).chain(std::iter::once(""));
        for (stretch, told) in self.stretches().zip(told) {
            filled.extend_from_slice(stretch.as_bytes());
            filled.extend_from_slice(told.as_bytes());
        }
        filled
    }

    pub fn bytes(&self) -> usize {
        self.text.len() + size_of_val(self.holes.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filled_stencil_is_the_text_with_what_was_told() {
        let template = Template::new();
        let made = format!("é{}é{}{}", template.token(), template.nonce(), template.token());
        let stencil = Stencil::cut(&template, &made).unwrap();
        let told = Told { session: "session".into(), nonce: "nonce".into(), offers: vec![] };
        assert_eq!(stencil.fill(&told), "ésessionénoncesession".as_bytes());
        assert_eq!(stencil.stretches().collect::<Vec<_>>(), ["é", "é", "", ""]);
    }
}
