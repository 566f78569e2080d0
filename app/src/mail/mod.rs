//! Mails as text and HTML, from the catalogue.
//!
//! Every template has three texts: `mail.<template>.subject`, `.body` (paragraphs, parted by an empty line) and `.action`
//! (the word on the button that leads to the value `link`).

use crate::hosted::escape;
use crate::i18n::{self, k};
use domain::Locale;

/// A mail, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, without line breaks.
    pub subject: String,
    /// The plain text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Renders a template in a language; `None` when there is no such template. Values stand in for `{name}` in the texts.
#[must_use]
pub fn render(locale: Locale, template: &str, params: &[(String, String)]) -> Option<Rendered> {
    let key = |part: &str| i18n::lookup(&format!("mail.{template}.{part}"));
    let (subject, body) = (key("subject")?, key("body")?);
    // A role comes as its code: services know no prose.
    let told: Vec<(&str, String)> = params
        .iter()
        .map(|(name, value)| match name.as_str() {
            "role" => ("role", i18n::code_text(locale, "role.merchant.", value)),
            name => (name, value.clone()),
        })
        .collect();
    let escaped: Vec<(&str, String)> = told.iter().map(|(name, value)| (*name, escape(value))).collect();
    let subject = i18n::tf(locale, subject, &args(&told)).replace(['\r', '\n'], " ");
    let action = key("action").map(|key| i18n::t(locale, key));
    let link = params.iter().find(|(name, _)| name == "link").map(|(_, value)| value.as_str());
    let footer = i18n::t(locale, k::MAIL_FOOTER);

    let mut text = i18n::tf(locale, body, &args(&told));
    if let (Some(action), Some(link)) = (action, link) {
        text.push_str(&format!("\n\n{action}: {link}"));
    }
    text.push_str(&format!("\n\n-- \n{footer}\n"));

    // Values are escaped before they are put in; mails' own texts hold no markup, which `tools/check-texts.mjs` checks.
    let paragraphs: String = i18n::tf(locale, body, &args(&escaped))
        .split("\n\n")
        .map(|paragraph| format!("<p>{}</p>", paragraph.replace('\n', "<br>")))
        .collect();
    let button = match (action, link) {
        (Some(action), Some(link)) => {
            let link = escape(link);
            let fallback = i18n::tf(locale, k::MAIL_LINK_FALLBACK, &[("link", &link)]);
            format!("<p><a class=\"action\" href=\"{link}\">{action}</a></p><p class=\"small\">{fallback}</p>")
        }
        _ => String::new(),
    };
    let html = format!(
        "<!doctype html><html lang=\"{lang}\" dir=\"{dir}\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{CSS}</style>\
         </head><body>{paragraphs}{button}<p class=\"small\">{footer}</p></body></html>",
        lang = locale.tag(),
        dir = locale.dir(),
        title = escape(&subject),
    );
    Some(Rendered { subject, text, html })
}

const CSS: &str = "body{font:16px/1.5 system-ui,sans-serif;color:#1a2227;max-width:36em;margin:2em auto;padding:0 1em}\
    .action{display:inline-block;background:#0b5f5c;color:#fff;padding:.6em 1.2em;border-radius:6px;text-decoration:none}\
    .small{font-size:13px;color:#55636b;word-break:break-word}";

/// Values as the catalogue takes them.
fn args<'a>(values: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a dyn std::fmt::Display)> {
    values.iter().map(|(name, value)| (*name, value as &dyn std::fmt::Display)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_are_escaped_in_html_and_plain_in_text() {
        let params = values(&[("name", "<b>{link}</b>"), ("link", "https://x.test/?a=1&b=2")]);
        let mail = render(Locale::En, "verify_email", &params).unwrap();
        assert!(mail.text.contains("Hello <b>{link}</b>,"));
        assert!(mail.html.contains("Hello &lt;b&gt;{link}&lt;/b&gt;,"));
        assert!(mail.html.contains("href=\"https://x.test/?a=1&amp;b=2\""));
    }

    #[test]
    fn a_subject_is_one_line() {
        let params = values(&[("inviter", "A\r\nBcc: x@y.test"), ("business", "B"), ("link", "https://x.test")]);
        let mail = render(Locale::En, "invitation", &params).unwrap();
        assert!(!mail.subject.contains(['\r', '\n']));
    }

    #[test]
    fn a_role_is_told_in_words() {
        let params = values(&[("inviter", "A"), ("business", "B"), ("role", "support"), ("link", "https://x.test")]);
        assert!(render(Locale::En, "invitation", &params).unwrap().text.contains("as Support."));
    }

    #[test]
    fn there_is_no_mail_without_a_template() {
        assert_eq!(render(Locale::Fa, "nothing", &[]), None);
    }
}
