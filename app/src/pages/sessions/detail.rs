//! One checkout session.

use crate::api::sessions::{ExpireSession, LoadSession};
use crate::components::badge::session_badge;
use crate::components::confirm::{Question, confirm};
use crate::components::copy::copy_button_wide;
use crate::components::form::FormCx;
use crate::components::money::id_with_copy;
use crate::components::page::crumbs;
use crate::components::time::{moment_alone, moment_full};
use crate::components::{Loaded, action_problem, amount, icon, id, load_page, set_title};
use crate::i18n::{Key, k, number, t, tf, use_locale};
use crate::pages::{page_href, use_scope};
use crate::wire::Act;
use domain::states::SessionStatus;
use domain::views::checkout::{CheckoutSession, LineItem};
use domain::{CaptureMethod, Money, Scope};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// One session: its address while it is open, what is bought, the payment that came of it.
#[component]
pub fn SessionDetail() -> impl IntoView {
    let scope = use_scope();
    let params = use_params_map();
    let asked = scope.clone();
    let data: Loaded<CheckoutSession> = Loaded::new(move || {
        let id = params.with(|p| p.get("id").unwrap_or_default());
        LoadSession { scope: asked.clone(), id }
    });
    let (expire, open) = (Act::<ExpireSession>::new(), RwSignal::new(false));
    Effect::new(move |_| {
        if expire.core().succeeded() {
            open.set(false);
            data.refetch();
        }
    });
    let problem = FormCx::of(expire).problem();
    Effect::new(move |_| {
        if problem.with(Option::is_some) {
            open.set(false);
        }
    });
    view! {
        {move || action_problem(problem.get())}
        {load_page(k::SESSIONS_TITLE, data, move |session| content(&scope, &session, expire, open))}
    }
}

fn content(scope: &Scope, session: &CheckoutSession, expire: Act<ExpireSession>, open: RwSignal<bool>) -> AnyView {
    let address = (session.status == SessionStatus::Open).then(|| address_card(session));
    view! {
        {head(scope, session, open)}
        {expire_dialog(scope, session, expire, open)}
        <div class="split">
            <div class="stack gap-5">{address} {items(session)}</div>
            <aside>{facts(scope, session)}</aside>
        </div>
    }
    .into_any()
}

fn head(scope: &Scope, session: &CheckoutSession, open: RwSignal<bool>) -> AnyView {
    let locale = use_locale();
    let title = tf(locale, k::SESSIONS_DETAIL_TITLE, &[("amount", &session.amount.display())]);
    let end = (session.status == SessionStatus::Open).then(|| {
        view! { <button type="button" class="btn btn-danger-quiet" on:click=move |_| open.set(true)>{t(locale, k::SESSIONS_EXPIRE)}</button> }
    });
    view! {
        {set_title(title)}
        <header class="page-head">
            {crumbs(page_href(scope, "checkout-sessions"), k::SESSIONS_TITLE, id(&session.id))}
            <div class="page-head-row">
                <div class="headline">
                    <h1 class="headline-amount">{amount(session.amount)}</h1>
                    {session_badge(session.status)}
                </div>
                <div class="page-actions">{end}</div>
            </div>
        </header>
    }
    .into_any()
}

fn expire_dialog(
    scope: &Scope,
    session: &CheckoutSession,
    expire: Act<ExpireSession>,
    open: RwSignal<bool>,
) -> AnyView {
    let locale = use_locale();
    let question = Question {
        id: "expire-title",
        title: t(locale, k::SESSIONS_EXPIRE_TITLE).to_owned(),
        text: t(locale, k::SESSIONS_EXPIRE_TEXT).to_owned(),
        label: t(locale, k::SESSIONS_EXPIRE).to_owned(),
    };
    let (scope, id) = (scope.clone(), session.id.clone());
    confirm(question, open, expire.pending(), move || {
        expire.dispatch(ExpireSession { scope: scope.clone(), id: id.clone() });
    })
}

