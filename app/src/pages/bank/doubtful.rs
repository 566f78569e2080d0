//! Entries that a person has to look at: what they may pay, why, and the buttons.

use super::{place, turns};
use crate::api::bank::{DecideEntry, ListDoubtful};
use crate::components::dialog::{Dialog, cancel_button};
use crate::components::form::{ActionForm, hidden, submit};
use crate::components::list::pager;
use crate::components::success::{anew, on_success};
use crate::components::toast::use_toasts;
use crate::components::{Field, FormCx, Loaded, amount, empty, id, load};
use crate::i18n::{Key, code_text, k, t, tf, use_locale};
use crate::pages::{page_href, scope_fields};
use crate::wire::Act;
use domain::Scope;
use domain::views::Page;
use domain::views::bank::{DoubtfulEntry, EntryCandidate};
use leptos::prelude::*;

/// What the buttons do.
#[derive(Clone, Copy)]
struct Acts {
    decide: Act<DecideEntry>,
    /// The entry that the dialog is about, and what it pays.
    chosen: RwSignal<Option<(DoubtfulEntry, Option<EntryCandidate>)>>,
    /// Counts openings: each has fresh fields.
    turn: RwSignal<usize>,
    open: RwSignal<bool>,
}

pub(super) fn list(scope: &Scope) -> AnyView {
    let (place, asked, shown) = (place(), scope.clone(), scope.clone());
    let data: Loaded<Page<DoubtfulEntry>> =
        Loaded::new(move || ListDoubtful { scope: asked.clone(), query: place.get() });
    let acts =
        Acts { decide: Act::new(), chosen: RwSignal::new(None), turn: RwSignal::new(0), open: RwSignal::new(false) };
    let (locale, toasts) = (use_locale(), use_toasts());
    on_success(acts.decide, move || {
        acts.open.set(false);
        toasts.show(t(locale, k::BANK_DECIDED));
        data.refetch();
    });
    view! { {load(data, move |page| content(&shown, page, acts))} {dialog(scope, acts)} }.into_any()
}

fn content(scope: &Scope, page: Page<DoubtfulEntry>, acts: Acts) -> AnyView {
    let locale = use_locale();
    if page.items.is_empty() && page.previous.is_none() {
        let (title, text) = (t(locale, k::BANK_DOUBTFUL_NONE), t(locale, k::BANK_DOUBTFUL_NONE_TEXT));
        return empty("check-circle", title, text, ().into_any());
    }
    let (previous, next) = turns(scope, "doubtful", page.previous, page.next);
    let cards: Vec<_> = page.items.into_iter().map(|entry| card(scope, &entry, acts)).collect();
    view! { <div class="stack">{cards}</div> {pager(previous, next)} }.into_any()
}

fn card(scope: &Scope, entry: &DoubtfulEntry, acts: Acts) -> AnyView {
    let locale = use_locale();
    let kind = kind(entry);
    let candidates: Vec<_> =
        entry.candidates.iter().map(|candidate| candidate_view(scope, entry, candidate, acts)).collect();
    let foot = if entry.may_decide {
        let press = choose(entry, None, acts);
        view! { <button type="button" class="btn btn-sm" on:click=press>{t(locale, k::BANK_NOTHING)}</button> }
            .into_any()
    } else {
        view! { <p class="muted small">{t(locale, k::BANK_NO_RIGHT)}</p> }.into_any()
    };
    view! {
        <section class="card" aria-label=label(entry)>
            <header class="card-head"><h2 class="row">{kind} " " {amount(entry.amount)}</h2></header>
            <div class="card-body stack">
                <dl class="kv">{facts(entry)}</dl>
                {candidates}
            </div>
            <footer class="card-foot cluster">{foot}</footer>
        </section>
    }
    .into_any()
}

/// Whether money came in or went out.
pub(super) fn kind(entry: &DoubtfulEntry) -> &'static str {
    t(use_locale(), if entry.incoming { k::BANK_ENTRY_IN } else { k::BANK_ENTRY_OUT })
}

/// By what an entry's card is named.
pub(super) fn label(entry: &DoubtfulEntry) -> String {
    format!("{}, {}", kind(entry), entry.amount.display())
}

/// What the statement says of an entry.
pub(super) fn facts(entry: &DoubtfulEntry) -> AnyView {
    let locale = use_locale();
    let fact = |label: Key, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    let payer = entry.payer_name.clone().map(|name| fact(k::BANK_ENTRY_PAYER, view! { <bdi>{name}</bdi> }.into_any()));
    view! {
        {fact(k::BANK_ENTRY_DAY, view! { <bdi dir="ltr">{entry.booked_on.clone()}</bdi> }.into_any())}
        {payer}
        {entry.payer_account.clone().map(|account| fact(k::BANK_ENTRY_ACCOUNT, id(account)))}
        {fact(k::BANK_ENTRY_TEXT, view! { <bdi>{entry.remittance.clone()}</bdi> }.into_any())}
    }
    .into_any()
}

