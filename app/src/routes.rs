//! Which page lies where.

use crate::pages::NotFound;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// The app below the document's body.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    #[cfg(feature = "hydrate")]
    crate::browser::provide();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/dev/components") view=NotFound ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
