//! Invariants, as questions that a whole database answers with nothing.
//!
//! Each statement gives one text per broken row. They only read; [`crate::Db::snapshot`] makes them agree with each other.

use crate::{StoreError, Tx};

/// Rows named per invariant; more would not help whoever reads them.
const LIMIT: i64 = 50;

macro_rules! invariants {
    ($($name:literal $const:ident = $sql:expr;)*) => {
        statements! { $($const = $sql;)* }
        /// Every invariant with its statement.
        const INVARIANTS: &[(&str, &str)] = &[$(($name, $const)),*];
    };
}

invariants! {
    "journal_balanced" JOURNAL_BALANCED = "
        select e.journal_id || ' sums to ' || sum(e.amount) || ' ' || e.currency
        from entries e group by e.merchant_id, e.livemode, e.journal_id, e.currency
        having sum(e.amount) <> 0 limit $1";
    "journal_has_two_entries" JOURNAL_ENTRIES = "
        select j.id || ' has ' || count(e.line) || ' entries'
        from journals j
        left join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
        group by j.merchant_id, j.livemode, j.id having count(e.line) < 2 limit $1";
    "captured_is_attempts" CAPTURED_ATTEMPTS = "
        select p.id || ' captured ' || p.captured || ', attempts ' || coalesce(sum(a.captured), 0)
        from payments p
        left join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
          and a.status = 'succeeded' and not a.surplus
        group by p.merchant_id, p.livemode, p.id, p.captured
        having p.captured <> coalesce(sum(a.captured), 0) limit $1";
    "captured_within_authorized" CAPTURED_WITHIN = "
        select p.id || ' captured ' || p.captured || ' of ' || p.authorized || ' authorised'
        from payments p where p.authorized > 0 and p.captured > p.authorized
        union all
        select a.id || ' captured ' || a.captured || ' of ' || a.amount
        from attempts a
        where a.captured > a.amount or (a.status = 'succeeded') <> (a.captured > 0)
           or (a.status = 'succeeded' and a.authorized_at is null and a.captured <> a.amount)
        union all
        select p.id || ' authorised ' || p.authorized || ', attempts ' || coalesce(sum(a.amount), 0)
        from payments p
        left join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
          and a.authorized_at is not null and not a.surplus
        group by p.merchant_id, p.livemode, p.id, p.authorized
        having p.authorized <> coalesce(sum(a.amount), 0)
        limit $1";
    "captured_is_captures" CAPTURED_OPERATIONS = "
        select a.id || ' captured ' || a.captured || ', its captures ' || coalesce(sum(o.amount), 0)
        from attempts a
        left join operations o on o.merchant_id = a.merchant_id and o.livemode = a.livemode and o.attempt_id = a.id
          and o.kind = 'capture' and o.status = 'succeeded'
        where a.authorized_at is not null
        group by a.merchant_id, a.livemode, a.id, a.captured, a.payment_id
        having a.captured <> coalesce(sum(o.amount), 0)
          -- Money that nobody here asked for is told of as late.
          and not (coalesce(sum(o.amount), 0) = 0 and exists (
            select 1 from events e where e.merchant_id = a.merchant_id and e.livemode = a.livemode
              and e.object_id = a.payment_id and e.kind = 'payment.late_success'))
        limit $1";
    "one_release" ONE_RELEASE = "
        select o.attempt_id || ' has ' || count(*) || ' captures or releases'
        from operations o
        where o.kind in ('capture', 'void') and o.status <> 'failed'
        group by o.merchant_id, o.livemode, o.attempt_id having count(*) > 1 limit $1";
    "authorization_ends" AUTHORIZATION_ENDS = "
        select p.id || ' is held and nobody ends it'
        from payments p
        where p.status = 'requires_capture'
          and (p.capture_before is null or p.capture_check_at is null or p.authorized = 0)
        limit $1";
    "cancellation_is_told" CANCELLATION_EVENT = "
        select p.id || ' was released (' || coalesce(p.cancellation, 'nobody says why') || ') without an event'
        from payments p
        where p.status = 'canceled' and p.authorized > 0 and (p.cancellation is null or not exists (
          select 1 from events e where e.merchant_id = p.merchant_id and e.livemode = p.livemode and e.object_id = p.id
            and e.kind = 'payment.canceled'))
        limit $1";
    "captured_is_ledger" CAPTURED_LEDGER = "
        select p.id || ' captured ' || p.captured || ', booked ' || -coalesce(sum(e.amount), 0)
        from payments p
        left join journals j on j.merchant_id = p.merchant_id and j.livemode = p.livemode and j.payment_id = p.id
          and j.kind = 'payment'
        left join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
          and e.account = 'sales' and e.currency = p.currency
        group by p.merchant_id, p.livemode, p.id, p.captured
        having p.captured <> -coalesce(sum(e.amount), 0) limit $1";
    "fee_is_ledger" FEE_LEDGER = "
        select p.id || ' fee ' || p.fee || ', booked ' || coalesce(sum(e.amount), 0)
        from payments p
        left join journals j on j.merchant_id = p.merchant_id and j.livemode = p.livemode and j.payment_id = p.id
          and j.kind in ('payment', 'fee')
        left join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
          and e.account = 'fees'
        group by p.merchant_id, p.livemode, p.id, p.fee
        having p.fee <> coalesce(sum(e.amount), 0) limit $1";
    "refunded_is_refunds" REFUNDED_REFUNDS = "
        select p.id || ' refunded ' || p.refunded || ', refunds ' || coalesce(sum(r.amount), 0)
        from payments p
        left join refunds r on r.merchant_id = p.merchant_id and r.livemode = p.livemode and r.payment_id = p.id
          and r.status = 'succeeded' and r.counts
        group by p.merchant_id, p.livemode, p.id, p.refunded
        having p.refunded <> coalesce(sum(r.amount), 0) limit $1";
    "refunded_is_ledger" REFUNDED_LEDGER = "
        select p.id || ' refunded ' || p.refunded || ', booked ' || coalesce(sum(e.amount), 0)
        from payments p
        left join journals j on j.merchant_id = p.merchant_id and j.livemode = p.livemode and j.payment_id = p.id
          and j.kind in ('refund', 'refund_reversal')
        left join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
          and e.account = 'refunds' and e.currency = p.currency
        group by p.merchant_id, p.livemode, p.id, p.refunded
        having p.refunded <> coalesce(sum(e.amount), 0) limit $1";
    "reserved_is_open_refunds" RESERVED_REFUNDS = "
        select p.id || ' reserved ' || p.refund_reserved || ', open refunds ' || coalesce(sum(r.amount), 0)
        from payments p
        left join refunds r on r.merchant_id = p.merchant_id and r.livemode = p.livemode and r.payment_id = p.id
          and r.status in ('pending', 'unknown') and r.counts
        group by p.merchant_id, p.livemode, p.id, p.refund_reserved
        having p.refund_reserved <> coalesce(sum(r.amount), 0) limit $1";
    "refunds_within_captured" REFUNDS_WITHIN = "
        select p.id || ' captured ' || p.captured || ', refunded ' || p.refunded || ', reserved ' || p.refund_reserved
        from payments p
        where p.refunded + p.refund_reserved > p.captured or p.captured > p.amount
           or p.refunded < 0 or p.refund_reserved < 0 or p.captured < 0 limit $1";
    "refunds_and_disputes_within_captured" DISPUTES_WITHIN = "
        select p.id || ' captured ' || p.captured || ', refunded or reserved ' || (p.refunded + p.refund_reserved) || ', disputed '
          || p.disputed || case when p.exceeded_at is null then ', and nobody is told' else ', and is told to be too much' end
        from payments p
        -- What a gateway took beyond what was left is booked, and noted.
        where (p.refunded + p.refund_reserved + p.disputed > p.captured) <> (p.exceeded_at is not null) limit $1";
    "disputed_is_disputes" DISPUTED_DISPUTES = "
        select p.id || ' disputed ' || p.disputed || ', disputes ' || coalesce(sum(d.taken), 0)
        from payments p
        left join (select d.merchant_id, d.livemode, d.payment_id, d.taken from disputes d
            join attempts a on a.merchant_id = d.merchant_id and a.livemode = d.livemode and a.id = d.attempt_id
            where not a.surplus) d
          on d.merchant_id = p.merchant_id and d.livemode = p.livemode and d.payment_id = p.id
        group by p.merchant_id, p.livemode, p.id, p.disputed
        having p.disputed <> coalesce(sum(d.taken), 0) limit $1";
    "dispute_is_ledger" DISPUTE_LEDGER = "
        select d.id || ' took ' || d.taken || ' and ' || d.fee || ', booked ' || coalesce(b.taken, 0) || ' and ' || coalesce(b.fee, 0)
        from disputes d
        join payments p on p.merchant_id = d.merchant_id and p.livemode = d.livemode and p.id = d.payment_id
        left join (
          select s.merchant_id, s.livemode, s.id, sum(case when e.account = 'disputes' then e.amount else 0 end) as taken,
                 sum(case when e.account = 'dispute_fees' then e.amount else 0 end) as fee
          from disputes s
          join payments q on q.merchant_id = s.merchant_id and q.livemode = s.livemode and q.id = s.payment_id
          join journals j on j.merchant_id = s.merchant_id and j.livemode = s.livemode and j.payment_id = s.payment_id
            and j.kind in ('dispute', 'dispute_reversal', 'dispute_fee', 'dispute_fee_reversal')
            and j.source_id like s.id || '/%'
          join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
            and e.currency = q.currency
          group by s.merchant_id, s.livemode, s.id) b
          on b.merchant_id = d.merchant_id and b.livemode = d.livemode and b.id = d.id
        where d.taken <> coalesce(b.taken, 0) or d.fee <> coalesce(b.fee, 0) limit $1";
    "open_dispute_is_due" DISPUTE_DUE = "
        select d.id || ' is ' || d.status || case when d.next_check_at is null then ' and nobody asks' else ' and is asked about' end
        from disputes d
        where (d.status in ('won', 'lost', 'closed')) <> (d.next_check_at is null) limit $1";
    "dispute_has_event" DISPUTE_EVENT = "
        select d.id || ' was opened without an event'
        from disputes d
        where not exists (
          select 1 from events e where e.merchant_id = d.merchant_id and e.livemode = d.livemode and e.object_id = d.id
            and e.kind = 'dispute.created')
        limit $1";
    "one_live_attempt" ONE_LIVE = "
        select a.payment_id || ' has ' || count(*) || ' live attempts'
        from attempts a
        where a.status in ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded')
          and not a.surplus
        group by a.merchant_id, a.livemode, a.payment_id having count(*) > 1 limit $1";
    "payment_agrees_with_attempts" PAYMENT_STATUS = "
        select p.id || ' is ' || p.status || ', its attempt ' || coalesce(a.status, 'ended')
        from payments p
        left join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
          and a.status in ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded')
          and not a.surplus
        where p.status <> case coalesce(a.status, 'none')
            when 'succeeded' then 'succeeded' when 'processing' then 'processing' when 'unknown' then 'unknown'
            when 'requires_action' then 'requires_action' when 'authorized' then 'requires_capture'
            when 'created' then 'requires_payment_method'
            else case when p.status = 'canceled' or p.authorized > 0 then 'canceled' else 'requires_payment_method' end end
        limit $1";
    "operation_agrees_with_attempt" OPERATION_STATUS = "
        select o.id || ' is ' || o.status || ', its attempt ' || a.status
        from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.kind in ('sale', 'authorize') and a.status <> case o.status
            -- What comes after an authorisation is the affair of its capture or release.
            when 'succeeded' then case
              when a.authorized_at is not null and a.status in ('authorized', 'unknown', 'canceled') then a.status
              else 'succeeded' end
            when 'failed' then case when a.status = 'canceled' then 'canceled' else 'failed' end
            when 'sent' then 'created'
            else o.status end
        limit $1";
    "operation_agrees_with_release" OPERATION_RELEASE = "
        select o.id || ' (' || o.kind || ') is ' || o.status || ', its attempt ' || a.status
        from operations o
        join attempts a on a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id
        where o.kind in ('capture', 'void')
          and (a.authorized_at is null or o.amount > a.amount
            or a.status not in ('authorized', 'unknown', 'succeeded', 'canceled')
            or (o.status = 'succeeded' and o.kind = 'capture' and a.status <> 'succeeded')
            or (o.status = 'succeeded' and o.kind = 'void' and a.status not in ('canceled', 'succeeded')))
        union all
        select a.id || ' is unknown, and no capture or release is'
        from attempts a
        where a.status = 'unknown' and a.authorized_at is not null and not exists (
          select 1 from operations o where o.merchant_id = a.merchant_id and o.livemode = a.livemode and o.attempt_id = a.id
            and o.kind in ('capture', 'void') and o.status = 'unknown')
        limit $1";
    "operation_agrees_with_refund" OPERATION_REFUND = "
        select o.id || ' is ' || o.status || ', its refund ' || r.status
        from operations o
        join refunds r on r.merchant_id = o.merchant_id and r.livemode = o.livemode and r.id = o.refund_id
        where r.status <> case o.status when 'sent' then 'pending' when 'processing' then 'pending' else o.status end
        limit $1";
    "open_operation_is_due" OPEN_DUE = "
        select o.id || ' is ' || o.status || ' and nobody asks'
        from operations o
        where o.status in ('created', 'sent', 'processing', 'requires_action') and o.next_check_at is null limit $1";
    "gateway_event_is_due" GATEWAY_EVENT_DUE = "
        select g.event_id || ' is ' || g.status || ' and nobody looks at it'
        from gateway_events g
        where (g.status = 'queued') <> (g.next_try_at is not null)
           or (g.status = 'queued') <> (g.finished_at is null) limit $1";
    "session_complete_iff_paid" SESSION_PAID = "
        select s.id || ' is ' || s.status || ', its payment ' || coalesce(p.status, 'none')
        from checkout_sessions s
        left join payments p on p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id
        where (s.status = 'complete' and coalesce(p.status, 'none') not in ('succeeded', 'requires_capture')
                -- Whatever becomes of an authorisation, the customer's part was done.
                and not (coalesce(p.authorized, 0) > 0 and p.status in ('unknown', 'canceled')))
           or (s.status <> 'complete' and p.status in ('succeeded', 'requires_capture'))
           or (s.status = 'complete' and coalesce(s.payment_id, '') <> coalesce(p.id, ''))
        limit $1";
    "session_agrees_with_payment" SESSION_AMOUNT = "
        select p.id || ' asks ' || p.amount || ' ' || p.currency || ', its session ' || s.amount || ' ' || s.currency
        from payments p
        join checkout_sessions s on s.merchant_id = p.merchant_id and s.livemode = p.livemode and s.id = p.session_id
        where p.amount <> s.amount or p.currency <> s.currency limit $1";
    "one_currency" ONE_CURRENCY = "
        select a.id || ' is in ' || a.currency || ', its payment in ' || p.currency
        from attempts a
        join payments p on p.merchant_id = a.merchant_id and p.livemode = a.livemode and p.id = a.payment_id
        where a.currency <> p.currency
        union all
        select r.id || ' is in ' || r.currency || ', its payment in ' || p.currency
        from refunds r
        join payments p on p.merchant_id = r.merchant_id and p.livemode = r.livemode and p.id = r.payment_id
        where r.currency <> p.currency
        union all
        select o.id || ' is in ' || o.currency || ', its payment in ' || p.currency
        from operations o
        join payments p on p.merchant_id = o.merchant_id and p.livemode = o.livemode and p.id = o.payment_id
        where o.currency <> p.currency
        limit $1";
    "success_has_event" SUCCESS_EVENT = "
        select p.id || ' succeeded without an event'
        from payments p
        where p.status = 'succeeded' and not exists (
          select 1 from events e where e.merchant_id = p.merchant_id and e.livemode = p.livemode and e.object_id = p.id
            and e.kind = 'payment.succeeded')
        limit $1";
    "refund_has_event" REFUND_EVENT = "
        select r.id || ' ' || r.status || ' without an event'
        from refunds r
        where r.status in ('succeeded', 'failed') and not exists (
          select 1 from events e where e.merchant_id = r.merchant_id and e.livemode = r.livemode and e.object_id = r.id
            and e.kind = 'refund.' || r.status)
        limit $1";
    "surplus_is_ledger" SURPLUS_LEDGER = "
        select a.id || ' took ' || a.captured || ' too much, booked ' || -coalesce(sum(e.amount), 0)
        from attempts a
        left join journals j on j.merchant_id = a.merchant_id and j.livemode = a.livemode and j.source_id = a.id
          and j.kind = 'surplus'
        left join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
          and e.account = 'customer_credit'
        where a.surplus
        group by a.merchant_id, a.livemode, a.id, a.captured
        having a.captured <> -coalesce(sum(e.amount), 0) limit $1";
    "uncounted_refund_is_ledger" UNCOUNTED_LEDGER = "
        select r.id || ' is ' || r.status || ' of ' || r.amount || ', booked ' || coalesce(sum(e.amount), 0)
        from refunds r
        left join journals j on j.merchant_id = r.merchant_id and j.livemode = r.livemode and j.refund_id = r.id
          and j.kind in ('surplus_refund', 'surplus_refund_reversal')
        left join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
          and e.account = 'customer_credit' and e.currency = r.currency
        where not r.counts
        group by r.merchant_id, r.livemode, r.id, r.status, r.amount
        having coalesce(sum(e.amount), 0) <> case r.status when 'succeeded' then r.amount else 0 end limit $1";
    "late_money_has_refund" LATE_REFUND = "
        select a.id || ' took ' || a.captured || ' ' || case when a.surplus then 'too much' else 'too late' end
          || ' and no refund is on its way'
        from attempts a
        join payments p on p.merchant_id = a.merchant_id and p.livemode = a.livemode and p.id = a.payment_id
        where a.status = 'succeeded' and (a.surplus or a.late_rule = 'refund')
          and not exists (select 1 from refunds r where r.merchant_id = a.merchant_id and r.livemode = a.livemode
            and r.attempt_id = a.id and r.origin not in ('merchant', 'gateway'))
          and not exists (select 1 from jobs j where j.object_id = a.id)
          and not exists (select 1 from disputes d where d.merchant_id = a.merchant_id and d.livemode = a.livemode
            and d.payment_id = a.payment_id and d.attempt_id = a.id and d.taken > 0)
          and (a.surplus or p.refunded + p.refund_reserved + p.disputed < p.captured)
        limit $1";
    "surplus_within_attempt" SURPLUS_WITHIN = "
        select a.id || ' took ' || a.captured || ' too much, given back or on its way ' || sum(r.amount)
        from attempts a
        join refunds r on r.merchant_id = a.merchant_id and r.livemode = a.livemode and r.attempt_id = a.id
          and r.status <> 'failed' and r.origin <> 'repeated'
        where a.surplus
        group by a.merchant_id, a.livemode, a.id, a.captured having sum(r.amount) > a.captured limit $1";
    "review_is_unknown" REVIEW_UNKNOWN = "
        select o.id || ' is ' || o.status || case when o.review_at is null then ' and never comes before a person'
          else ' and waits for a person' end
        from operations o where (o.status = 'unknown' and o.review_at is null) or (o.status <> 'unknown' and o.review_at is not null)
        limit $1";
    "decision_is_signed" DECISION_SIGNED = "
        select o.id || ' was decided ' || coalesce(o.decision, 'not') || ' by ' || coalesce(o.decided_by, 'nobody')
        from operations o
        where (o.decision is null and (o.decided_by is not null or o.decided_at is not null or o.contradicted_at is not null))
           or (o.decision is not null and (o.decided_by is null or o.decided_at is null
               or o.status not in ('succeeded', 'failed')))
           or (o.decision = 'happened' and o.status <> 'succeeded' and o.contradicted_at is null)
           or (o.decision = 'not_happened' and o.status <> 'failed' and o.contradicted_at is null)
        limit $1";
    "statistics_are_payments" STATISTICS = "
        select t.merchant_id || ' ' || t.currency || ' is off by ' || sum(t.succeeded) || ' payments of ' || sum(t.volume)
          || ', ' || sum(t.failed) || ' declines, ' || sum(t.refunds) || ' refunds of ' || sum(t.refund_volume) || ', fees of '
          || sum(t.fees)
        from (
          select merchant_id, livemode, currency, succeeded, failed, volume, refunds, refund_volume, fees from stat_hours
          union all
          select merchant_id, livemode, currency, succeeded, failed, volume, refunds, refund_volume, fees from stat_deltas
          union all
          select merchant_id, livemode, currency, -(case when status = 'succeeded' then 1 else 0 end), 0, -captured, 0,
                 -refunded, -fee
          from payments
          union all
          select merchant_id, livemode, currency, 0, -1, 0, 0, 0, 0 from attempts
          where status in ('failed', 'canceled') and authorized_at is null
          union all
          select merchant_id, livemode, currency, 0, 0, 0, -1, 0, 0 from refunds where status = 'succeeded' and counts) t
        group by t.merchant_id, t.livemode, t.currency
        having sum(t.succeeded) <> 0 or sum(t.failed) <> 0 or sum(t.volume) <> 0 or sum(t.refunds) <> 0
            or sum(t.refund_volume) <> 0 or sum(t.fees) <> 0
        limit $1";
    "sandbox_charge_is_ours" SANDBOX_UNKNOWN = "
        select c.id || ' under ' || c.idempotency_key || ' was never asked for'
        from sandbox_charges c
        where not exists (select 1 from operations o where o.idempotency_key = c.idempotency_key) limit $1";
    "sandbox_charge_is_booked" SANDBOX_CHARGES = "
        select a.id || ' is ' || a.status || ' of ' || a.captured || ' ' || a.currency || ' less ' || a.fee || ', the sandbox has '
          || coalesce(c.status, 'nothing') || ' of ' || coalesce(c.captured, 0) || ' ' || coalesce(c.currency, '') || ' less '
          || coalesce(c.fee, 0)
        from attempts a
        join operations o on o.merchant_id = a.merchant_id and o.livemode = a.livemode and o.attempt_id = a.id
          and o.kind in ('sale', 'authorize')
        left join sandbox_charges c on c.idempotency_key = o.idempotency_key
        where a.provider = 'sandbox'
          and ((a.status = 'succeeded'
                and (c.id is null or c.captured <> a.captured or c.currency <> a.currency
                  -- What a person decided was booked without a fee, for nobody knew it.
                  or (c.fee <> a.fee and not exists (select 1 from operations d where d.merchant_id = a.merchant_id
                    and d.livemode = a.livemode and d.attempt_id = a.id and d.decision is not null)))
                and not exists (select 1 from refunds r where r.merchant_id = a.merchant_id and r.livemode = a.livemode
                  and r.attempt_id = a.id and r.origin = 'late_failure'))
            or (a.status in ('failed', 'canceled') and coalesce(c.captured, 0) <> 0)
            or (a.status = 'canceled' and a.authorized_at is not null and c.status = 'authorized'
                and not exists (select 1 from operations d where d.merchant_id = a.merchant_id and d.livemode = a.livemode
                  and d.attempt_id = a.id and d.contradicted_at is not null))
            or (a.status = 'authorized' and coalesce(c.status, '') not in ('authorized', 'voided') and not exists (
                  select 1 from operations r where r.merchant_id = a.merchant_id and r.livemode = a.livemode
                    and r.attempt_id = a.id and r.kind in ('capture', 'void') and r.status not in ('succeeded', 'failed')))
            or (c.id is not null and (c.amount <> o.amount or c.currency <> o.currency or c.account <> a.connection_id)))
        limit $1";
    "sandbox_refund_is_ours" SANDBOX_UNKNOWN_REFUND = "
        select b.id || ' under ' || b.idempotency_key || ' was never asked for'
        from sandbox_refunds b
        where not exists (select 1 from operations o where o.idempotency_key = b.idempotency_key) limit $1";
    "sandbox_refund_is_booked" SANDBOX_REFUNDS = "
        select r.id || ' is ' || r.status || ' of ' || r.amount || ', the sandbox has ' || coalesce(b.status, 'nothing') || ' of '
          || coalesce(b.amount, 0)
        from refunds r
        join attempts a on a.merchant_id = r.merchant_id and a.livemode = r.livemode and a.id = r.attempt_id
        join operations o on o.merchant_id = r.merchant_id and o.livemode = r.livemode and o.refund_id = r.id
        left join sandbox_refunds b on b.idempotency_key = o.idempotency_key
        where a.provider = 'sandbox'
          and ((r.status = 'succeeded'
                and (b.id is null or b.status = 'pending' or (b.status = 'failed' and o.next_check_at is null)))
            or (r.status = 'failed' and b.status in ('pending', 'succeeded'))
            or (b.id is not null and b.amount <> r.amount))
        limit $1";
    "sandbox_refunded_adds_up" SANDBOX_SUMS = "
        select c.id || ' has refunded ' || c.refunded || ', its refunds ' || coalesce(sum(b.amount), 0)
        from sandbox_charges c
        left join sandbox_refunds b on b.charge_id = c.id and b.status in ('pending', 'succeeded')
        group by c.id, c.refunded having c.refunded <> coalesce(sum(b.amount), 0) limit $1";
    "no_crossing" CROSSING = "
        select a.id || ' belongs to ' || p.id || ' of another merchant or mode'
        from attempts a join payments p on p.id = a.payment_id
        where p.merchant_id <> a.merchant_id or p.livemode <> a.livemode
        union all
        select a.id || ' went through ' || c.id || ' of another merchant or mode'
        from attempts a join connections c on c.id = a.connection_id
        where c.merchant_id <> a.merchant_id or c.livemode <> a.livemode
        union all
        select p.id || ' belongs to ' || s.id || ' of another merchant or mode'
        from payments p join checkout_sessions s on s.id = p.session_id
        where s.merchant_id <> p.merchant_id or s.livemode <> p.livemode
        union all
        select s.id || ' names ' || p.id || ' of another merchant or mode'
        from checkout_sessions s join payments p on p.id = s.payment_id
        where s.merchant_id <> p.merchant_id or s.livemode <> p.livemode
        union all
        select r.id || ' belongs to ' || p.id || ' of another merchant or mode'
        from refunds r join payments p on p.id = r.payment_id
        where p.merchant_id <> r.merchant_id or p.livemode <> r.livemode
        union all
        select d.id || ' is about ' || p.id || ' of another merchant or mode'
        from disputes d join payments p on p.id = d.payment_id
        where p.merchant_id <> d.merchant_id or p.livemode <> d.livemode
        union all
        select j.id || ' belongs to ' || p.id || ' of another merchant or mode'
        from journals j join payments p on p.id = j.payment_id
        where p.merchant_id <> j.merchant_id or p.livemode <> j.livemode
        union all
        select e.id || ' tells of ' || p.id || ' of another merchant or mode'
        from events e join payments p on p.id = e.object_id
        where p.merchant_id <> e.merchant_id or p.livemode <> e.livemode
        limit $1";
    "no_orphan" ORPHAN = "
        select a.id || ' has no payment' from attempts a where not exists (
          select 1 from payments p where p.id = a.payment_id)
        union all
        select a.id || ' has no operation' from attempts a where not exists (
          select 1 from operations o where o.merchant_id = a.merchant_id and o.livemode = a.livemode and o.attempt_id = a.id
            and o.kind in ('sale', 'authorize'))
        union all
        select o.id || ' has no attempt' from operations o where not exists (
          select 1 from attempts a where a.merchant_id = o.merchant_id and a.livemode = o.livemode and a.id = o.attempt_id)
        union all
        select r.id || ' has no attempt' from refunds r where not exists (
          select 1 from attempts a where a.merchant_id = r.merchant_id and a.livemode = r.livemode and a.id = r.attempt_id)
        union all
        select r.id || ' has no operation' from refunds r where r.origin <> 'late_failure' and not exists (
          select 1 from operations o where o.merchant_id = r.merchant_id and o.livemode = r.livemode and o.refund_id = r.id)
        union all
        select e.journal_id || ' has entries and no journal' from entries e where not exists (
          select 1 from journals j where j.merchant_id = e.merchant_id and j.livemode = e.livemode and j.id = e.journal_id)
        union all
        select j.id || ' books nothing' from journals j where j.refund_id is null and not exists (
          select 1 from attempts a where a.merchant_id = j.merchant_id and a.livemode = j.livemode and a.id = j.source_id)
          and not exists (
          select 1 from disputes d where d.merchant_id = j.merchant_id and d.livemode = j.livemode
            and d.payment_id = j.payment_id and j.source_id like d.id || '/%')
          and not exists (
          select 1 from bank_transfers t where t.merchant_id = j.merchant_id and t.livemode = j.livemode and t.id = j.source_id)
        union all
        select j.id || ' books no refund' from journals j where j.refund_id is not null and not exists (
          select 1 from refunds r where r.merchant_id = j.merchant_id and r.livemode = j.livemode and r.id = j.refund_id
            and (j.source_id = r.id or j.source_id like r.id || '/%'))
        union all
        select j.id || ' has no payment' from journals j where not exists (
          select 1 from payments p where p.id = j.payment_id)
        union all
        select p.id || ' has no session' from payments p where p.session_id is not null and not exists (
          select 1 from checkout_sessions s where s.id = p.session_id)
        union all
        select s.id || ' names no payment' from checkout_sessions s where s.payment_id is not null and not exists (
          select 1 from payments p where p.id = s.payment_id)
        limit $1";
    "transfer_surplus_is_ledger" TRANSFER_SURPLUS = "
        select t.id || ' received ' || t.received || ' of ' || t.amount
          || case when t.returned_at is null then '' else ' and gave back what was too much' end || ', booked '
          || coalesce(b.taken, 0) || ' and gave back ' || coalesce(b.returned, 0)
        from bank_transfers t
        left join (
          select j.merchant_id, j.livemode, j.source_id,
                 sum(case when j.kind = 'transfer_surplus' then -e.amount else 0 end) as taken,
                 sum(case when j.kind = 'transfer_surplus_return' then e.amount else 0 end) as returned
          from journals j
          join entries e on e.merchant_id = j.merchant_id and e.livemode = j.livemode and e.journal_id = j.id
            and e.account = 'customer_credit'
          where j.kind in ('transfer_surplus', 'transfer_surplus_return')
          group by j.merchant_id, j.livemode, j.source_id) b
          on b.merchant_id = t.merchant_id and b.livemode = t.livemode and b.source_id = t.id
        where coalesce(b.taken, 0) <> case when t.status = 'paid' then t.received - t.amount else 0 end
           or coalesce(b.returned, 0) <> case when t.returned_at is null then 0 else t.received - t.amount end
        limit $1";
    "entry_has_words" ENTRY_WORDS = "
        select e.id || ' is ' || e.status || ' and nobody knows what it says'
        from bank_entries e
        where e.sealed is null and e.entry = '' and (e.status <> 'ignored' or e.decided_by is not null)
        union all
        select e.id || ' lies sealed and in clear' from bank_entries e where e.sealed is not null and e.entry <> ''
        limit $1";
    "link_stock" LINK_STOCK = "
        select l.id || ' sold ' || l.sold || ', sessions hold ' || coalesce(sum(s.quantity), 0)
        from payment_links l
        left join checkout_sessions s on s.merchant_id = l.merchant_id and s.livemode = l.livemode and s.link_id = l.id
          and s.status in ('open', 'complete')
        group by l.merchant_id, l.livemode, l.id, l.sold
        having l.sold <> coalesce(sum(s.quantity), 0) limit $1";
}

/// A broken row, or a chain of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which invariant.
    pub invariant: &'static str,
    /// What is wrong with which row.
    pub detail: String,
}

/// The names of all invariants.
pub fn names() -> impl Iterator<Item = &'static str> {
    INVARIANTS.iter().map(|(name, _)| *name)
}

/// Asks for every invariant; an empty answer is a sound database.
///
/// # Errors
/// The database's.
pub async fn run(tx: &mut Tx) -> Result<Vec<Broken>, StoreError> {
    let mut broken = Vec::new();
    for (invariant, sql) in INVARIANTS {
        let rows: Vec<String> = on!(tx, |c| sqlx::query_scalar(*sql).bind(LIMIT).fetch_all(c).await)?;
        broken.extend(rows.into_iter().map(|detail| Broken { invariant, detail }));
    }
    Ok(broken)
}
