//! The same words as a page: nothing in it is fetched from anywhere, and
//! nothing tells us that it was opened.

use super::Letter;

/// Follows the reader's theme where the mail program has one. What a program
/// does not understand falls back to what stands at the elements.
const STYLE: &str = "\
    :root { color-scheme: light dark; supported-color-schemes: light dark; }\
    @media (prefers-color-scheme: dark) {\
      .page { background: #141716 !important; }\
      .card { background: #242928 !important; border-color: #3a4140 !important; color: #eef1f0 !important; }\
      .below { color: #a9b2b0 !important; }";

/// The e-mail as HTML.
pub(super) fn page(letter: &Letter<'_>) -> String {
    let accent = letter.accent();
    let language = letter.language.code();
    let title = escaped(letter.words.subject.as_deref().unwrap_or(&letter.clinic.name));
    let clinic = escaped(&letter.clinic.name);
    let mut body: String = letter.body().split("\n\n").map(|text| paragraph(letter, text.trim())).collect();
    if let Some(link) = letter.missing_link() {
        body.push_str(&button(letter, link));
    }
    let lines: Vec<String> = letter.below().iter().map(|line| escaped(line)).collect();
    let below = lines.join("<br>");
    let way_out = letter.way_out().map_or_else(String::new, |(sentence, link)| {
        let link = escaped(link);
        format!("<p style=\"margin:12px 0 0\">{sentence}<br><a href=\"{link}\" style=\"color:inherit\">{link}</a></p>")
    });
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}\n\
         .name {{ color: {dark} !important; }}\n\
         .button {{ background: {dark} !important; color: {on_dark} !important; }}\n}}\n</style>\n</head>\n\
         <body class=\"page\" style=\"margin:0;padding:24px 12px;background:#f7f7f5;\
         font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5\">\n\
         <div class=\"card\" style=\"max-width:560px;margin:0 auto;padding:24px;background:#ffffff;color:#1b1f1e;\
         border:1px solid #e2e4e1;border-radius:10px\">\n\
         <p class=\"name\" style=\"margin:0 0 16px;font-weight:600;color:{light}\">{clinic}</p>\n{body}</div>\n\
         <div class=\"below\" style=\"max-width:560px;margin:16px auto 0;padding:0 24px;color:#5c6462;font-size:13px\">\n\
         <p style=\"margin:0\">{below}</p>\n{way_out}\n</div>\n</body>\n</html>\n",
        dark = accent.dark,
        on_dark = accent.on_dark,
        light = accent.light,
    )
}

/// A paragraph, or a button where it is the link and nothing else.
fn paragraph(letter: &Letter<'_>, text: &str) -> String {
    let is_link = letter.link == Some(text);
    if is_link {
        return button(letter, text);
    }
    let mut words = escaped(text).replace('\n', "<br>\n");
    if let Some(link) = letter.link.map(escaped) {
        words = words.replace(&link, &format!("<a href=\"{link}\">{link}</a>"));
    }
    format!("<p style=\"margin:0 0 16px\">{words}</p>\n")
}

fn button(letter: &Letter<'_>, link: &str) -> String {
    let accent = letter.accent();
    format!(
        "<p style=\"margin:0 0 16px\"><a class=\"button\" href=\"{}\" style=\"display:inline-block;padding:12px 20px;\
         border-radius:8px;background:{};color:{};text-decoration:none;font-weight:600\">{}</a></p>\n",
        escaped(link),
        accent.light,
        accent.on_light,
        letter.label()
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
