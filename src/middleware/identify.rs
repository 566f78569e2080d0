//! Who is logged in, from the session.

use crate::errors;
use crate::session;
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::errors::Fault;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tower_sessions::Session;

/// Puts the person into the request's [`RequestInfo`]. Asks the database only for those who bring a cookie.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(session) = request.extensions().get::<Session>().cloned() else { return next.run(request).await };
    match session::logged_in(&session, state.services.now()).await {
        Ok(None) => {}
        Ok(Some(person)) => {
            if let Some(info) = request.extensions_mut().get_mut::<RequestInfo>() {
                info.user = Some(person.user_id.clone());
                info.session_hash = Some(person.id_hash.clone());
            }
            request.extensions_mut().insert(person);
        }
        Err(error) => {
            tracing::error!(%error, "the session could not be read");
            return errors::respond(&state, &request, Fault::Busy);
        }
    }
    next.run(request).await
}
