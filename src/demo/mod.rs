//! The demo of `serve --demo`: accounts with random passwords, an approved business, a gateway in test mode, and a month of
//! sandbox payments. Made through the same services as everything else, with a clock that goes through the month.

mod business;
mod clock;
mod month;

use crate::cli::CliError;
use crate::config::write_private;
use crate::state::AppState;
use clock::DemoClock;
use services::{ServiceError, Services, SystemEntropy};
use std::sync::Arc;

/// Where the accounts are kept, in the data folder, for the owner of the machine alone.
const ACCOUNTS: &str = "demo-accounts.txt";

/// One of the demo's people.
struct Person {
    name: &'static str,
    email: &'static str,
    password: String,
}

/// The demo's accounts in words: made at the first start, read again at later ones.
///
/// # Errors
/// When they can't be made, or the file can't be read or written.
pub async fn accounts(state: &AppState) -> Result<String, CliError> {
    let folder = state.config.data_dir();
    let path = folder.join(ACCOUNTS);
    let file = |what: &str| CliError::system(format!("{what} {}", path.display()));
    let fresh = services::accounts::first_admin_token(&state.services).await?.is_some();
    if !fresh {
        return match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Ok("The accounts of this database were made elsewhere; no demo accounts are known here.\n".to_owned())
            }
            Err(error) => Err(file("reading")(error)),
        };
    }
    let admin = Person { name: "Dana Operator", email: "admin@example.com", password: password(&state.services) };
    let owner = Person { name: "Robin Berg", email: "owner@example.com", password: password(&state.services) };
    let text = words(&state.config.public_url, &admin, &owner);
    // The file first: what is made after it can be entered, even when making it is cut short.
    std::fs::create_dir_all(&folder).map_err(file("making the folder of"))?;
    if path.exists() {
        std::fs::remove_file(&path).map_err(file("replacing"))?;
    }
    write_private(&path, &text).map_err(file("writing"))?;
    println!("Making the demo: accounts, a business, a month of test payments …");
    seed(state, &admin, &owner).await.map_err(in_words)?;
    Ok(text)
}

fn in_words(error: ServiceError) -> CliError {
    CliError::Message(format!("the demo could not be made ({error}); remove its data folder and start again"))
}

fn words(url: &str, admin: &Person, owner: &Person) -> String {
    format!(
        "Demo accounts (log in at {url}/login)\n\n  \
         Business   {owner_email:<20} {owner_password}   an approved shop with test payments\n  \
         Operator   {admin_email:<20} {admin_password}   decides applications, reads the mail outbox\n\n  \
         Sign up    {url}/signup (its mail lies under {url}/admin/mail)\n  \
         Test card  4242 4242 4242 4242, any future date, any code\n",
        owner_email = owner.email,
        owner_password = owner.password,
        admin_email = admin.email,
        admin_password = admin.password,
    )
}

/// 20 characters of a fresh token, without those that look alike or break a double click.
fn password(svc: &Services) -> String {
    let drawn: String = std::iter::repeat_with(|| svc.new_token())
        .take(2)
        .collect::<String>()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() && !"0OIl1".contains(*c))
        .collect();
    drawn.chars().take(20).collect()
}

/// Makes everything.
async fn seed(state: &AppState, admin: &Person, owner: &Person) -> Result<(), ServiceError> {
    let real = &state.services;
    let clock = Arc::new(DemoClock::starting(real.now().plus(-month::LENGTH)));
    let svc = Services::new(
        real.db().clone(),
        clock.clone(),
        Arc::new(SystemEntropy),
        real.sealer().clone(),
        real.gateways().clone(),
        real.settings().clone(),
    );
    let actor = business::make(&svc, &clock, admin, owner).await?;
    month::live_through(&svc, &clock, &actor, real.now()).await?;
    keep_mails(&svc).await
}

/// The mails of the month stay for the operator to read: they are for nobody.
async fn keep_mails(svc: &Services) -> Result<(), ServiceError> {
    loop {
        let due = services::mail::due(svc, 100).await?;
        if due.is_empty() {
            return Ok(());
        }
        for mail in due {
            keep(svc, &mail).await?;
        }
    }
}

async fn keep(svc: &Services, mail: &services::mail::DueMail) -> Result<(), ServiceError> {
    match app::mail::render(mail.locale, &mail.template, &mail.params) {
        Some(text) => {
            let rendered = services::mail::Rendered { subject: text.subject, text: text.text, html: text.html };
            services::mail::delivered(svc, &mail.id, &rendered, false).await
        }
        None => services::mail::failed(svc, &mail.id, "no such template").await,
    }
}