fn address_card(session: &CheckoutSession) -> AnyView {
    let locale = use_locale();
    view! {
        <section class="card card-pad stack gap-3" aria-label=t(locale, k::SESSIONS_ADDRESS)>
            <h2>{t(locale, k::SESSIONS_ADDRESS)}</h2>
            <div class="secret"><code dir="ltr">{session.url.clone()}</code> {copy_button_wide(session.url.clone())}</div>
            <div class="cluster">
                <a class="btn btn-sm" href=session.url.clone() target="_blank" rel="external noopener">
                    {icon("external")} {t(locale, k::LINKS_OPEN)}
                </a>
            </div>
        </section>
    }
    .into_any()
}

fn items(session: &CheckoutSession) -> AnyView {
    let locale = use_locale();
    let currency = session.amount.currency;
    let line = |item: &LineItem| {
        let one = Money::new(item.unit_amount, currency);
        // A sum that does not fit was refused when the session was made.
        let sum = one.times(item.quantity).unwrap_or(one);
        view! {
            <tr>
                <td><bdi>{item.name.clone()}</bdi></td>
                <td class="num">{number(locale, item.quantity)}</td>
                <td class="num mid">{amount(one)}</td>
                <td class="num">{amount(sum)}</td>
            </tr>
        }
    };
    let rows: Vec<_> = session.items.iter().map(line).collect();
    let title = t(locale, k::SESSIONS_ITEMS);
    view! {
        <section class="card">
            <header class="card-head"><h2>{title}</h2></header>
            <div class="card-body flush">
                <div class="table-wrap" role="region" aria-label=title tabindex="0">
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">{t(locale, k::SESSIONS_ITEM_NAME)}</th>
                                <th scope="col" class="num">{t(locale, k::SESSIONS_ITEM_QUANTITY)}</th>
                                <th scope="col" class="num mid">{t(locale, k::SESSIONS_ITEM_PRICE)}</th>
                                <th scope="col" class="num">{t(locale, k::SESSIONS_ITEM_SUM)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                        <tfoot>
                            <tr>
                                <th scope="row">{t(locale, k::SESSIONS_TOTAL)}</th>
                                <td></td>
                                <td class="mid"></td>
                                <td class="num">{amount(session.amount)}</td>
                            </tr>
                        </tfoot>
                    </table>
                </div>
            </div>
        </section>
    }
    .into_any()
}

fn facts(scope: &Scope, session: &CheckoutSession) -> AnyView {
    let locale = use_locale();
    let fact = |label: Key, value: Option<AnyView>| {
        value.map(|value| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> })
    };
    let text = |value: &Option<String>| value.clone().map(|v| view! { <bdi>{v}</bdi> }.into_any());
    let to = |page: &str, name: String| {
        let href = page_href(scope, &format!("{page}/{name}"));
        view! { <a class="link truncate" href=href>{id(name)}</a> }.into_any()
    };
    let capture = match session.capture_method {
        CaptureMethod::Automatic => k::CAPTURE_METHOD_AUTOMATIC,
        CaptureMethod::Manual => k::CAPTURE_METHOD_MANUAL,
    };
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::SESSIONS_FACTS)}</h2></header>
            <div class="card-body">
                <dl class="kv kv-stack">
                    {fact(k::SESSIONS_ID, Some(id_with_copy(&session.id)))}
                    {fact(k::SESSIONS_PAYMENT, session.payment_id.as_ref().map(|p| to("payments", p.to_string())))}
                    {fact(k::SESSIONS_LINK, session.link_id.as_ref().map(|l| to("payment-links", l.to_string())))}
                    {fact(k::SESSIONS_CUSTOMER, text(&session.customer_email))}
                    {fact(k::SESSIONS_REFERENCE, text(&session.client_reference))}
                    {fact(k::CAPTURE_METHOD_LABEL, Some(t(locale, capture).into_any()))}
                    {fact(k::SESSIONS_CREATED, Some(moment_alone(session.created_at)))}
                    {fact(k::SESSIONS_EXPIRES, Some(moment_full(session.expires_at)))}
                </dl>
            </div>
        </section>
    }
    .into_any()
}
