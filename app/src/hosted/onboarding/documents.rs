//! Step "documents": upload, list, remove.

use super::{Wizard, named_choices, step_path};
use crate::components::icon::{icon, icon_of};
use crate::hosted::form::{Field, FormCx, error_summary, hidden};
use crate::i18n::{code_text, k, number, t, tf, use_locale};
use domain::validate::{DOCUMENT_PURPOSES, application::required_documents};
use domain::views::application::{Document, Step};
use leptos::prelude::*;

pub(super) fn page(cx: &FormCx, wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let review = step_path(&wizard.view.merchant_id, Step::Review);
    view! {
        <p class="muted">{t(locale, k::ONBOARDING_DOCUMENTS_INTRO)}</p>
        {needed(wizard)}
        {upload(cx, wizard)}
        <section class="stack" aria-labelledby="documents-title">
            <h2 id="documents-title">{t(locale, k::ONBOARDING_DOCUMENTS_LIST)}</h2>
            {list(wizard, true)}
        </section>
        <div class="form-actions"><a class="btn" href=review>{t(locale, k::ONBOARDING_DOCUMENTS_NEXT)}</a></div>
    }
    .into_any()
}

/// What must be there, and what of it is.
fn needed(wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let items: Vec<_> = required_documents(&wizard.view.answers.legal_form)
        .iter()
        .map(|purpose| {
            let there = wizard.view.documents.iter().any(|d| d.purpose == *purpose);
            let (class, word) = if there {
                ("task is-done", k::ONBOARDING_DOCUMENTS_THERE)
            } else {
                ("task", k::ONBOARDING_DOCUMENTS_NOT_THERE)
            };
            view! {
                <li class=class id=format!("documents-{purpose}") tabindex="-1">
                    <span class="task-mark" aria-hidden="true">{there.then(|| icon_of("check", "icon-sm"))}</span>
                    <div class="task-body">
                        <b>{code_text(locale, "document.", purpose)}</b>
                        <p>{t(locale, word)}</p>
                    </div>
                </li>
            }
        })
        .collect();
    view! {
        <section class="card">
            <header class="card-head"><h2>{t(locale, k::ONBOARDING_DOCUMENTS_NEEDED)}</h2></header>
            <div class="card-body flush"><ul class="checklist">{items}</ul></div>
        </section>
    }
    .into_any()
}

fn upload(cx: &FormCx, wizard: &Wizard) -> AnyView {
    let locale = use_locale();
    let purpose = wizard.typed.clone();
    let file = Field::new("file", t(locale, k::ONBOARDING_DOCUMENT_FILE))
        .kind("file")
        .help(t(locale, k::ONBOARDING_DOCUMENT_FILE_HELP));
    view! {
        <section class="stack" aria-labelledby="upload-title">
            <h2 id="upload-title">{t(locale, k::ONBOARDING_DOCUMENTS_ADD)}</h2>
            <form class="form" method="post" action="/onboarding/documents/upload" enctype="multipart/form-data" novalidate>
                {error_summary(cx)}
                {hidden("m", wizard.view.merchant_id.to_string())}
                {Field::new("purpose", t(locale, k::ONBOARDING_DOCUMENT_PURPOSE)).value(purpose)
                    .select(cx, named_choices("document.", DOCUMENT_PURPOSES))}
                {file.view(cx)}
                <div class="form-actions">
                    <button type="submit" class="btn btn-primary">{icon("upload")} " " {t(locale, k::ONBOARDING_DOCUMENT_UPLOAD)}</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// The documents that are there, each a download; `removable` with a button to remove it.
pub(super) fn list(wizard: &Wizard, removable: bool) -> AnyView {
    let locale = use_locale();
    if wizard.view.documents.is_empty() {
        return view! { <p class="muted">{t(locale, k::ONBOARDING_DOCUMENTS_NONE)}</p> }.into_any();
    }
    let merchant = &wizard.view.merchant_id;
    let items: Vec<_> = wizard
        .view
        .documents
        .iter()
        .map(|document| {
            let href = format!("/files/{merchant}/{}", document.id);
            let remove = removable.then(|| {
                let label = tf(locale, k::ONBOARDING_DOCUMENT_REMOVE, &[("name", &document.name)]);
                view! {
                    <form method="post" action="/onboarding/documents/remove">
                        {hidden("m", merchant.to_string())}
                        {hidden("id", document.id.to_string())}
                        <button type="submit" class="btn btn-ghost btn-icon btn-sm" aria-label=label>{icon("trash")}</button>
                    </form>
                }
            });
            view! {
                <li class="file">
                    {icon("document")}
                    <a class="file-name" href=href><bdi>{document.name.clone()}</bdi></a>
                    <span class="muted small">{code_text(locale, "document.", &document.purpose)}</span>
                    <span class="muted small nowrap">{size(document)}</span>
                    {remove}
                </li>
            }
        })
        .collect();
    view! { <ul class="files">{items}</ul> }.into_any()
}

/// Kilobytes, from 1,000 on megabytes with one digit.
fn size(document: &Document) -> String {
    let locale = use_locale();
    let kilobytes = (document.size + 1_023) / 1_024;
    if kilobytes < 1_000 {
        return tf(locale, k::ONBOARDING_SIZE_KB, &[("size", &number(locale, kilobytes))]);
    }
    let tenths = (document.size * 10 + (1 << 19)) >> 20;
    let shown = crate::i18n::digits(locale, &format!("{}.{}", tenths / 10, tenths % 10));
    tf(locale, k::ONBOARDING_SIZE_MB, &[("size", &shown)])
}
