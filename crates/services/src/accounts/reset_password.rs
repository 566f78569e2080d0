//! Sets a new password by the token of a mail.

use super::links::absolute;
use crate::{
    Origin, ServiceError, Services,
    audit::{self, Entry, OPERATOR},
    mail::{self, MailDraft, Template},
    password, rows,
    tokens::{self, Purpose},
};
use domain::{MailId, ProblemKind, Timestamp, UserId, problem::accounts, validate};
use store::users::{self, UserRow};
use store::{StoreError, Tx, login_sessions, mail_tokens};

/// Sets a new password by the token of a mail, and ends every login session. The mail proves the address as well.
///
/// # Errors
/// Field `password`; [`accounts::LINK_ENDED`]; the database's.
pub async fn reset_password(svc: &Services, token: &str, new: &str, origin: &Origin) -> Result<UserId, ServiceError> {
    let (hash, now) = (tokens::hash(token), svc.now());
    let ended = || ServiceError::new(ProblemKind::Invalid, accounts::LINK_ENDED);
    let mut tx = svc.db().read().await?;
    let row = mail_tokens::peek(&mut tx, &hash, Purpose::Reset.as_str(), now).await?.ok_or_else(ended)?;
    let user_id: UserId = rows::read(row.user_id.as_deref().unwrap_or_default())?;
    let user = users::get(&mut tx, &user_id).await?.filter(|u| u.disabled_at.is_none()).ok_or_else(ended)?;
    drop(tx);
    validate::password::check(new, &[&user.name, &user.email])
        .map_err(|wrong| ServiceError::fields(vec![wrong.at("password")]))?;
    let change = Change::new(svc, user_id.clone(), &user, password::hash(svc, new).await?, None, origin);
    let input = (hash, change);
    svc.db()
        .write(&input, |tx, (hash, change)| {
            Box::pin(async move {
                let claimed = mail_tokens::claim(tx, hash, Purpose::Reset.as_str(), change.now).await?;
                if claimed.is_none() {
                    return Err(ServiceError::new(ProblemKind::Invalid, accounts::LINK_ENDED));
                }
                users::verify(tx, &change.user_id, change.now).await?;
                change.apply(tx, "user.reset_password").await?;
                Ok(())
            })
        })
        .await?;
    Ok(user_id)
}

/// Whether a reset token would be taken now; for the page that asks for the new password.
///
/// # Errors
/// The database's.
pub async fn reset_token_is_valid(svc: &Services, token: &str) -> Result<bool, ServiceError> {
    let mut tx = svc.db().read().await?;
    Ok(mail_tokens::peek(&mut tx, &tokens::hash(token), Purpose::Reset.as_str(), svc.now()).await?.is_some())
}

/// A new password with all that follows from it.
pub(super) struct Change {
    pub(super) user_id: UserId,
    name: String,
    email: String,
    locale: domain::Locale,
    password_hash: String,
    keep_handle: Option<String>,
    mail_id: MailId,
    link: String,
    origin: Origin,
    pub(super) now: Timestamp,
}

impl Change {
    pub(super) fn new(
        svc: &Services,
        user_id: UserId,
        user: &UserRow,
        password_hash: String,
        keep_handle: Option<&str>,
        origin: &Origin,
    ) -> Self {
        Self {
            user_id,
            name: user.name.clone(),
            email: user.email.clone(),
            locale: rows::locale(&user.locale),
            password_hash,
            keep_handle: keep_handle.map(str::to_owned),
            mail_id: svc.new_id(),
            link: absolute(svc, "/reset"),
            origin: origin.clone(),
            now: svc.now(),
        }
    }

    /// Sets the password, ends the other sessions and the links under way, tells the person, and writes it down.
    pub(super) async fn apply(&self, tx: &mut Tx, action: &'static str) -> Result<(), StoreError> {
        users::set_password(tx, &self.user_id, &self.password_hash).await?;
        let ended = login_sessions::delete_all_but(tx, &self.user_id, self.keep_handle.as_deref()).await?;
        mail_tokens::end_of_user(tx, &self.user_id, Purpose::Reset.as_str()).await?;
        let draft = MailDraft::new(Template::PasswordChanged, &self.email, self.locale)
            .with("name", &self.name)
            .with("link", &self.link);
        mail::enqueue(tx, &self.mail_id, self.now, &draft).await?;
        let entry = Entry::by_user(OPERATOR, &self.user_id, &self.origin, self.now, action)
            .on(&self.user_id)
            .with("sessions_ended", ended);
        audit::append(tx, &entry).await
    }
}
