//! How the rules came to be, and bringing an old version back.

use crate::api::routing::RevertRouting;
use crate::components::time::moment_alone;
use crate::i18n::{k, t, tf, use_locale};
use crate::wire::Act;
use domain::Scope;
use domain::views::routing::{RoutingVersion, RoutingView};
use leptos::prelude::*;

/// The versions, the newest first.
pub fn versions(scope: &Scope, view: &RoutingView, revert: Act<RevertRouting>) -> AnyView {
    if view.versions.is_empty() {
        return ().into_any();
    }
    let locale = use_locale();
    let newest = view.form.version;
    let rows: Vec<_> =
        view.versions.iter().map(|version| row(scope, version, newest, view.may_manage, revert)).collect();
    view! {
        <section class="card" aria-labelledby="versions-title">
            <header class="card-head"><h2 id="versions-title">{t(locale, k::ROUTING_VERSIONS)}</h2></header>
            <div class="table-wrap">
                <table class="table">
                    <caption class="visually-hidden">{t(locale, k::ROUTING_VERSIONS)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t(locale, k::ROUTING_COLUMN_VERSION)}</th>
                            <th scope="col">{t(locale, k::ROUTING_COLUMN_WHEN)}</th>
                            <th scope="col">{t(locale, k::ROUTING_COLUMN_WHO)}</th>
                            <th scope="col" class="num">{t(locale, k::ROUTING_RULES)}</th>
                            <th scope="col">{t(locale, k::ROUTING_COLUMN_WHY)}</th>
                            <th scope="col"><span class="visually-hidden">{t(locale, k::ROUTING_REVERT)}</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(scope: &Scope, version: &RoutingVersion, newest: i64, may: bool, revert: Act<RevertRouting>) -> AnyView {
    let locale = use_locale();
    let number = version.version;
    let why = match (version.reverted_to, version.note.clone()) {
        (Some(to), _) => tf(locale, k::ROUTING_REVERTED, &[("version", &to)]).into_any(),
        (None, Some(note)) => view! { <bdi>{note}</bdi> }.into_any(),
        (None, None) => ().into_any(),
    };
    let button = if number == newest {
        view! { <span class="badge badge-success">{t(locale, k::ROUTING_IN_FORCE)}</span> }.into_any()
    } else if may {
        let scope = scope.clone();
        let pending = revert.pending();
        let act = move |_| revert.dispatch(RevertRouting { scope: scope.clone(), current: newest, to: number });
        let label = tf(locale, k::ROUTING_REVERT_TO, &[("version", &number)]);
        view! {
            <button type="button" class="btn btn-sm" aria-label=label disabled=move || pending.get() on:click=act>
                {t(locale, k::ROUTING_REVERT)}
            </button>
        }
        .into_any()
    } else {
        ().into_any()
    };
    view! {
        <tr>
            <td>{number}</td>
            <td class="nowrap">{moment_alone(version.at)}</td>
            <td><bdi>{version.by.clone().unwrap_or_default()}</bdi></td>
            <td class="num">{version.rules}</td>
            <td>{why}</td>
            <td class="num">{button}</td>
        </tr>
    }
    .into_any()
}