/// A payment that the entry may be for, with its score in words.
fn candidate_view(scope: &Scope, entry: &DoubtfulEntry, candidate: &EntryCandidate, acts: Acts) -> AnyView {
    let locale = use_locale();
    let fact = |label: Key, value: AnyView| view! { <div><dt>{t(locale, label)}</dt><dd>{value}</dd></div> };
    let why: Vec<String> = candidate
        .parts
        .iter()
        .map(|(part, points)| {
            tf(locale, k::BANK_POINTS, &[("part", &code_text(locale, "bank.part.", part)), ("points", points)])
        })
        .collect();
    let notes: Vec<String> = candidate
        .facts
        .iter()
        .map(|(fact, money)| {
            let word = code_text(locale, "bank.fact.", fact);
            money.map_or(word.clone(), |money| {
                tf(locale, k::BANK_POINTS, &[("part", &word), ("points", &money.display())])
            })
        })
        .collect();
    let notes = (!notes.is_empty()).then(|| fact(k::BANK_CANDIDATE_NOTES, notes.join(" · ").into_any()));
    let href = page_href(scope, &format!("payments/{}", candidate.payment));
    let pays = (entry.may_decide && candidate.payable).then(|| {
        let press = choose(entry, Some(candidate.clone()), acts);
        let word = tf(locale, k::BANK_PAYS, &[("reference", &candidate.reference)]);
        view! { <button type="button" class="btn btn-sm" on:click=press>{word}</button> }
    });
    view! {
        <section class="card card-pad stack">
            <dl class="kv">
                {fact(k::BANK_COLUMN_REFERENCE, view! { <a class="link" href=href><bdi class="mono" dir="ltr">{candidate.reference.clone()}</bdi></a> }.into_any())}
                {fact(k::BANK_CANDIDATE_LEFT, amount(candidate.left))}
                {candidate.customer_email.clone().map(|email| fact(k::BANK_COLUMN_CUSTOMER, view! { <bdi dir="ltr">{email}</bdi> }.into_any()))}
                {fact(k::BANK_CANDIDATE_SCORE, tf(locale, k::BANK_SCORE_OF, &[("score", &candidate.score)]).into_any())}
                {fact(k::BANK_CANDIDATE_WHY, why.join(" · ").into_any())}
                {notes}
            </dl>
            {pays}
        </section>
    }
    .into_any()
}

fn choose(
    entry: &DoubtfulEntry,
    candidate: Option<EntryCandidate>,
    acts: Acts,
) -> impl Fn(leptos::ev::MouseEvent) + use<> {
    let entry = entry.clone();
    move |_| {
        acts.decide.value().set(None);
        acts.chosen.set(Some((entry.clone(), candidate.clone())));
        acts.turn.update(|n| *n += 1);
        acts.open.set(true);
    }
}

/// The form that decides; what it restates is made anew for each choice.
fn dialog(scope: &Scope, acts: Acts) -> AnyView {
    let (locale, scope) = (use_locale(), scope.clone());
    let cx = FormCx::of(acts.decide).with_ids("entry-").while_open(acts.open);
    let fields = move || {
        let chosen = acts.chosen.get_untracked();
        chosen.map(|(entry, candidate)| question(&entry, candidate.as_ref(), &cx)).into_any()
    };
    view! {
        <Dialog open=acts.open id="entry-title" title=t(locale, k::BANK_DECIDE_TITLE).to_owned()>
            <ActionForm action=acts.decide>
                <div class="dialog-body">
                    {cx.summary()}
                    {scope_fields(&scope)}
                    {anew(acts.turn.into(), fields)}
                </div>
                <footer class="dialog-foot">
                    {cancel_button(acts.open)}
                    {submit(acts.decide.pending(), "btn-danger", t(locale, k::FORM_SAVE))}
                </footer>
            </ActionForm>
        </Dialog>
    }
    .into_any()
}

/// Restates what is decided, and what follows from it.
fn question(entry: &DoubtfulEntry, candidate: Option<&EntryCandidate>, cx: &FormCx) -> AnyView {
    let locale = use_locale();
    let money = entry.amount.display();
    let Some(candidate) = candidate else {
        return view! {
            <p>{tf(locale, k::BANK_DECIDE_NOTHING, &[("amount", &money)])}</p>
            {hidden("id", entry.id.as_str())}
            {hidden("form[decision]", "nothing")}
        }
        .into_any();
    };
    let follows = candidate.differs.then(|| {
        let more = entry.amount.minor > candidate.left.minor;
        view! { <p>{t(locale, if more { k::BANK_DECIDE_MORE } else { k::BANK_DECIDE_LESS })}</p> }
    });
    let typed = candidate.differs.then(|| {
        Field::new("amount", t(locale, k::BANK_DECIDE_AMOUNT))
            .affix(entry.amount.currency.code())
            .decimal()
            .autocomplete("off")
            .view(cx)
    });
    let values: &[(&str, &dyn std::fmt::Display)] = &[("amount", &money), ("reference", &candidate.reference)];
    view! {
        <p><b>{tf(locale, k::BANK_DECIDE_PAYS, values)}</b></p>
        {follows}
        {hidden("id", entry.id.as_str())}
        {hidden("form[decision]", "pays")}
        {hidden("form[transfer]", candidate.transfer.as_str())}
        {typed}
    }
    .into_any()
}
