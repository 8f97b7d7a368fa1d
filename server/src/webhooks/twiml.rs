//! Twilio's markup for replies.
//!
//! <https://www.twilio.com/docs/messaging/twiml>

use axum::response::{IntoResponse, Response};
use http::header;
use quick_xml::Writer;
use quick_xml::de::DeError;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde::Deserialize;

/// The texts that Twilio is to send in reply, in order; it may be none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename = "Response")]
pub struct Twiml {
    #[serde(rename = "Message", default)]
    messages: Vec<Message>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Message {
    #[serde(rename = "Body")]
    body: String,
}

impl Twiml {
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let messages = texts.into_iter().map(|text| Message { body: text.chars().filter(is_xml).collect() });
        Self { messages: messages.collect() }
    }

    /// # Errors
    ///
    /// What is wrong with it.
    pub fn parse(xml: &str) -> Result<Self, DeError> {
        quick_xml::de::from_str(xml)
    }

    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().map(|message| message.body.as_str())
    }

    pub fn to_xml(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        self.write(&mut writer).expect("a vector takes what is written to it");
        String::from_utf8(writer.into_inner()).expect("what is written is text")
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.write_event(Event::Start(BytesStart::new("Response")))?;
        for Message { body } in &self.messages {
            writer.write_event(Event::Start(BytesStart::new("Message")))?;
            writer.create_element("Body").write_text_content(BytesText::new(body))?;
            writer.write_event(Event::End(BytesEnd::new("Message")))?;
        }
        writer.write_event(Event::End(BytesEnd::new("Response")))
    }
}

impl IntoResponse for Twiml {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "text/xml"), (header::CACHE_CONTROL, "no-store")], self.to_xml()).into_response()
    }
}

/// Whether XML 1.0 can carry a letter at all.
fn is_xml(letter: &char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saying_nothing_is_an_empty_response() {
        let nothing = Twiml::default().to_xml();
        assert_eq!(nothing, r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#);
        assert_eq!(Twiml::parse(&nothing).unwrap(), Twiml::default());
    }

    #[test]
    fn texts_arrive_as_they_were_written() {
        for text in ["a < b & \"c\" ]]> </Body>", "☎ Zoë 👩‍👩‍👧", "two\nlines", "&amp;", "'"] {
            let xml = Twiml::of([text, "second"]).to_xml();
            let read = Twiml::parse(&xml).unwrap();
            assert_eq!(read.texts().collect::<Vec<_>>(), [text, "second"], "{xml}");
        }
        assert_eq!(Twiml::of(["a\u{0}\u{b}\u{ffff}b"]).texts().next(), Some("ab"));
    }
}
