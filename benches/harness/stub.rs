//! A gateway of the benchmarks: a server on a port of this machine, which takes as long as it is told to and says how long it took.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long it takes when it is well.
const ANSWER: Duration = Duration::from_millis(50);
/// How long it takes when it is slow.
const SLOW: Duration = Duration::from_secs(2);

/// What it does with whatever it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// It charges within [`ANSWER`].
    Well,
    /// It charges within [`SLOW`].
    Slow,
    /// It says nothing until its mood changes, and has charged nothing then.
    Hanging,
    /// It answers at once what is no answer, and charges nothing.
    Nonsense,
}

/// The gateway; clones are one.
#[derive(Clone)]
pub struct Stub {
    pub address: SocketAddr,
    mood: Arc<watch::Sender<Mood>>,
    took: Arc<Mutex<HashMap<String, Duration>>>,
}

impl Stub {
    /// Listens at a free port.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let this = Self { address, mood: Arc::new(watch::Sender::new(Mood::Well)), took: Arc::default() };
        let app = Router::new().route("/charges", post(charge)).route("/charges/{key}", get(find));
        let app = app.with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        this
    }

    /// Another mood, for what is asked from now on; whoever it let hang hears a fault.
    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// How long it took over the charge of a name.
    pub fn took(&self, name: &str) -> Duration {
        self.took.lock().unwrap().remove(name).unwrap()
    }

    /// Does as its mood is; nothing, when an answer is to follow.
    async fn act(&self) -> Option<Response> {
        let mood = *self.mood.borrow();
        match mood {
            Mood::Well => tokio::time::sleep(ANSWER).await,
            Mood::Slow => tokio::time::sleep(SLOW).await,
            Mood::Hanging => {
                self.mood.subscribe().wait_for(|now| *now != mood).await.unwrap();
                return Some(StatusCode::INTERNAL_SERVER_ERROR.into_response());
            }
            Mood::Nonsense => return Some(Html("<html>We'll be back soon.").into_response()),
        }
        None
    }
}

#[allow(clippy::disallowed_methods)] // a benchmark measures real time
async fn charge(State(stub): State<Stub>, Json(asked): Json<Value>) -> Response {
    let begun = Instant::now();
    if let Some(trouble) = stub.act().await {
        return trouble;
    }
    let name = asked["name"].as_str().unwrap().to_owned();
    stub.took.lock().unwrap().insert(name, begun.elapsed());
    Json(json!({ "id": asked["key"], "state": "succeeded" })).into_response()
}

/// Nobody asks about a charge that was answered.
async fn find(State(stub): State<Stub>) -> Response {
    stub.act().await.unwrap_or(StatusCode::NOT_FOUND.into_response())
}
