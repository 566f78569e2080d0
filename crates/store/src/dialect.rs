//! The only place for what truly differs between SQLite and PostgreSQL.

use sqlx::error::DatabaseError;

use crate::{Engine, Tx};

/// A statement whose text differs by engine. Declare with `per_engine!` below, in this file only.
#[derive(Debug, Clone, Copy)]
pub struct PerEngine {
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

impl PerEngine {
    /// The text for the engine of `tx`.
    #[must_use]
    pub fn text(&self, tx: &Tx) -> &'static str {
        self.of(tx.engine())
    }

    /// The text for `engine`.
    #[must_use]
    pub fn of(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

macro_rules! per_engine {
    ($($(#[$meta:meta])* $name:ident { sqlite: $sqlite:expr, postgres: $postgres:expr $(,)? })*) => {
        $($(#[$meta])* pub(crate) const $name: PerEngine = PerEngine { sqlite: $sqlite, postgres: $postgres };)*

        /// Every statement that differs, with its name.
        pub const ALL: &[(&str, PerEngine)] = &[$((stringify!($name), $name)),*];
    };
}

per_engine! {
    /// Takes operations that are due: of several workers each gets others.
    CLAIM_OPERATIONS {
        sqlite: "
            update operations set next_check_at = $2, checks = checks + 1, version = version + 1
            where (merchant_id, livemode, id) in (
              select merchant_id, livemode, id from operations where next_check_at <= $1 order by next_check_at limit $3)
            returning merchant_id, livemode, id",
        postgres: "
            update operations set next_check_at = $2, checks = checks + 1, version = version + 1
            where (merchant_id, livemode, id) in (
              select merchant_id, livemode, id from operations where next_check_at <= $1 order by next_check_at limit $3
              for update skip locked)
            returning merchant_id, livemode, id",
    }
    /// Takes authorisations that are due to be warned of or ended: of several workers each gets others.
    CLAIM_AUTHORIZATIONS {
        sqlite: "
            update payments set capture_check_at = $2
            where (merchant_id, livemode, id) in (
              select merchant_id, livemode, id from payments
              where status = 'requires_capture' and capture_check_at <= $1 order by capture_check_at limit $3)
            returning merchant_id, livemode, id, authorized, currency, description, customer_email, capture_before,
                      capture_warned_at",
        postgres: "
            update payments set capture_check_at = $2
            where (merchant_id, livemode, id) in (
              select merchant_id, livemode, id from payments
              where status = 'requires_capture' and capture_check_at <= $1 order by capture_check_at limit $3
              for update skip locked)
            returning merchant_id, livemode, id, authorized, currency, description, customer_email, capture_before,
                      capture_warned_at",
    }
    /// Takes disputes that are due to be asked about: of several workers each gets others.
    CLAIM_DISPUTES {
        sqlite: "
            update disputes set next_check_at = $2
            where (merchant_id, livemode, id) in (
              select merchant_id, livemode, id from disputes where next_check_at <= $1 order by next_check_at limit $3)
            returning merchant_id, livemode, connection_id, gateway_ref",
        postgres: "
            update disputes set next_check_at = $2
            where (merchant_id, livemode, id) in (
              select merchant_id, livemode, id from disputes where next_check_at <= $1 order by next_check_at limit $3
              for update skip locked)
            returning merchant_id, livemode, connection_id, gateway_ref",
    }
    /// Takes gateways' events that are due: of several workers each gets others.
    CLAIM_GATEWAY_EVENTS {
        sqlite: "
            update gateway_events set next_try_at = $2, tries = tries + 1
            where (merchant_id, livemode, connection_id, event_id) in (
              select merchant_id, livemode, connection_id, event_id from gateway_events
              where next_try_at <= $1 order by next_try_at limit $3)
            returning merchant_id, livemode, connection_id, event_id, about, our_key, gateway_ref, charge_ref, tries, replays",
        postgres: "
            update gateway_events set next_try_at = $2, tries = tries + 1
            where (merchant_id, livemode, connection_id, event_id) in (
              select merchant_id, livemode, connection_id, event_id from gateway_events
              where next_try_at <= $1 order by next_try_at limit $3
              for update skip locked)
            returning merchant_id, livemode, connection_id, event_id, about, our_key, gateway_ref, charge_ref, tries, replays",
    }
    /// Leases jobs that are due or whose lease has run out.
    LEASE_JOBS {
        sqlite: "
            update jobs set lease_owner = $4, lease_until = $2, attempts = attempts + 1, lease_number = lease_number + 1
            where id in (
              select id from jobs
              where status = 'ready' and run_at <= $1 and (lease_until is null or lease_until <= $1)
              order by run_at, id limit $3)
            returning id, kind, payload, payload_version, attempts, lease_number",
        postgres: "
            update jobs set lease_owner = $4, lease_until = $2, attempts = attempts + 1, lease_number = lease_number + 1
            where id in (
              select id from jobs
              where status = 'ready' and run_at <= $1 and (lease_until is null or lease_until <= $1)
              order by run_at, id limit $3
              for update skip locked)
            returning id, kind, payload, payload_version, attempts, lease_number",
    }
    /// Takes statistics' deltas out, so that each is folded once.
    TAKE_STAT_DELTAS {
        sqlite: "
            delete from stat_deltas where id in (select id from stat_deltas order by id limit $1)
            returning merchant_id, livemode, hour, currency, succeeded, failed, volume, refunds, refund_volume, fees",
        postgres: "
            delete from stat_deltas where id in (select id from stat_deltas order by id limit $1 for update skip locked)
            returning merchant_id, livemode, hour, currency, succeeded, failed, volume, refunds, refund_volume, fees",
    }
    /// Ends sessions whose time is over and on which nothing is under way.
    EXPIRE_SESSIONS {
        sqlite: "
            update checkout_sessions set status = 'expired', version = version + 1
            where (merchant_id, livemode, id) in (
              select s.merchant_id, s.livemode, s.id from checkout_sessions s
              where s.status = 'open' and s.completed_at is null and s.expires_at <= $1
                and not exists (
                  select 1 from payments p
                  join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
                  where p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id
                    and a.status in ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded'))
              order by s.expires_at limit $2)
            returning merchant_id, livemode, id, link_id, quantity",
        postgres: "
            update checkout_sessions set status = 'expired', version = version + 1
            where (merchant_id, livemode, id) in (
              select s.merchant_id, s.livemode, s.id from checkout_sessions s
              where s.status = 'open' and s.completed_at is null and s.expires_at <= $1
                and not exists (
                  select 1 from payments p
                  join attempts a on a.merchant_id = p.merchant_id and a.livemode = p.livemode and a.payment_id = p.id
                  where p.merchant_id = s.merchant_id and p.livemode = s.livemode and p.session_id = s.id
                    and a.status in ('created', 'processing', 'requires_action', 'unknown', 'authorized', 'succeeded'))
              order by s.expires_at limit $2
              for update skip locked)
            returning merchant_id, livemode, id, link_id, quantity",
    }
}

/// Keeps an audit chain for one unit until that ends. PostgreSQL alone: its advisory locks go by numbers, so the chain's name
/// is hashed; chains that share a number wait for each other, no more.
pub(crate) const LOCK_CHAIN: &str = "select 1 from (select pg_advisory_xact_lock(hashtextextended($1, 0))) as held";

/// Opens a transaction that only reads and sees one state of the database throughout.
pub(crate) const BEGIN_SNAPSHOT: PerEngine =
    PerEngine { sqlite: "begin deferred", postgres: "begin isolation level repeatable read read only" };

/// Whether the engine rolled a unit back and asks for it to be run again: PostgreSQL's serialisation failure and
/// deadlock. SQLite has one writer and never does.
pub(crate) fn demands_rerun(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| is_postgres(error) && matches!(error.code().as_deref(), Some("40001" | "40P01")))
}

/// Whether another process holds SQLite's write lock (SQLITE_BUSY, 5, in the low byte of the extended code).
pub(crate) fn is_busy(error: &dyn DatabaseError) -> bool {
    is_sqlite(error) && error.code().and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| code & 0xff == 5)
}

/// Whether PostgreSQL is starting, stopping or full of connections (57P01 to 57P03, 53300).
pub(crate) fn is_starting(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        is_postgres(error) && matches!(error.code().as_deref(), Some("57P01" | "57P02" | "57P03" | "53300"))
    })
}

/// Whether SQLite says that a savepoint does not exist.
pub(crate) fn is_missing_savepoint(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message().starts_with("no such savepoint"))
}

/// Whether PostgreSQL refuses a statement because an earlier one failed in the same transaction.
pub(crate) fn is_failed_transaction(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| is_postgres(error) && error.code().as_deref() == Some("25P02"))
}

/// Whether a statement failed because its table does not exist (yet).
pub(crate) fn is_missing_table(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| {
        if is_postgres(error) {
            error.code().as_deref() == Some("42P01")
        } else {
            error.message().starts_with("no such table")
        }
    })
}

/// The engine's word for the unique key that was hit.
pub(crate) fn constraint(error: &dyn DatabaseError) -> String {
    if let Some(name) = error.constraint() {
        return name.to_owned();
    }
    // SQLite says "UNIQUE constraint failed: table.column, table.column".
    let message = error.message();
    let key = message.split_once("failed: ").map_or(message, |(_, key)| key);
    key.to_owned()
}

fn is_postgres(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some()
}

fn is_sqlite(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
}
