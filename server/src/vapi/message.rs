//! Reading what Vapi sends. Its documents disagree about the shapes, so each
//! thing is looked for wherever one of them puts it.

use chrono::{DateTime, Utc};
use domain::chat::Role;
use serde_json::Value;
use services::voice::{Arguments, Said};

/// The most calls of one message that are answered.
const MOST_CALLS: usize = 20;

/// One thing the model wants done.
#[derive(Debug, PartialEq)]
pub struct Called {
    pub id: Option<String>,
    pub name: Option<String>,
    /// None if they cannot be read.
    pub arguments: Option<Arguments>,
}

/// The first of these places that holds a text.
fn text(value: &Value, places: &[&str]) -> Option<String> {
    let texts = places.iter().filter_map(|place| value.pointer(place)?.as_str());
    texts.map(str::trim).find(|text| !text.is_empty()).map(str::to_owned)
}

/// Vapi's message, which some send without its envelope.
pub fn of(body: &Value) -> Option<&Value> {
    let message = body.get("message").filter(|message| message.is_object());
    message.or_else(|| Some(body).filter(|body| body.get("type").is_some_and(Value::is_string)))
}

pub fn kind(message: &Value) -> &str {
    message.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Whether a message asks for tools in Vapi's own way.
pub fn has_tool_calls(message: &Value) -> bool {
    kind(message) == "tool-calls"
        || ["toolCallList", "toolWithToolCallList"].iter().any(|list| message.get(list).is_some_and(Value::is_array))
}

pub fn call_id(message: &Value) -> Option<String> {
    text(message, &["/call/id", "/callId"])
}

/// The number that is calling, as far as anybody knows.
pub fn caller(message: &Value) -> Option<String> {
    text(message, &["/call/customer/number", "/customer/number", "/call/from/phoneNumber"])
}

/// What the model wants done, in order.
pub fn tool_calls(message: &Value) -> Vec<Called> {
    let list = |name: &str| message.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let plain = list("toolCallList");
    if !plain.is_empty() {
        return plain.iter().take(MOST_CALLS).map(|call| called(call, &Value::Null)).collect();
    }
    let with_tools = list("toolWithToolCallList").iter().take(MOST_CALLS);
    with_tools.filter_map(|entry| Some(called(entry.get("toolCall")?, entry))).collect()
}

/// A call, and the tool it is for where that stands beside it.
fn called(call: &Value, tool: &Value) -> Called {
    let names = ["/function/name", "/name"];
    Called {
        id: text(call, &["/id"]),
        name: text(call, &names).or_else(|| text(tool, &["/name", "/function/name"])),
        arguments: arguments(call, &["/function/arguments", "/arguments", "/function/parameters", "/parameters"]),
    }
}

fn arguments(value: &Value, places: &[&str]) -> Option<Arguments> {
    let given = places.iter().filter_map(|place| value.pointer(place)).find(|given| !given.is_null());
    Arguments::read(given.unwrap_or(&Value::Null))
}

/// The older way to ask for one tool: `{"toolCallId","message","tool"}`.
pub fn direct(body: &Value) -> Called {
    Called {
        id: text(body, &["/toolCallId", "/message/toolCallId", "/tool/id"]),
        name: text(body, &["/tool/name", "/tool/function/name"]),
        arguments: arguments(
            body,
            &["/tool/arguments", "/tool/function/arguments", "/tool/parameters", "/arguments", "/parameters"],
        ),
    }
}

/// What the caller has just said, once it is understood.
pub fn just_said(message: &Value) -> Option<String> {
    let is_final = message.get("transcriptType").and_then(Value::as_str) == Some("final");
    let is_caller = message.get("role").and_then(Value::as_str).and_then(role) == Some(Role::Patient);
    text(message, &["/transcript"]).filter(|_| is_final && is_caller)
}

/// What was said in a call, from whichever of its records there is.
pub fn said(message: &Value) -> Vec<Said> {
    let lists = ["/artifact/messages", "/messages", "/artifact/messagesOpenAIFormatted", "/messagesOpenAIFormatted"];
    let lists = lists.iter().filter_map(|place| message.pointer(place)?.as_array());
    let spoken = lists.map(|list| list.iter().filter_map(one).collect::<Vec<_>>()).find(|said| !said.is_empty());
    spoken.unwrap_or_else(|| {
        text(message, &["/artifact/transcript", "/transcript"]).map(|text| lines(&text)).unwrap_or_default()
    })
}

fn one(message: &Value) -> Option<Said> {
    let role = role(message.get("role")?.as_str()?)?;
    let text = text(message, &["/message", "/content"])?;
    let at = message.get("time").and_then(Value::as_f64).and_then(moment);
    Some(Said { role, text, at })
}

fn role(role: &str) -> Option<Role> {
    match role {
        "user" | "User" | "customer" => Some(Role::Patient),
        "bot" | "assistant" | "AI" | "Assistant" => Some(Role::Receptionist),
        _ => None,
    }
}

/// A transcript in one piece: `AI: Hello.\nUser: Hi.`
fn lines(transcript: &str) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    for line in transcript.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let named = line.split_once(':').and_then(|(name, text)| Some((role(name.trim())?, text.trim())));
        match (named, said.last_mut()) {
            (Some((role, text)), _) => said.push(Said { role, text: text.to_owned(), at: None }),
            (None, Some(last)) => last.text = format!("{} {line}", last.text),
            (None, None) => {}
        }
    }
    said
}

