//! Every statement is prepared against both migrated schemas: a column that one of them lacks, or a placeholder
//! whose type PostgreSQL can't tell, shows here and not in front of a customer.

use sqlx::{Executor, SqlSafeStr, Statement};
use store::{Db, StoreError, dialect, on};
use test_support::for_each_engine;

async fn prepare(db: &Db, sql: &'static str) -> Result<usize, StoreError> {
    let mut tx = db.read().await?;
    // On PostgreSQL a statement's columns are described with it; on SQLite preparing resolves every name.
    let columns = on!(&mut tx, |c| {
        let sql = sql.into_sql_str();
        c.prepare(sql).await.map(|statement| statement.columns().len())
    })?;
    Ok(columns)
}

for_each_engine!(every_statement_is_prepared, |db| async {
    let common = store::all_statements().map(|(module, name, sql)| (format!("{module}::{name}"), sql));
    let engine = db.engine();
    let special = dialect::ALL.iter().map(|(name, text)| (format!("dialect::{name}"), text.of(engine)));
    let mut faults = Vec::new();
    for (name, sql) in common.chain(special) {
        if let Err(error) = prepare(&db, sql).await {
            faults.push(format!("{name}: {error}"));
        }
    }
    assert!(faults.is_empty(), "{} statements fail:\n{}", faults.len(), faults.join("\n"));
});

for_each_engine!(a_wrong_statement_is_noticed, |db| async {
    assert!(prepare(&db, "select no_such_column from users where id = $1").await.is_err());
});
