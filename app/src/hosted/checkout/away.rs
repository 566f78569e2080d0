//! Methods that can't be used now: said plainly, with what still works, and a mail when they are back.

use super::parts::utc;
use super::pay::Typed;
use crate::components::icon::icon;
use crate::hosted::form::{Choice, Field, FormCx, hidden};
use crate::i18n::{code_text, k, t, tf};
use crate::request::RequestInfo;
use domain::views::checkout::{AwayMethod, CheckoutView};
use leptos::prelude::*;

/// What is away, until when, and what works meanwhile.
pub fn away_notice(info: &RequestInfo, view: &CheckoutView) -> Option<AnyView> {
    if view.away.is_empty() {
        return None;
    }
    let locale = info.locale;
    let word = |method: &str| code_text(locale, "gateway.method.", method);
    let line = |away: &AwayMethod| {
        let text = match away.until {
            Some(until) => {
                tf(locale, k::CHECKOUT_AWAY_UNTIL, &[("method", &word(&away.method)), ("time", &utc(until))])
            }
            None => tf(locale, k::CHECKOUT_AWAY_SILENT, &[("method", &word(&away.method))]),
        };
        view! { <p>{text}</p> }
    };
    let lines: Vec<_> = view.away.iter().map(line).collect();
    let is_away = |method: &str| view.away.iter().any(|away| away.method == method);
    let works: Vec<_> =
        view.methods.iter().filter(|m| !is_away(&m.method)).map(|offered| word(&offered.method)).collect();
    let works = (!works.is_empty()).then(|| {
        let text = tf(locale, k::CHECKOUT_AWAY_WORKS, &[("methods", &works.join(", "))]);
        view! { <p>{text}</p> }
    });
    Some(
        view! { <div class="banner banner-warning" role="status">{icon("alert-triangle")}<div>{lines}{works}</div></div> }
            .into_any(),
    )
}

/// The form that asks for a mail, or the word that one will come.
pub fn tell_me(info: &RequestInfo, path: &str, view: &CheckoutView, typed: &Typed, cx: &FormCx) -> Option<AnyView> {
    if view.away.is_empty() {
        return None;
    }
    let locale = info.locale;
    if typed.told {
        let text = t(locale, k::CHECKOUT_AWAY_TOLD);
        return Some(
            view! { <p class="banner banner-success" role="status">{icon("mail")}<span>{text}</span></p> }.into_any(),
        );
    }
    let method = match view.away.as_slice() {
        [only] => hidden("notice_method", only.method.clone()).into_any(),
        several => {
            let choice = |away: &AwayMethod| {
                Choice::new(away.method.clone(), code_text(locale, "gateway.method.", &away.method))
            };
            Field::new("notice_method", t(locale, k::CHECKOUT_AWAY_WHICH))
                .value(&typed.notice_method)
                .select(cx, several.iter().map(choice).collect())
        }
    };
    // Where nothing else can be done it stands open.
    let open = view.methods.is_empty() || !typed.notice_email.is_empty() || cx.error("notice_email").is_some();
    let action = format!("{path}/tell-me");
    Some(
        view! {
            <details class="tell-me" open=open>
                <summary>{t(locale, k::CHECKOUT_AWAY_TELL)}</summary>
                <form class="stack gap-3" method="post" action=action novalidate>
                    {view.asks_country.then(|| hidden("country", view.country.clone().unwrap_or_default()))}
                    {method}
                    {Field::new("notice_email", t(locale, k::CHECKOUT_EMAIL))
                        .value(&typed.notice_email)
                        .help(t(locale, k::CHECKOUT_AWAY_HELP))
                        .kind("email")
                        .inputmode("email")
                        .autocomplete("email")
                        .view(cx)}
                    <div><button class="btn" type="submit">{t(locale, k::CHECKOUT_AWAY_SEND)}</button></div>
                </form>
            </details>
        }
        .into_any(),
    )
}
