//! Checkout: what the customer sees, and paying.

mod challenge;
mod held;
mod input;
pub(crate) mod letters;
mod notice;
mod outcome;
pub(crate) mod pay;
mod receipt;
mod release;
mod returned;
pub(crate) mod settle;
pub(crate) mod stage;
mod start_over;
mod view;

pub use challenge::{answer_challenge, challenge};
pub(crate) use notice::tell_back;
pub use notice::{TellMe, tell_me};
pub(crate) use pay::pay_by_member;
pub use pay::{is_form_key, pay};
pub use receipt::receipt;
pub(crate) use returned::go_on;
pub use returned::returned;
pub(crate) use start_over::give_up;
pub use start_over::start_over;
pub use view::{Visitor, view, view_from};

use domain::{Mode, states::MerchantStatus, views::checkout::Branding};
use store::links::SellerRow;

/// Whether a merchant in this state may charge in this mode; the attempt's insert decides by the same rule.
pub(crate) fn may_charge(status: &str, mode: Mode) -> bool {
    let abilities = status.parse().map(MerchantStatus::abilities);
    abilities.is_ok_and(|can| if mode.is_live() { can.live_charges } else { can.test_charges })
}

/// The merchant as a customer sees it. The logo's address changes with the logo, so that it may be kept for long.
pub(crate) fn branding(seller: &SellerRow, merchant: &str) -> Branding {
    let statement = seller.statement_name.clone().filter(|name| !name.is_empty());
    Branding {
        name: seller.merchant_name.clone(),
        statement_name: statement.unwrap_or_else(|| seller.merchant_name.clone()),
        logo_url: seller.logo_file_id.as_ref().map(|file| format!("/logo/{merchant}/{file}")),
        color: seller.brand_color.clone().filter(|color| is_color(color)),
        support_email: seller.support_email.clone(),
        support_url: seller.support_url.clone(),
    }
}

/// `#rrggbb` and nothing else: it goes into a style sheet.
fn is_color(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
