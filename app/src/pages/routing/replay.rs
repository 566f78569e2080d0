//! What last month would have looked like by the rules as they stand in the editor.

use super::draft::Draft;
use super::name_of;
use crate::api::routing::ReplayRouting;
use crate::components::action_problem;
use crate::components::form::FormCx;
use crate::components::money::amount;
use crate::i18n::{k, permille, t, tf, use_locale};
use crate::wire::Act;
use domain::Scope;
use domain::views::routing::{Replay, ReplayLine};
use leptos::prelude::*;

/// The comparison.
pub fn replay(scope: &Scope, draft: Draft) -> AnyView {
    let locale = use_locale();
    let action = Act::<ReplayRouting>::new();
    let problem = FormCx::of(action).problem();
    let pending = action.pending();
    let scope = scope.clone();
    let run = move |_| action.dispatch(ReplayRouting { scope: scope.clone(), rules: draft.form() });
    let result = move || action.output().map(|replay| comparison(draft, &replay));
    view! {
        <section class="card" aria-labelledby="replay-title">
            <header class="card-head"><h2 id="replay-title">{t(locale, k::ROUTING_REPLAY)}</h2></header>
            <div class="card-body stack gap-4">
                <p class="muted">{t(locale, k::ROUTING_REPLAY_NOTE)}</p>
                {move || action_problem(problem.get())}
                <div>
                    <button type="button" class="btn" aria-busy=move || pending.get().then_some("true") disabled=move || pending.get() on:click=run>
                        {t(locale, k::ROUTING_REPLAY_RUN)}
                    </button>
                </div>
                <div role="status">{result}</div>
            </div>
        </section>
    }
    .into_any()
}

fn comparison(draft: Draft, replay: &Replay) -> AnyView {
    let locale = use_locale();
    if replay.payments == 0 {
        return view! { <p class="muted">{t(locale, k::ROUTING_REPLAY_NONE)}</p> }.into_any();
    }
    let values: &[(&str, &dyn std::fmt::Display)] = &[
        ("payments", &replay.payments),
        ("moved", &replay.moved),
        ("blocked", &replay.blocked),
        ("unroutable", &replay.unroutable),
    ];
    let more = replay.more.then(|| view! { <p class="muted small">{t(locale, k::ROUTING_REPLAY_MORE)}</p> });
    let learns = replay.learns.then(|| view! { <p class="muted small">{t(locale, k::ROUTING_REPLAY_LEARNS)}</p> });
    let rows: Vec<_> = replay.lines.iter().map(|line| row(draft, line)).collect();
    view! {
        <p>{tf(locale, k::ROUTING_REPLAY_SUM, values)}</p>
        {more}
        {learns}
        <div class="table-wrap">
            <table class="table">
                <caption class="visually-hidden">{t(locale, k::ROUTING_REPLAY)}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t(locale, k::ROUTING_COLUMN_CONNECTION)}</th>
                        <th scope="col" class="num">{t(locale, k::ROUTING_COLUMN_WAS)}</th>
                        <th scope="col" class="num">{t(locale, k::ROUTING_COLUMN_WOULD)}</th>
                        <th scope="col" class="num">{t(locale, k::ROUTING_COLUMN_VOLUME)}</th>
                        <th scope="col" class="num">{t(locale, k::ROUTING_COLUMN_APPROVAL)}</th>
                        <th scope="col" class="num">{t(locale, k::ROUTING_COLUMN_FEES)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(draft: Draft, line: &ReplayLine) -> AnyView {
    let unknown = || view! { <span class="muted">{t(use_locale(), k::ROUTING_NO_DATA)}</span> }.into_any();
    let approval = line
        .approval
        .map_or_else(unknown, |points| view! { <bdi dir="ltr">{permille(use_locale(), points / 10)}</bdi> }.into_any());
    view! {
        <tr>
            <td>{name_of(draft, &line.connection)}</td>
            <td class="num">{line.was}</td>
            <td class="num">{line.would_be}</td>
            <td class="num">{amount(line.volume)}</td>
            <td class="num">{approval}</td>
            <td class="num">{line.fees.map_or_else(unknown, |fees| amount(fees).into_any())}</td>
        </tr>
    }
    .into_any()
}
