//! How pages talk to server functions.
//!
//! Leptos's own `Resource` and `ServerAction` are generic over each function's arguments and result, and each use brings a copy
//! of their machinery into the WebAssembly (half of it, at sixty functions). Here text goes through one resource and one kind of
//! action: arguments become JSON (or the form, as the browser encodes it) before, and results are read after.

use crate::api::ApiError;
use domain::{Problem, ProblemKind, problem::codes};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::client::{Client, browser::BrowserClient};
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

/// A result as JSON.
pub type Answer = Result<String, ApiError>;

type Fetch = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// What a page loads: the result of a server function with `input = Json`.
pub struct Loaded<T> {
    text: Resource<Answer>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Loaded<T> {}

impl<T> Loaded<T> {
    /// Loads; again whenever what is asked for has changed.
    ///
    /// ```ignore
    /// let data = Loaded::new(move || ListPayments { scope: scope.clone(), filter: filter.get() });
    /// ```
    pub fn new<S>(ask: impl Fn() -> S + Send + Sync + 'static) -> Self
    where
        S: ServerFn<Output = T, Error = ApiError> + Serialize + DeserializeOwned + 'static,
        T: Serialize,
    {
        let body = move || serde_json::to_string(&ask()).unwrap_or_default();
        Self { text: resource(Arc::new(body), fetcher::<S>()), kind: PhantomData }
    }

    /// Loads again after each of these counts has changed (see `components::success::successes`).
    #[must_use]
    pub fn after<const N: usize>(self, counts: [Memo<usize>; N]) -> Self {
        let text = self.text;
        reload(text, counts.to_vec());
        self
    }

    /// Loads again; the old content stays until then.
    pub fn refetch(&self) {
        self.text.refetch();
    }

    /// The text underneath.
    #[must_use]
    pub const fn text(&self) -> Resource<Answer> {
        self.text
    }
}

fn resource(body: Arc<dyn Fn() -> String + Send + Sync>, fetch: Fetch) -> Resource<Answer> {
    Resource::new(move || body(), move |body| fetch(body))
}

fn reload(text: Resource<Answer>, counts: Vec<Memo<usize>>) {
    Effect::new(move |before: Option<usize>| {
        let sum = counts.iter().map(Get::get).sum();
        if before.is_some_and(|before| before != sum) {
            text.refetch();
        }
        sum
    });
}

/// On the server the function runs at once, in the contexts of the page.
#[cfg(feature = "ssr")]
fn fetcher<S>() -> Fetch
where
    S: ServerFn<Error = ApiError> + DeserializeOwned + 'static,
    S::Output: Serialize,
{
    Arc::new(|body| {
        Box::pin(async move {
            let asked: S = read(&body)?;
            let output = asked.run_body().await?;
            serde_json::to_string(&output).map_err(|_| fault())
        })
    })
}

#[cfg(not(feature = "ssr"))]
fn fetcher<S: ServerFn>() -> Fetch {
    remote(S::PATH)
}

#[cfg(not(feature = "ssr"))]
fn remote(path: &'static str) -> Fetch {
    Arc::new(move |body| Box::pin(post(path, JSON, body)))
}

/// Reads a result.
///
/// # Errors
/// A fault when it is not what was expected: server and browser are of different versions.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|_| fault())
}

fn fault() -> ApiError {
    ApiError::from(Problem::new(ProblemKind::Internal, codes::INTERNAL))
}

/// Posts to a server function from the browser.
async fn post(path: &'static str, content_type: &'static str, body: String) -> Answer {
    let request = <BrowserRequest as ClientReq<ApiError>>::try_new_post(path, content_type, JSON, body)?;
    let response = <BrowserClient as Client<ApiError>>::send(request).await?;
    let failed = ClientRes::<ApiError>::status(&response) >= 400;
    let text = ClientRes::<ApiError>::try_into_string(response).await?;
    if !failed {
        return Ok(text);
    }
    // Something else than our server may have answered: a proxy's page is no problem of ours.
    let problem = serde_json::from_str(&text).map(ApiError);
    let unreadable = |_| ApiError::from_server_fn_error(ServerFnErrorErr::Response(String::new()));
    Err(problem.unwrap_or_else(unreadable))
}

/// Something that a page does: a server function that is called by a form (with the default input) or by a button (with
/// `input = Json`).
pub struct Act<S> {
    core: Core,
    kind: PhantomData<fn() -> S>,
}

impl<S> Clone for Act<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Act<S> {}

/// The part of an action that knows no types.
#[derive(Debug, Clone, Copy)]
pub struct Core {
    path: &'static str,
    pending: RwSignal<bool>,
    answer: RwSignal<Option<Answer>>,
}

impl<S: ServerFn<Error = ApiError>> Act<S> {
    /// An action that nobody has asked for yet.
    #[must_use]
    pub fn new() -> Self {
        let core = Core { path: S::PATH, pending: RwSignal::new(false), answer: RwSignal::new(None) };
        Self { core, kind: PhantomData }
    }

    /// Whether it is under way.
    #[must_use]
    pub fn pending(&self) -> Signal<bool> {
        self.core.pending.into()
    }

    /// The last answer, as JSON.
    #[must_use]
    pub const fn value(&self) -> RwSignal<Option<Answer>> {
        self.core.answer
    }

    /// What it gave, if the last one succeeded.
    #[must_use]
    pub fn output(&self) -> Option<S::Output>
    where
        S::Output: DeserializeOwned,
    {
        self.core.answer.with(|answer| read(answer.as_ref()?.as_ref().ok()?).ok())
    }

    /// The part that knows no types.
    #[must_use]
    pub const fn core(&self) -> Core {
        self.core
    }

    /// Does it, for a function with `input = Json`.
    pub fn dispatch(&self, asked: S)
    where
        S: Serialize,
    {
        self.core.send(JSON, serde_json::to_string(&asked).unwrap_or_default());
    }
}

impl<S: ServerFn<Error = ApiError>> Default for Act<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl Core {
    /// Where a form posts to.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// Whether the last one succeeded.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.answer.with(|answer| matches!(answer, Some(Ok(_))))
    }

    /// What went wrong with the last one.
    #[must_use]
    pub fn problem(self) -> Signal<Option<Problem>> {
        let answer = self.answer;
        Signal::derive(move || answer.with(|a| a.as_ref().and_then(|a| a.as_ref().err()).map(|e| e.0.clone())))
    }

    /// Posts a form as the browser encodes it.
    pub fn send_form(self, event: &leptos::ev::SubmitEvent) {
        event.prevent_default();
        let Ok(data) = leptos::form::form_data_from_event(event) else { return };
        let Ok(pairs) = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data) else { return };
        self.send(FORM, pairs.to_string().into());
    }

    /// One at a time: a second click while the first is under way does nothing.
    fn send(self, content_type: &'static str, body: String) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        leptos::task::spawn_local(async move {
            let answer = post(self.path, content_type, body).await;
            // The page may be gone by now.
            self.pending.try_set(false);
            self.answer.try_set(Some(answer));
        });
    }
}
