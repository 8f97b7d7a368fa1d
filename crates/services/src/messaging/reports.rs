//! Reports that a message came back (RFC 3464), as mail servers write them.
//!
//! A report is a `multipart/report` whose second part says of each recipient
//! what happened, and whose third is the message that came back, or its head.

/// What a report says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of the message that came back, without its brackets.
    pub message_id: String,
    /// RFC 3463, such as `5.1.1`.
    pub status: String,
    /// What the server further on said.
    pub diagnostic: Option<String>,
}

/// How deep parts are looked for in parts.
const DEEPEST: usize = 4;

/// The failures that a report tells of, which may be none: it may be about a
/// delay. None if it is no such report, or does not say which message it is
/// about.
///
/// `content_type` is what the transport says that `body` is: a
/// `multipart/report`, or a whole message that is one.
pub fn read(content_type: &str, body: &str) -> Option<Vec<Report>> {
    let body = body.replace("\r\n", "\n");
    let (mut told, mut message_id) = (Vec::new(), None);
    look_at(content_type, &body, DEEPEST, &mut told, &mut message_id);
    let message_id = message_id?;
    (!told.is_empty()).then(|| {
        told.into_iter()
            .filter(|recipient| recipient.has_failed)
            .map(|recipient| Report {
                message_id: message_id.clone(),
                status: recipient.status,
                diagnostic: recipient.diagnostic,
            })
            .collect()
    })
}

struct Recipient {
    has_failed: bool,
    status: String,
    diagnostic: Option<String>,
}

/// Reads a part, and what is in it.
fn look_at(content_type: &str, body: &str, depth: usize, told: &mut Vec<Recipient>, message_id: &mut Option<String>) {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        _ if depth == 0 => {}
        "message/delivery-status" => told.extend(recipients(body)),
        // Whoever sent the report has put the message behind what they say of
        // it; before that, a whole message is the report itself.
        "message/rfc822" | "text/rfc822-headers" if !told.is_empty() => {
            let (head, _) = apart(body);
            *message_id = message_id.take().or_else(|| field(head, "message-id").map(|id| bare(&id)));
        }
        "message/rfc822" => {
            let (head, rest) = apart(body);
            let inner = field(head, "content-type").unwrap_or_default();
            look_at(&inner, rest, depth - 1, told, message_id);
        }
        _ if kind.starts_with("multipart/") => {
            for part in parts(content_type, body) {
                let (head, rest) = apart(part);
                let inner = field(head, "content-type").unwrap_or_else(|| "text/plain".to_owned());
                look_at(&inner, rest, depth - 1, told, message_id);
            }
        }
        _ => {}
    }
}

/// What is said of each recipient, in groups of fields; the first group is
/// about the message.
fn recipients(body: &str) -> Vec<Recipient> {
    let groups = body.split("\n\n").filter(|group| field(group, "final-recipient").is_some());
    let told = groups.map(|group| Recipient {
        has_failed: field(group, "action").is_some_and(|action| action.eq_ignore_ascii_case("failed")),
        // A comment may follow it.
        status: field(group, "status")
            .and_then(|status| Some(status.split_whitespace().next()?.to_owned()))
            .unwrap_or_default(),
        diagnostic: field(group, "diagnostic-code"),
    });
    told.collect()
}

/// Fields, and what follows the first empty line.
fn apart(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches('\n');
    text.split_once("\n\n").unwrap_or((text, ""))
}

/// A field's value, with its lines joined.
fn field(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines();
    let value = lines.find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })?;
    let more = lines.take_while(|line| line.starts_with([' ', '\t']));
    Some(more.fold(value, |value, line| format!("{value} {}", line.trim())))
}

/// The parts of a `multipart/…`.
fn parts<'a>(content_type: &str, body: &'a str) -> Vec<&'a str> {
    let Some(boundary) = boundary(content_type) else { return Vec::new() };
    let opening = format!("--{boundary}");
    let mut parts: Vec<&str> = Vec::new();
    let mut from = None;
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let is_end = line.trim_end().strip_prefix(&opening).is_some_and(|rest| rest == "--");
        if is_end || line.trim_end() == opening {
            parts.extend(from.map(|from: usize| &body[from..at]));
            from = (!is_end).then_some(at + line.len());
        }
        at += line.len();
    }
    parts.extend(from.map(|from| &body[from..]));
    parts
}

fn boundary(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.split('"').next()).unwrap_or(value);
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.to_owned())
    })
}

fn bare(id: &str) -> String {
    id.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/report; report-type=delivery-status;\n boundary=\"=_x\"";

    fn report(action: &str, third: &str) -> String {
        format!(
            "This is a MIME message.\r\n--=_x\r\nContent-Type: text/plain\r\n\r\nI could not deliver it.\r\n\
             --=_x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n\
             Final-Recipient: rfc822; ada@example.com\r\nAction: {action}\r\nStatus: 5.1.1 (bad mailbox)\r\n\
             Diagnostic-Code: smtp; 550 5.1.1\r\n\tNobody of that name\r\n\r\n--=_x\r\nContent-Type: {third}\r\n\r\n\
             Received: by mx\r\nMessage-ID:\r\n <7@cedar.example.com>\r\nSubject: Booked\r\n\r\nHello\r\n--=_x--\r\n"
        )
    }

    fn expected() -> Vec<Report> {
        vec![Report {
            message_id: "7@cedar.example.com".into(),
            status: "5.1.1".into(),
            diagnostic: Some("smtp; 550 5.1.1 Nobody of that name".into()),
        }]
    }

    #[test]
    fn a_report_says_which_message_came_back_and_why() {
        for third in ["message/rfc822", "text/rfc822-headers; charset=us-ascii"] {
            assert_eq!(read(KIND, &report("failed", third)), Some(expected()), "{third}");
        }
    }

    #[test]
    fn a_whole_message_that_is_a_report_reads_alike() {
        let message = format!(
            "From: MAILER-DAEMON\r\nContent-Type: {KIND}\r\nSubject: Returned\r\n\r\n{}",
            report("failed", "message/rfc822")
        );
        assert_eq!(read("message/rfc822", &message), Some(expected()));
    }

    #[test]
    fn a_delay_is_no_failure() {
        assert_eq!(read(KIND, &report("delayed", "message/rfc822")), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_report_is_none() {
        let nested = "Content-Type: message/rfc822\n\n".repeat(50);
        for (kind, body) in [
            ("text/plain", "Hello"),
            ("multipart/report", "no boundary"),
            (KIND, "--=_x\n\n--=_x--"),
            ("message/rfc822", &nested),
            ("message/rfc822", ""),
        ] {
            assert_eq!(read(kind, body), None, "{kind}");
        }
    }
}
