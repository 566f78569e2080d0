//! What customers' banks want back of a payment.

use super::facts::{head, table_card};
use crate::components::amount;
use crate::components::badge::dispute_badge;
use crate::components::money::id_with_copy;
use crate::components::time::moment_full;
use crate::i18n::{code_text, k, use_locale};
use domain::views::payment::Dispute;
use leptos::prelude::*;

/// Its disputes, oldest first.
pub fn disputes(disputes: &[Dispute]) -> AnyView {
    if disputes.is_empty() {
        return ().into_any();
    }
    let locale = use_locale();
    let rows: Vec<_> = disputes
        .iter()
        .map(|dispute| {
            let code =
                dispute.raw_code.clone().map(|code| view! { <span class="sub"><code dir="ltr">{code}</code></span> });
            // Once nobody waits for an answer, the time for it says nothing.
            let until = dispute.respond_by.filter(|_| dispute.status.asks());
            let until = until.map_or_else(|| "–".into_any(), moment_full);
            view! {
                <tr>
                    <td class="num">{amount(dispute.amount)}</td>
                    <td>{dispute_badge(dispute.status)}</td>
                    <td>{code_text(locale, "dispute.reason.", dispute.reason.as_str())} {code}</td>
                    <td class="nowrap">{until}</td>
                    <td class="num">{amount(dispute.taken)}</td>
                    <td class="num">{amount(dispute.fee)}</td>
                    <td class="lo">{id_with_copy(&dispute.id)}</td>
                </tr>
            }
        })
        .collect();
    let columns = [
        k::DISPUTES_COLUMN_AMOUNT,
        k::DISPUTES_COLUMN_STATUS,
        k::DISPUTES_COLUMN_REASON,
        k::DISPUTES_COLUMN_DEADLINE,
        k::DISPUTES_COLUMN_TAKEN,
        k::DISPUTES_COLUMN_FEE,
    ];
    table_card(k::PAYMENT_DISPUTES, head(&columns, Some(k::DISPUTES_COLUMN_ID)), rows.into_any())
}
