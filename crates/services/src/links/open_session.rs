//! A customer opens a payment link: a checkout session, with its pieces taken from the stock in the same unit.

use super::{form::or_whole, url};
use crate::checkout::may_charge;
use crate::{
    ServiceError, Services,
    sessions::{summary, total},
};
use domain::{
    Currency, FieldProblem, Locale, Mode, Money, Problem, ProblemKind, Scope,
    money::MAX_AMOUNT,
    problem::{codes, money},
    time::HOUR,
    validate::number,
    views::checkout::LineItem,
};
use store::{
    StoreError, UnitError,
    links::{self, LinkRow},
    payments::parse,
    sessions::{self, NewSession},
};

/// How long a session lasts.
const LASTS: i64 = 24 * HOUR;
/// How long one lasts that holds pieces of a limited stock from others.
const LASTS_WITH_STOCK: i64 = HOUR;

/// Opens a session; the answer is its token. `amount` counts when the customer chooses, `quantity` when there may be several;
/// both as typed.
///
/// # Errors
/// Not found; the link is off, sold out, or nothing can be charged; what is wrong with amount or quantity.
pub async fn open_session(
    svc: &Services,
    token: &str,
    amount: &str,
    quantity: &str,
    locale: Locale,
) -> Result<String, ServiceError> {
    let row = links::page(&mut svc.db().read().await?, token).await?.ok_or_else(ServiceError::not_found)?;
    let scope = Scope { merchant: parse(&row.merchant_id)?, mode: Mode::from_live(row.livemode) };
    if !row.link.active {
        return Err(ServiceError::new(ProblemKind::Conflict, money::LINK_INACTIVE));
    }
    if !may_charge(&row.seller.merchant_status, scope.mode) {
        return Err(ServiceError::new(ProblemKind::Conflict, money::CHECKOUT_UNAVAILABLE));
    }
    let link = row.link;
    let new = session(svc, &link, amount, quantity, locale)?;
    let opened = svc
        .db()
        .write(&(&scope, &link.id, &new), |tx, &(scope, link, new)| {
            Box::pin(async move {
                if !links::take_stock(tx, scope, link, new.quantity).await? {
                    return Err(Stop::NotLeft);
                }
                sessions::insert(tx, scope, new).await?;
                Ok(())
            })
        })
        .await;
    match opened {
        Ok(()) => Ok(new.token),
        Err(Stop::Store(error)) => Err(error.into()),
        Err(Stop::NotLeft) => {
            let now = links::page(&mut svc.db().read().await?, token).await?.ok_or_else(ServiceError::not_found)?;
            if !now.link.active {
                return Err(ServiceError::new(ProblemKind::Conflict, money::LINK_INACTIVE));
            }
            let left = now.link.stock.map_or(0, |stock| (stock - now.link.sold).max(0));
            Err(Problem::new(ProblemKind::Conflict, money::SOLD_OUT).with("left", left).into())
        }
    }
}

/// Why no session was made.
enum Stop {
    /// The pieces are not there any more, or the link was switched off.
    NotLeft,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl UnitError for Stop {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::NotLeft => None,
        }
    }
}

/// The session that is asked for.
fn session(
    svc: &Services,
    link: &LinkRow,
    amount: &str,
    quantity: &str,
    locale: Locale,
) -> Result<NewSession, ServiceError> {
    let currency: Currency = parse(&link.currency)?;
    let mut problems = Vec::new();
    let pieces = or_whole(quantity, 1, 1, link.max_quantity).map_err(|wrong| problems.push(wrong.at("quantity")));
    let unit = unit_amount(link, amount, currency).map_err(|problem| problems.push(problem));
    let (Ok(pieces), Ok(unit)) = (pieces, unit) else { return Err(ServiceError::fields(problems)) };
    let items = vec![LineItem { name: link.title.clone(), quantity: pieces, unit_amount: unit }];
    let Some(total) = total(&items) else {
        let most = Money::new(MAX_AMOUNT / pieces, currency).grouped();
        let least = Money::new(1, currency).grouped();
        let problem = FieldProblem::new("amount", codes::OUT_OF_RANGE).with("min", least).with("max", most);
        return Err(ServiceError::fields(vec![problem]));
    };
    let now = svc.now();
    Ok(NewSession {
        id: svc.new_id(),
        token: svc.new_token(),
        currency: link.currency.clone(),
        amount: total,
        line_items: serde_json::to_string(&items).map_err(|error| ServiceError::Fault(error.to_string()))?,
        description: Some(summary(&items)),
        customer_email: None,
        client_reference: None,
        metadata: "{}".to_owned(),
        success_url: link.success_url.clone(),
        cancel_url: Some(url(svc, &link.token)),
        locale: Some(locale.tag()),
        link_id: Some(link.id.clone()),
        quantity: pieces,
        expires_at: now.plus(if link.stock.is_some() { LASTS_WITH_STOCK } else { LASTS }),
        created_at: now,
        capture_method: parse(&link.capture_method)?,
    })
}

/// The price of one: the link's, or what the customer chose within its bounds.
fn unit_amount(link: &LinkRow, typed: &str, currency: Currency) -> Result<i64, FieldProblem> {
    if let Some(amount) = link.amount {
        return Ok(amount);
    }
    let chosen = number::amount(typed, currency).map_err(|wrong| wrong.at("amount"))?.minor;
    let (min, max) = (link.min_amount.unwrap_or(1), link.max_amount.unwrap_or(MAX_AMOUNT));
    if (min..=max).contains(&chosen) {
        return Ok(chosen);
    }
    let text = |minor| Money::new(minor, currency).grouped();
    Err(FieldProblem::new("amount", codes::OUT_OF_RANGE).with("min", text(min)).with("max", text(max)))
}
