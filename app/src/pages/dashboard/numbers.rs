//! The numbers of one currency; currencies are never summed.

use crate::components::{
    amount,
    chart::{Day, day_bars},
    icon::icon_of,
    list::address,
};
use crate::i18n::{code_text, k, number, permille, t, tf, tn, use_locale};
use crate::pages::page_href;
use domain::views::dashboard::{CurrencyBlock, DayPoint, Maintained};
use domain::{Currency, Money, Scope};
use leptos::prelude::*;

/// Volume, success, refunds, fees and the chart.
pub fn block(scope: &Scope, block: CurrencyBlock) -> AnyView {
    let locale = use_locale();
    let payments = page_href(scope, "payments");
    let filtered = |status: &str| address(&payments, &[("status", status), ("currency", &block.currency)]);
    let success =
        block.success_permille.map_or_else(|| t(locale, k::DASHBOARD_NO_RATE).to_owned(), |p| permille(locale, p));
    let counts = tf(
        locale,
        k::DASHBOARD_COUNTS,
        &[("succeeded", &number(locale, block.succeeded)), ("failed", &number(locale, block.failed))],
    );
    let refunds = tn(locale, k::DASHBOARD_REFUND_COUNT, block.refund_count, &[]);
    let heading = tf(locale, k::DASHBOARD_BLOCK, &[("currency", &block.currency)]);
    let label = heading.clone();
    let currency = block.currency.parse::<Currency>().unwrap_or(block.volume.currency);
    let day = |point: DayPoint| Day {
        date: point.date,
        amount: Money::new(point.volume, currency),
        maintenance: maintained(&point.maintenance),
    };
    let days = block.days.into_iter().map(day).collect();
    let chart = tf(locale, k::DASHBOARD_CHART, &[("currency", &block.currency)]);
    view! {
        <section class="stack" aria-label=label>
            <h2>{heading}</h2>
            <div class="stats">
                {stat(filtered("succeeded"), t(locale, k::DASHBOARD_VOLUME), amount(block.volume), change(block.volume, block.volume_before))}
                {stat(filtered("failed"), t(locale, k::DASHBOARD_SUCCESS), success.into_any(), counts.into_any())}
                {stat(page_href(scope, "refunds"), t(locale, k::DASHBOARD_REFUNDS), amount(block.refunds), refunds.into_any())}
                {stat(filtered(""), t(locale, k::DASHBOARD_FEES), amount(block.fees), t(locale, k::DASHBOARD_FEES_NOTE).into_any())}
            </div>
            <div class="card card-pad">{day_bars(chart, days)}</div>
        </section>
    }
    .into_any()
}

/// What was under maintenance, in words.
fn maintained(what: &[Maintained]) -> Option<String> {
    let name = |what: &Maintained| match what {
        Maintained::Connection(name) => name.clone(),
        Maintained::Provider(key) => code_text(use_locale(), "gateway.provider.", key),
    };
    (!what.is_empty()).then(|| what.iter().map(name).collect::<Vec<_>>().join(", "))
}

fn stat(href: String, label: &'static str, value: AnyView, note: AnyView) -> AnyView {
    view! {
        <a class="stat" href=href>
            <span class="stat-label">{label}</span>
            <span class="stat-value">{value}</span>
            <span class="stat-note">{note}</span>
        </a>
    }
    .into_any()
}

/// How the volume compares with the 30 days before, in words for those who don't see the arrow.
fn change(now: Money, before: Money) -> AnyView {
    let locale = use_locale();
    if before.minor <= 0 {
        return t(locale, k::DASHBOARD_NO_BEFORE).into_any();
    }
    let permille_change = (i128::from(now.minor) - i128::from(before.minor)) * 1_000 / i128::from(before.minor);
    let size = i64::try_from(permille_change.abs()).unwrap_or(i64::MAX);
    let (class, arrow, word) = match permille_change {
        0 => ("delta", None, k::DASHBOARD_SAME),
        1.. => ("delta delta-up", Some("chevron-up"), k::DASHBOARD_UP),
        _ => ("delta delta-down", Some("chevron-down"), k::DASHBOARD_DOWN),
    };
    let text = tf(locale, word, &[("percent", &permille(locale, size))]);
    view! {
        <span class=class>{arrow.map(|name| icon_of(name, "icon-sm"))} {text}</span>
        " "
        {t(locale, k::DASHBOARD_ON_BEFORE)}
    }
    .into_any()
}
