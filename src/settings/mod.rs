//! The logo's form. The other settings are server functions of the portal; files come by a plain form.

use crate::errors::respond_to;
use crate::forms::see_other;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::errors::Fault;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use axum::{Extension, Router};
use domain::validate::file::MAX_LOGO;
use domain::{MerchantId, Mode, Problem, Scope};

/// A picture that is too large is read to its end, so that the answer is a sentence and no broken connection. Within reason.
const LARGEST_UPLOAD: usize = 32 * 1024 * 1024;
/// Longest text beside the file.
const LARGEST_TEXT: usize = 200;

/// `POST /settings/logo`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/settings/logo", post(logo).layer(DefaultBodyLimit::max(LARGEST_UPLOAD)))
}

/// What was posted, and of the file at most one byte more than is taken.
#[derive(Debug, Default)]
struct Upload {
    merchant: String,
    mode: String,
    name: String,
    bytes: Vec<u8>,
}

async fn logo(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    let Some(user) = &info.user else { return see_other("/login") };
    let Ok(multipart) = multipart else { return respond_to(&state, &info, Fault::BadRequest) };
    let upload = match read(multipart).await {
        Ok(upload) => upload,
        Err(error) => {
            let too_large = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
            return respond_to(&state, &info, if too_large { Fault::TooLarge } else { Fault::BadRequest });
        }
    };
    let (Ok(merchant), Ok(mode)) = (upload.merchant.parse::<MerchantId>(), upload.mode.parse::<Mode>()) else {
        return respond_to(&state, &info, Fault::NotFound);
    };
    let scope = Scope { merchant, mode };
    let svc = &state.services;
    let stored = match services::access::enter(svc, user, &scope, info.origin.clone()).await {
        Ok(actor) => services::merchants::set_logo(svc, &actor, &upload.name, &upload.bytes).await,
        Err(error) => Err(error),
    };
    match stored {
        Ok(()) => back(&scope, "stored"),
        Err(error) => refused(&state, &info, &scope, error.into_problem()),
    }
}

/// Back to the page, which says what was wrong with the file; an error page for all else.
fn refused(state: &AppState, info: &RequestInfo, scope: &Scope, problem: Problem) -> Response {
    match problem.fields.first() {
        Some(field) => back(scope, &field.code),
        None => respond_to(state, info, problem),
    }
}

fn back(scope: &Scope, outcome: &str) -> Response {
    see_other(&format!("/m/{}/{}/settings/branding?logo={outcome}", scope.merchant, scope.mode.as_str()))
}

async fn read(mut multipart: Multipart) -> Result<Upload, MultipartError> {
    let mut upload = Upload::default();
    while let Some(mut field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            "merchant" => upload.merchant = text(&mut field).await?,
            "mode" => upload.mode = text(&mut field).await?,
            "logo" => {
                upload.name = field.file_name().unwrap_or_default().to_owned();
                upload.bytes = bounded(&mut field, MAX_LOGO + 1).await?;
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
