//! Documents of applications, and logos.

use crate::errors::respond_to;
use crate::middleware::headers::FILE_POLICY;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::errors::Fault;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use domain::views::application::Document;
use domain::{FileId, MerchantId, Mode, Scope};
use services::ServiceError;

/// `/files/{merchant}/{file}` and `/logo/{merchant}/{version}`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/files/{merchant}/{file}", get(document)).route("/logo/{merchant}/{version}", get(logo))
}

/// A document, for the merchant's team and the operator's staff: always a download, never shown in our origin.
async fn document(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path((merchant, file)): Path<(String, String)>,
) -> Response {
    let (Ok(merchant), Ok(file)) = (merchant.parse(), file.parse()) else {
        return respond_to(&state, &info, Fault::NotFound);
    };
    if info.user.is_none() {
        return crate::forms::see_other(&format!("/login?next=/files/{merchant}/{file}"));
    }
    match open(&state, &info, merchant, &file).await {
        Ok((document, bytes)) => download(&document, bytes),
        Err(error) => respond_to(&state, &info, error.into_problem()),
    }
}

async fn open(
    state: &AppState,
    info: &RequestInfo,
    merchant: MerchantId,
    file: &FileId,
) -> Result<(Document, Vec<u8>), ServiceError> {
    let svc = &state.services;
    let Some(user) = &info.user else { return Err(ServiceError::not_found()) };
    let viewer = services::accounts::viewer(svc, user).await?;
    if viewer.staff_role.is_some() {
        let staff = services::access::enter_staff(svc, user, info.origin.clone()).await?;
        return services::admin::document(svc, &staff, &merchant, file).await;
    }
    let scope = Scope { merchant, mode: Mode::Test };
    let actor = services::access::enter(svc, user, &scope, info.origin.clone()).await?;
    services::applications::document(svc, &actor, file).await
}

fn download(document: &Document, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    // The type is what the content was found to be, one of three; anything else would be a fault of ours.
    let kind = match document.content_type.as_str() {
        "application/pdf" => "application/pdf",
        "image/png" => "image/png",
        "image/jpeg" => "image/jpeg",
        _ => "application/octet-stream",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let disposition = HeaderValue::from_str(&disposition(&document.name));
    headers.insert(CONTENT_DISPOSITION, disposition.unwrap_or(HeaderValue::from_static("attachment")));
    response
}

/// RFC 6266: a plain name for old programs, the whole one in UTF-8 beside it.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .take(100)
        .collect();
    let whole: String = name
        .bytes()
        .take(300)
        .map(|b| {
            let safe = b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
            if safe { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{whole}")
}

/// A merchant's logo, for checkout. The version stands in the address so that browsers may keep it.
async fn logo(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    Path((merchant, _version)): Path<(String, String)>,
) -> Response {
    let Ok(merchant) = merchant.parse::<MerchantId>() else {
        return respond_to(&state, &info, Fault::NotFound);
    };
    let (kind, bytes) = match services::merchants::logo(&state.services, &merchant).await {
        Ok(Some(logo)) => logo,
        Ok(None) => return respond_to(&state, &info, Fault::NotFound),
        Err(error) => return respond_to(&state, &info, error.into_problem()),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
    response
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn file_names_can_not_break_the_header() {
        assert_eq!(
            disposition("a\"b\r\nX: y.pdf"),
            "attachment; filename=\"a_b__X_ y.pdf\"; filename*=UTF-8''a%22b%0D%0AX%3A%20y.pdf"
        );
        assert!(disposition("مدرک.pdf").starts_with("attachment; filename=\"____.pdf\""));
    }
}
