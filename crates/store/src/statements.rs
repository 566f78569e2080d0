//! How a module declares its SQL, and small helpers for what comes back.

/// Declares a module's SQL once for both engines.
///
/// ```ignore
/// statements! {
///     GET = "select id, name from customers where merchant_id = $1 and id = $2";
///     RENAME = "update customers set name = $3 where merchant_id = $1 and id = $2";
/// }
/// ```
///
/// makes a `pub(crate) const GET: &str` of each, and `ALL`, which `crate::all_statements` lists. Write `$1`
/// placeholders; `cast($1 as bigint)` where PostgreSQL can't tell a placeholder's type from its surroundings.
#[allow(unused_macros, reason = "the noun modules use it")]
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$meta])* pub(crate) const $name: &str = $sql;)*

        /// Name and text of every statement of this module.
        pub const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// Whether a compare-and-set took place: one row for yes, none for no.
///
/// # Errors
/// [`StoreError::Corrupt`](crate::StoreError::Corrupt) when it changed more rows than one; the key was none.
pub fn changed_one(rows_affected: u64) -> Result<bool, crate::StoreError> {
    match rows_affected {
        0 => Ok(false),
        1 => Ok(true),
        many => Err(crate::StoreError::Corrupt(format!("a statement meant for one row changed {many}"))),
    }
}
