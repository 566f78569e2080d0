//! Addresses in mails, and the mails that carry a token.

use crate::{
    Services,
    mail::{MailDraft, Template},
    tokens::{self, Purpose},
};
use domain::{Locale, MailId, Timestamp, UserId};
use store::{StoreError, Tx, mail_tokens};

/// An absolute address.
pub(crate) fn absolute(svc: &Services, path: &str) -> String {
    format!("{}{path}", svc.settings().public_url)
}

/// A token to be mailed, made before the unit so that the unit may be run again.
#[derive(Debug, Clone)]
pub(crate) struct Mailed {
    pub(crate) purpose: Purpose,
    pub(crate) token_hash: String,
    pub(crate) link: String,
    pub(crate) mail_id: MailId,
    pub(crate) now: Timestamp,
}

impl Mailed {
    pub(crate) fn new(svc: &Services, purpose: Purpose) -> Self {
        let token = svc.new_token();
        let path = match purpose {
            Purpose::Verify => format!("/verify?token={token}"),
            Purpose::Reset => format!("/reset/{token}"),
            Purpose::FirstAdmin => format!("/first-admin/{token}"),
        };
        Self {
            purpose,
            token_hash: tokens::hash(&token),
            link: absolute(svc, &path),
            mail_id: svc.new_id(),
            now: svc.now(),
        }
    }

    /// Stores the token in place of older ones of its purpose, and writes the mail.
    pub(crate) async fn send(&self, tx: &mut Tx, user: &UserId, to: Person<'_>) -> Result<(), StoreError> {
        mail_tokens::end_of_user(tx, user, self.purpose.as_str()).await?;
        let token = mail_tokens::NewToken {
            token_hash: &self.token_hash,
            purpose: self.purpose.as_str(),
            user_id: Some(user),
            email: Some(to.email),
            created_at: self.now,
            expires_at: self.now.plus(self.purpose.lasts()),
        };
        mail_tokens::insert(tx, &token).await?;
        let draft =
            MailDraft::new(self.template(), to.email, to.locale).with("name", to.name).with("link", self.link.as_str());
        crate::mail::enqueue(tx, &self.mail_id, self.now, &draft).await
    }

    /// The template that carries the token.
    pub(crate) const fn template(&self) -> Template {
        match self.purpose {
            Purpose::Verify => Template::VerifyEmail,
            Purpose::Reset | Purpose::FirstAdmin => Template::ResetPassword,
        }
    }
}

/// To whom a mail goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) locale: Locale,
}
