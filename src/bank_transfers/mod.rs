//! The form that brings a bank's statement. All else about transfers is server functions of the portal; files come by a plain form.

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
use domain::{ConnectionId, MerchantId, Mode, Scope};
use services::bank_transfers::MAX_STATEMENT;

/// A file that is too large is read to its end, so that the answer is a sentence and no broken connection. Within reason.
const LARGEST_UPLOAD: usize = 32 * 1024 * 1024;
/// Longest text beside the file.
const LARGEST_TEXT: usize = 200;

/// `POST /bank-transfers/statements`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/bank-transfers/statements", post(bring).layer(DefaultBodyLimit::max(LARGEST_UPLOAD)))
}

/// What was posted, and of the file at most one byte more than is taken.
#[derive(Debug, Default)]
struct Upload {
    merchant: String,
    mode: String,
    connection: String,
    name: String,
    bytes: Vec<u8>,
}

async fn bring(
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
    let Ok(connection) = upload.connection.parse::<ConnectionId>() else {
        return respond_to(&state, &info, Fault::NotFound);
    };
    let scope = Scope { merchant, mode };
    let svc = &state.services;
    let brought = match services::access::enter(svc, user, &scope, info.origin.clone()).await {
        Ok(actor) => services::bank_transfers::bring(svc, &actor, &connection, &upload.name, upload.bytes).await,
        Err(error) => Err(error),
    };
    let path = format!("/m/{}/{}/bank-transfers", scope.merchant, scope.mode.as_str());
    match brought {
        Ok(id) => see_other(&format!("{path}/{id}")),
        Err(error) => {
            let problem = error.into_problem();
            // The page says what was wrong with the file; an error page all else.
            match problem.fields.first() {
                Some(field) => see_other(&format!("{path}?view=statements&problem={}", field.code)),
                None => respond_to(&state, &info, problem),
            }
        }
    }
}

async fn read(mut multipart: Multipart) -> Result<Upload, MultipartError> {
    let mut upload = Upload::default();
    while let Some(mut field) = multipart.next_field().await? {
        match field.name().unwrap_or_default() {
            "merchant" => upload.merchant = text(&mut field).await?,
            "mode" => upload.mode = text(&mut field).await?,
            "connection" => upload.connection = text(&mut field).await?,
            "file" => {
                upload.name = field.file_name().unwrap_or_default().to_owned();
                upload.bytes = bounded(&mut field, MAX_STATEMENT + 1).await?;
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
