//! Submit.

use super::enter::enter;
use super::to_step;
use crate::errors::respond_to;
use crate::forms::{Posted, refused};
use crate::state::AppState;
use app::RequestInfo;
use app::hosted::onboarding::{Wizard, render};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use domain::views::application::Step;

pub(super) async fn send(
    State(state): State<AppState>,
    Extension(info): Extension<RequestInfo>,
    form: Posted,
) -> Response {
    let entered = match enter(&state, &info, &form.get("m")).await {
        Ok(entered) => entered,
        Err(response) => return response,
    };
    match services::applications::submit(&state.services, &entered.actor).await {
        Ok(view) => to_step(&view, Step::Review, None),
        Err(error) => match entered.view(&state).await {
            Ok(view) => refused(&state, &info, error, |problem| {
                let mut wizard = Wizard::at(view, entered.status, Step::Review);
                wizard.problem = Some(problem);
                render(&info, wizard)
            }),
            Err(error) => respond_to(&state, &info, error.into_problem()),
        },
    }
}