/// Thousandths of a second since 1970.
fn moment(milliseconds: f64) -> Option<DateTime<Utc>> {
    // Whole numbers to 2^53 survive; a time outside a plausible life does not.
    let plausible = (946_684_800_000.0..4_102_444_800_000.0).contains(&milliseconds);
    #[expect(clippy::cast_possible_truncation, reason = "a plausible time is far within an i64")]
    plausible.then(|| DateTime::from_timestamp_millis(milliseconds as i64)).flatten()
}

/// When a call was over.
pub fn ended_at(message: &Value) -> Option<DateTime<Utc>> {
    text(message, &["/endedAt", "/call/endedAt"])?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn arguments(value: Value) -> Option<Arguments> {
        Some(Arguments::read(&value).unwrap())
    }

    #[test]
    fn a_tool_call_is_read_in_every_shape_the_documents_show() {
        let given = json!({ "patientName": "Ada" });
        let text = json!(given.to_string());
        let shapes = [
            json!({ "id": "tc_1", "function": { "name": "book", "arguments": text } }),
            json!({ "id": "tc_1", "type": "function", "function": { "name": "book", "arguments": given } }),
            json!({ "id": "tc_1", "name": "book", "arguments": given }),
            json!({ "id": "tc_1", "name": "book", "arguments": text }),
            json!({ "id": "tc_1", "function": { "name": "book", "parameters": given } }),
            json!({ "id": "tc_1", "name": "book", "parameters": given }),
            json!({ "id": "tc_1", "name": "other", "function": { "name": "book", "arguments": given },
                    "parameters": { "patientName": "Eve" } }),
            json!({ "id": "tc_1", "name": "book", "function": { "arguments": null }, "parameters": text }),
        ];
        let right =
            || Called { id: Some("tc_1".into()), name: Some("book".into()), arguments: arguments(given.clone()) };
        for shape in shapes {
            let message = json!({ "type": "tool-calls", "toolCallList": [shape], "toolWithToolCallList": [] });
            assert_eq!(tool_calls(&message), [right()], "{shape}");
        }
        for entry in [
            json!({ "name": "book", "toolCall": { "id": "tc_1", "parameters": given } }),
            json!({ "function": { "name": "book" }, "toolCall": { "id": "tc_1", "function": { "arguments": text } } }),
            json!({ "type": "function", "name": "other",
                    "toolCall": { "id": "tc_1", "function": { "name": "book", "arguments": given } } }),
        ] {
            let message = json!({ "type": "tool-calls", "toolCallList": [], "toolWithToolCallList": [entry] });
            assert_eq!(tool_calls(&message), [right()], "{entry}");
        }
    }

    #[test]
    fn several_calls_keep_their_order_and_what_is_odd_is_no_fault() {
        let message = json!({ "type": "tool-calls", "toolCallList": [
            { "id": "a", "name": "one" }, { "id": "b", "name": "two", "arguments": "{not json" }, 7, { "id": "" },
        ] });
        let read = tool_calls(&message);
        assert_eq!(read.iter().map(|call| call.id.as_deref()).collect::<Vec<_>>(), [Some("a"), Some("b"), None, None]);
        assert_eq!(read[0].arguments, Some(Arguments::default()));
        assert_eq!(read[1].arguments, None);
        for odd in [json!({}), json!({ "toolCallList": "no" }), json!({ "toolWithToolCallList": [{}] }), json!(null)] {
            assert_eq!(tool_calls(&odd), [], "{odd}");
        }
        let many: Vec<Value> = (0..100).map(|id| json!({ "id": id.to_string() })).collect();
        assert_eq!(tool_calls(&json!({ "toolCallList": many })).len(), MOST_CALLS);
    }

    #[test]
    fn the_older_shape_is_read() {
        let given = json!({ "patientName": "Ada" });
        for tool in [
            json!({ "arguments": given }),
            json!({ "arguments": given.to_string() }),
            json!({ "function": { "arguments": given } }),
            json!({ "parameters": given }),
        ] {
            let body = json!({ "toolCallId": "tc_1", "message": { "call": { "id": "c" } }, "tool": tool });
            let right = Called { id: Some("tc_1".into()), name: None, arguments: arguments(given.clone()) };
            assert_eq!(direct(&body), right, "{tool}");
            let message = of(&body).unwrap();
            assert!(!has_tool_calls(message));
            assert_eq!(call_id(message), Some("c".into()));
        }
    }

    #[test]
    fn callers_are_found_wherever_they_stand() {
        let number = Some("+15551234567".to_owned());
        for message in [
            json!({ "call": { "customer": { "number": "+15551234567" } } }),
            json!({ "customer": { "number": "+15551234567" } }),
            json!({ "call": { "from": { "phoneNumber": "+15551234567" } } }),
        ] {
            assert_eq!(caller(&message), number, "{message}");
        }
        assert_eq!(caller(&json!({ "call": { "customer": { "number": 5 } } })), None);
    }

    #[test]
    fn what_was_said_is_read_from_any_record() {
        let right = [(Role::Receptionist, "Hello."), (Role::Patient, "Hi, a haircut."), (Role::Receptionist, "When?")];
        let records = [
            json!({ "artifact": { "messages": [
                { "role": "system", "message": "You are" }, { "role": "bot", "message": "Hello.", "time": 1_795_190_400_000_u64 },
                { "role": "user", "message": "Hi, a haircut." }, { "role": "tool_calls", "toolCalls": [] },
                { "role": "bot", "message": "When?" },
            ] } }),
            json!({ "artifact": { "messages": [], "messagesOpenAIFormatted": [
                { "role": "assistant", "content": "Hello." }, { "role": "user", "content": "Hi, a haircut." },
                { "role": "assistant", "content": null, "tool_calls": [] }, { "role": "assistant", "content": "When?" },
            ] } }),
            json!({ "artifact": { "transcript": "AI: Hello.\nUser: Hi,\na haircut.\nAI: When?\n" } }),
            json!({ "transcript": "AI: Hello.\nUser: Hi, a haircut.\nAI: When?" }),
        ];
        for record in records {
            let read = said(&record);
            assert_eq!(read.iter().map(|one| (one.role, one.text.as_str())).collect::<Vec<_>>(), right, "{record}");
        }
        for nothing in [json!({}), json!({ "artifact": { "transcript": "" } }), json!({ "artifact": 7 })] {
            assert_eq!(said(&nothing), [], "{nothing}");
        }
    }
}
