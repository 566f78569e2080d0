//! Customers, and charging what is kept for them.

mod charge;

pub use charge::{Charged, charge};

use crate::{
    MerchantActor, ServiceError, Services,
    paging::{Asked, Side},
    saved,
};
use domain::{
    CustomerId, Permission, Timestamp,
    validate::email,
    views::{
        Cursor, Page,
        customers::{Customer, CustomerRow, KeptMethod},
        page::PageQuery,
    },
};
use store::{customers, payment_methods, payments::parse};

/// Most methods of a customer that their page shows.
const MOST_METHODS: i64 = 50;

/// Customers, the latest first; with an address, those who gave it.
///
/// # Errors
/// Forbidden; an address or a cursor that is none; the database's.
pub async fn list(
    svc: &Services,
    actor: &MerchantActor,
    query: &PageQuery,
    address: &str,
) -> Result<Page<CustomerRow>, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let asked = Asked::of(query)?;
    let mut tx = svc.db().read().await?;
    let rows = match (address.trim(), &asked.side) {
        ("", Side::Older(than)) => customers::older(&mut tx, &actor.scope, than, asked.rows()).await?,
        ("", Side::Newer(than)) => customers::newer(&mut tx, &actor.scope, than, asked.rows()).await?,
        (address, _) => match email::required(address) {
            Ok(email) => customers::by_email(&mut tx, &actor.scope, &email.address, asked.rows()).await?,
            Err(wrong) => return Err(ServiceError::fields(vec![wrong.at("email")])),
        },
    };
    drop(tx);
    let rows = rows.iter().map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(asked.page(rows, |row| Cursor { at: row.created_at, id: row.id.to_string() }))
}

/// A customer's page.
///
/// # Errors
/// Forbidden; not found; the database's.
pub async fn get(svc: &Services, actor: &MerchantActor, id: &CustomerId) -> Result<Customer, ServiceError> {
    actor.require(Permission::ViewPayments)?;
    let mut tx = svc.db().read().await?;
    let found = customers::get(&mut tx, &actor.scope, id.as_str()).await?.ok_or_else(ServiceError::not_found)?;
    let mut methods = Vec::new();
    for kept in payment_methods::of_customer(&mut tx, &actor.scope, id.as_str(), MOST_METHODS).await? {
        let names = payment_methods::names(&mut tx, &actor.scope, &kept.id).await?;
        methods.push(KeptMethod {
            method: saved::view(&kept)?,
            connections: names.into_iter().map(|name| name.connection_name).collect(),
            consent: kept.consent,
            consented_at: Timestamp(kept.consented_at),
            last_used_at: kept.last_used_at.map(Timestamp),
        });
    }
    Ok(Customer { row: row(&found)?, methods })
}

fn row(row: &customers::CustomerRow) -> Result<CustomerRow, ServiceError> {
    Ok(CustomerRow {
        id: parse(&row.id)?,
        email: row.email.clone(),
        methods: row.methods,
        created_at: Timestamp(row.created_at),
    })
}
