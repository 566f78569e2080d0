//! Charts: SVG made on the server, printable, reachable by keyboard, each with a table twin.
//!
//! Widths are percents and heights pixels, so that text never shrinks (docs/DESIGN-SYSTEM.md). Integers throughout.

use crate::i18n::{date_of_day, k, t, tf, use_locale};
use domain::Money;
use leptos::prelude::*;

/// Top and bottom of the plot, in pixels.
const TOP: i64 = 16;
const BOTTOM: i64 = 172;

/// A day.
pub struct Day {
    /// Its date, `YYYY-MM-DD`.
    pub date: String,
    /// Its amount.
    pub amount: Money,
    /// What was under maintenance, in words; none when nothing was.
    pub maintenance: Option<String>,
}

/// A bar a day, from zero.
pub fn day_bars(title: String, days: Vec<Day>) -> AnyView {
    let locale = use_locale();
    let Some(currency) = days.first().map(|day| day.amount.currency) else { return ().into_any() };
    let top = nice_ceiling(days.iter().map(|day| day.amount.minor).max().unwrap_or(0));
    let count = i64::try_from(days.len()).unwrap_or(1).max(1);
    let points: Vec<_> = days.iter().zip(0..).map(|(day, at)| point(day, at, count, top)).collect();
    let lines: Vec<_> = [top, top / 2]
        .into_iter()
        .filter(|value| *value > 0)
        .map(|value| {
            let y = y_of(value, top);
            view! {
                <line class="chart-grid" x1="0" x2="100%" y1=y.to_string() y2=y.to_string()></line>
                <text class="chart-label" x="0" y=(y - 4).to_string()>{Money::new(value, currency).grouped()}</text>
            }
        })
        .collect();
    let ends = [days.first(), days.last()].map(|day| day.map(|day| date_of_day(locale, &day.date)).unwrap_or_default());
    let [first, last] = ends;
    let (caption, label) = (title.clone(), title.clone());
    view! {
        <figure class="chart">
            <figcaption class="chart-title">{caption}</figcaption>
            <svg class="chart-svg" height="200" role="group" aria-label=label>
                {lines}
                {points}
                <line class="chart-axis" x1="0" x2="100%" y1="172.5" y2="172.5"></line>
                <text class="chart-label" x=place(0, 1) y="192">{first}</text>
                <text class="chart-label chart-label-end" x="100%" y="192">{last}</text>
            </svg>
            {legend(&days)}
            {table(title, days)}
        </figure>
    }
    .into_any()
}

fn point(day: &Day, at: i64, count: i64, top: i64) -> AnyView {
    let locale = use_locale();
    let height = BOTTOM - y_of(day.amount.minor, top);
    let date = date_of_day(locale, &day.date);
    let said = tf(locale, k::CHART_POINT, &[("date", &date), ("amount", &day.amount.display())]);
    let text = match &day.maintenance {
        Some(what) => tf(locale, k::CHART_POINT_MAINTAINED, &[("point", &said), ("what", what)]),
        None => said,
    };
    let mark = day.maintenance.is_some().then(|| {
        view! { <rect class="chart-mark" x=place(at * 10 + 1, count * 10) y="174" width=share(8, count * 10) height="4" rx="2"></rect> }
    });
    let label = text.clone();
    view! {
        <g class="chart-point" tabindex="0" role="img" aria-label=label>
            <rect class="chart-hit" x=place(at, count) y="0" width=share(1, count) height=BOTTOM.to_string()></rect>
            <rect
                class="chart-bar"
                x=place(at * 10 + 1, count * 10)
                y=(BOTTOM - height).to_string()
                width=share(8, count * 10)
                height=height.to_string()
                rx="1.5"
            ></rect>
            {mark}
            <text class="chart-value" x="100%" y="12">{text}</text>
        </g>
    }
    .into_any()
}

/// What the marks under the bars mean, where there are some.
fn legend(days: &[Day]) -> Option<AnyView> {
    days.iter().any(|day| day.maintenance.is_some()).then(|| {
        view! { <p class="chart-legend"><span class="chart-key" aria-hidden="true"></span>{t(use_locale(), k::CHART_MAINTAINED)}</p> }.into_any()
    })
}

fn table(title: String, days: Vec<Day>) -> AnyView {
    let locale = use_locale();
    let marked = days.iter().any(|day| day.maintenance.is_some());
    let rows: Vec<_> = days
        .into_iter()
        .map(|day| {
            let what = marked.then(|| view! { <td>{day.maintenance}</td> });
            view! {
                <tr>
                    <td><time datetime=day.date.clone()>{date_of_day(locale, &day.date)}</time></td>
                    <td class="num">{super::amount(day.amount)}</td>
                    {what}
                </tr>
            }
        })
        .collect();
    let what = marked.then(|| view! { <th scope="col">{t(locale, k::MAINTENANCE_TITLE)}</th> });
    view! {
        <details class="chart-table">
            <summary>{t(locale, k::CHART_TABLE)}</summary>
            <div class="table-wrap" role="region" aria-label=title tabindex="0">
                <table class="table">
                    <thead>
                        <tr><th scope="col">{t(locale, k::CHART_DAY)}</th><th scope="col" class="num">{t(locale, k::CHART_AMOUNT)}</th>{what}</tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

/// The height of a value. Amounts reach 10^12, so that the product fits.
fn y_of(value: i64, top: i64) -> i64 {
    if top <= 0 { BOTTOM } else { BOTTOM - value.max(0).saturating_mul(BOTTOM - TOP) / top }
}

/// What the labels of the scale take of the width, in hundredths of a percent: bars never cover them.
const SCALE: i64 = 900;

/// Where a part of the plot begins.
fn place(part: i64, whole: i64) -> String {
    percent(SCALE + part * (10_000 - SCALE) / whole.max(1))
}

/// How wide a part of the plot is.
fn share(part: i64, whole: i64) -> String {
    percent(part * (10_000 - SCALE) / whole.max(1))
}

/// Hundredths of a percent as percent.
fn percent(hundredths: i64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// The least of 1, 2, 4, 5, 8 times a power of ten that is not below a value.
fn nice_ceiling(value: i64) -> i64 {
    let mut power = 1i64;
    while power.saturating_mul(10) < value {
        power = power.saturating_mul(10);
    }
    [1, 2, 4, 5, 8, 10].into_iter().map(|m| power.saturating_mul(m)).find(|c| *c >= value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_never_below_the_greatest_bar() {
        assert_eq!([0, 1, 9, 11, 23_450, 99_999].map(nice_ceiling), [1, 1, 10, 20, 40_000, 100_000]);
        assert_eq!((y_of(0, 100), y_of(100, 100), y_of(50, 100)), (172, 16, 94));
        assert_eq!((place(0, 30), place(30, 30), share(1, 2)), ("9.00%".into(), "100.00%".into(), "45.50%".into()));
    }
}
