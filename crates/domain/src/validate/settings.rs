//! Business settings and branding: fields are named as in `views::account::BusinessSettings`.

use super::{Problems, Wrong, account::MAX_BUSINESS, brand, email, number, text, timezone, url};
use crate::problem::accounts;
use crate::views::account::BusinessSettings;
use crate::{Currency, FieldProblem};

/// Most origins that a merchant may list.
pub const MAX_ORIGINS: usize = 20;

/// What may become of late money: it is accepted, or given back at once.
pub const LATE_SUCCESS: [&str; 2] = ["accept", "refund"];

/// Settings that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedSettings {
    /// Name that customers see.
    pub name: String,
    /// What may stand on the statement.
    pub statement_name: Option<String>,
    /// Where customers ask.
    pub support_email: Option<String>,
    /// The same, a page.
    pub support_url: Option<String>,
    /// Time zone.
    pub timezone: String,
    /// Currency offered first.
    pub default_currency: Currency,
    /// `#rrggbb`.
    pub brand_color: Option<String>,
    /// Origins, each once.
    pub return_origins: Vec<String>,
    /// One of [`LATE_SUCCESS`].
    pub late_success: String,
}

/// Checks the settings form.
///
/// # Errors
/// The fields that can't be accepted.
pub fn check(form: &BusinessSettings) -> Result<CheckedSettings, Vec<FieldProblem>> {
    let mut problems = Problems::new();
    let typed = |text: &Option<String>| text.clone().unwrap_or_default();
    let name = problems.take("name", text::required(&form.name, MAX_BUSINESS));
    let statement_name = problems.take("statement_name", brand::statement_name(&typed(&form.statement_name)));
    let support_email = problems.take("support_email", email::optional(&typed(&form.support_email)));
    let support_url = problems.take("support_url", url::optional(&typed(&form.support_url)));
    let timezone = problems.take("timezone", timezone::required(&form.timezone));
    let currency = problems.take("default_currency", number::currency(&form.default_currency));
    let brand_color = problems.take("brand_color", brand::color(&typed(&form.brand_color)));
    let return_origins = problems.take("return_origins", origins(&form.return_origins));
    let late_success = problems.take("late_success", late_success(&form.late_success));
    match (name, timezone, currency, late_success) {
        (Some(name), Some(timezone), Some(default_currency), Some(late_success)) if problems.is_empty() => {
            Ok(CheckedSettings {
                name,
                statement_name: statement_name.flatten(),
                support_email: support_email.flatten().map(|e| e.address),
                support_url: support_url.flatten(),
                timezone,
                default_currency,
                brand_color: brand_color.flatten(),
                return_origins: return_origins.unwrap_or_default(),
                late_success,
            })
        }
        _ => Err(problems.into_vec()),
    }
}

/// A rule for late money.
fn late_success(typed: &str) -> Result<String, Wrong> {
    let known = LATE_SUCCESS.contains(&typed);
    if known { Ok(typed.to_owned()) } else { Err(Wrong::new(crate::problem::codes::BAD_CHOICE)) }
}

/// A list of origins, empty lines left out, each once, in the order given.
///
/// # Errors
/// [`accounts::BAD_ORIGIN`] with the line as `value`, [`accounts::TOO_MANY_ORIGINS`].
pub fn origins(lines: &[String]) -> Result<Vec<String>, Wrong> {
    let mut out: Vec<String> = Vec::new();
    for line in lines.iter().flat_map(|l| l.lines()).map(str::trim).filter(|l| !l.is_empty()) {
        let shown: String = line.chars().filter(|c| !text::is_unsafe(*c)).take(80).collect();
        let origin = url::origin(line).map_err(|wrong| wrong.with("value", shown))?;
        if !out.contains(&origin) {
            out.push(origin);
        }
        if out.len() > MAX_ORIGINS {
            return Err(Wrong::new(accounts::TOO_MANY_ORIGINS).with("max", MAX_ORIGINS));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_kept_once() {
        let lines = |t: &[&str]| t.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>();
        let kept = origins(&lines(&["https://A.se", "", "https://a.se/\nhttp://localhost:3000"])).unwrap();
        assert_eq!(kept, ["https://a.se", "http://localhost:3000"]);
        assert_eq!(origins(&lines(&["http://a.se"])).unwrap_err().code, accounts::BAD_ORIGIN);
        let many: Vec<String> = (0..30).map(|n| format!("https://a{n}.se")).collect();
        assert_eq!(origins(&many).unwrap_err().code, accounts::TOO_MANY_ORIGINS);
    }
}
