//! Documents: upload and remove.

use super::enter::{Entered, enter};
use super::to_step;
use crate::errors::respond_to;
use crate::forms::{Posted, refused};
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::errors::Fault;
use app::hosted::onboarding::{Wizard, render};
use axum::Extension;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::response::Response;
use domain::validate::file::MAX_DOCUMENT;
use domain::views::application::Step;
use domain::{FileId, Problem};
use services::ServiceError;

/// A file that is too large is read to its end, so that the answer is a sentence and no broken connection. Within reason.
const LARGEST_UPLOAD: usize = 64 * 1024 * 1024;
/// Longest text beside the file.
const LARGEST_TEXT: usize = 1_024;

pub(super) fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(LARGEST_UPLOAD)
}

/// What was posted beside the file, and of the file at most one byte more than is taken.
#[derive(Debug, Default)]
struct Upload {
    m: String,
    purpose: String,
    name: String,
    bytes: Vec<u8>,
}

pub(super) async fn upload(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let Ok(multipart) = multipart else { return respond_to(&state, &info, Fault::BadRequest) };
    let upload = match read(multipart).await {
        Ok(upload) => upload,
        Err(error) => {
            let too_large = error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE;
            return respond_to(&state, &info, if too_large { Fault::TooLarge } else { Fault::BadRequest });
        }
    };
    let entered = match enter(&state, &info, &upload.m).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    let Upload { purpose, name, bytes, .. } = upload;
    match services::applications::upload(&state.services, &entered.actor, &purpose, &name, &bytes).await {
        Ok(_) => shown(&state, &info, &entered, Ok("stored"), String::new()).await,
        Err(error) => shown(&state, &info, &entered, Err(error.into_problem()), purpose).await,
    }
}

async fn read(mut multipart: Multipart) -> Result<Upload, MultipartError> {
    let mut upload = Upload::default();
    while let Some(mut field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            "m" => upload.m = text(&mut field).await?,
            "purpose" => upload.purpose = text(&mut field).await?,
            "file" => {
                upload.name = field.file_name().unwrap_or_default().to_owned();
                upload.bytes = bounded(&mut field, MAX_DOCUMENT + 1).await?;
            }
            _ => drop(bounded(&mut field, 0).await?),
        }
    }
    Ok(upload)
}

async fn text(field: &mut Field<'_>) -> Result<String, MultipartError> {
    Ok(String::from_utf8_lossy(&bounded(field, LARGEST_TEXT).await?).into_owned())
}

/// The first bytes of a field; the rest is read and forgotten.
async fn bounded(field: &mut Field<'_>, most: usize) -> Result<Vec<u8>, MultipartError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        let room = most.saturating_sub(bytes.len());
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(bytes)
}

pub(super) async fn remove(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    form: Posted,
) -> Response {
    let entered = match enter(&state, &info, &form.get("m")).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    let removed = match form.get("id").parse::<FileId>() {
        Ok(id) => services::applications::remove_document(&state.services, &entered.actor, &id).await,
        Err(_) => Err(ServiceError::not_found()),
    };
    let outcome = removed.map(|()| "removed").map_err(ServiceError::into_problem);
    shown(&state, &info, &entered, outcome, String::new()).await
}

/// Back to the documents, or the page with the problem and the purpose that was chosen.
async fn shown(
    state: &AppState,
    info: &RequestInfo,
    entered: &Entered,
    outcome: Result<&str, Problem>,
    purpose: String,
) -> Response {
    let view = match entered.view(state).await {
        Ok(view) => view,
        Err(error) => return respond_to(state, info, error.into_problem()),
    };
    match outcome {
        Ok(done) => to_step(&view, Step::Documents, Some(done)),
        Err(problem) => refused(state, info, problem.into(), |problem| {
            let mut wizard = Wizard::at(view, entered.status, Step::Documents);
            wizard.problem = Some(problem);
            wizard.typed = purpose;
            render(info, wizard)
        }),
    }
}
