//! What the commands about applications share.

use crate::{
    ServiceError, Services,
    mail::{self, MailDraft, Template},
    rows,
};
use domain::{
    MerchantId, MerchantRole, ProblemKind, Timestamp,
    problem::accounts,
    states::ApplicationStatus,
    validate,
    views::application::{Answers, ApplicationView, Document, Message, Step, StepState},
};
use store::applications::{self, ApplicationRow, MessageRow};
use store::{Tx, files, members, merchants};

fn place(merchant: &str) -> String {
    format!("applications/{merchant}/answers")
}

/// Seals answers for storing.
pub(super) fn seal(svc: &Services, merchant: &MerchantId, answers: &Answers) -> Result<Vec<u8>, ServiceError> {
    let json = serde_json::to_vec(answers).map_err(|e| ServiceError::Fault(format!("answers: {e}")))?;
    svc.sealer().seal(svc.entropy(), &place(merchant.as_str()), &json).map_err(|e| ServiceError::Fault(e.to_string()))
}

/// Opens stored answers; none yet are empty ones.
pub(crate) fn open(svc: &Services, row: &ApplicationRow) -> Result<Answers, ServiceError> {
    let Some(sealed) = &row.answers else { return Ok(Answers::default()) };
    let fault = |e: &dyn std::fmt::Display| ServiceError::Fault(format!("answers of {}: {e}", row.merchant_id));
    let json = svc.sealer().open(&place(&row.merchant_id), sealed).map_err(|e| fault(&e))?;
    serde_json::from_slice(&json).map_err(|e| fault(&e))
}

/// The application's documents.
pub(crate) async fn documents(tx: &mut Tx, merchant: &MerchantId) -> Result<Vec<Document>, ServiceError> {
    files::documents(tx, merchant).await?.into_iter().map(rows::document).collect()
}

/// What is missing in each step.
fn steps(answers: &Answers, documents: &[Document], today: Timestamp) -> Vec<StepState> {
    let of = |step: Step| {
        let missing = validate::application::step(answers, documents, step, today);
        StepState { step, complete: missing.is_empty(), missing }
    };
    let mut steps: Vec<StepState> = Step::ALL.iter().map(|s| of(*s)).collect();
    let complete = steps.iter().all(|s| s.complete);
    if let Some(review) = steps.iter_mut().find(|s| s.step == Step::Review) {
        review.complete = complete;
    }
    steps
}

/// A message as the merchant reads it: reviewers have no names, and their notes are not there.
fn for_merchant(row: &MessageRow) -> Option<Message> {
    (row.kind != "note").then(|| Message {
        kind: row.kind.clone(),
        author: row.staff_role.is_none().then(|| row.author.clone()),
        body: row.body.clone(),
        at: Timestamp(row.created_at),
    })
}

/// The application as the merchant sees it.
pub(crate) async fn view(svc: &Services, tx: &mut Tx, row: &ApplicationRow) -> Result<ApplicationView, ServiceError> {
    let merchant_id: MerchantId = rows::read(&row.merchant_id)?;
    let merchant = merchants::get(tx, &merchant_id).await?.ok_or_else(ServiceError::not_found)?;
    let status: ApplicationStatus = rows::read(&row.status)?;
    let answers = open(svc, row)?;
    let documents = documents(tx, &merchant_id).await?;
    let messages = applications::messages(tx, &merchant_id).await?.iter().filter_map(for_merchant).collect();
    let steps = steps(&answers, &documents, svc.now());
    Ok(ApplicationView {
        merchant_id,
        merchant_name: merchant.name,
        status,
        can_submit: status.is_editable() && steps.iter().all(|s| s.complete),
        answers,
        documents,
        messages,
        steps,
        submitted_at: row.submitted_at.map(Timestamp),
        version: row.version,
    })
}

/// The merchant may not change the application now.
pub(super) fn not_editable() -> ServiceError {
    ServiceError::new(ProblemKind::Conflict, accounts::NOT_EDITABLE)
}

/// Writes a mail of a template to each owner of a merchant, with `name` and `business` besides what is given.
pub(crate) async fn tell_owners(
    svc: &Services,
    tx: &mut Tx,
    merchant: &MerchantId,
    template: Template,
    more: &[(&str, &str)],
) -> Result<(), ServiceError> {
    let business = merchants::get(tx, merchant).await?.ok_or_else(ServiceError::not_found)?.name;
    for owner in members::of_merchant(tx, merchant).await? {
        if owner.role != MerchantRole::Owner.as_str() {
            continue;
        }
        let draft = MailDraft::new(template, &owner.email, rows::locale(&owner.locale)).about(merchant);
        let draft = draft.with("name", &owner.name).with("business", &business);
        let draft = more.iter().fold(draft, |draft, (name, value)| draft.with(name, *value));
        // An id made inside the unit is another one when the unit is run again, and that does no harm.
        mail::enqueue(tx, &svc.new_id(), svc.now(), &draft).await?;
    }
    Ok(())
}
