//! Writes that go to the database together: one message instead of one for each, since the way to the database and back
//! costs more than most statements do.

use futures::StreamExt;
use sqlx::{AssertSqlSafe, Either, Executor, Row};
use std::fmt::Write;

use crate::{Engine, StoreError, Tx, changed_one};

/// A value for a placeholder.
#[derive(Debug, Clone)]
pub enum Value {
    /// Text.
    Text(Option<String>),
    /// A whole number.
    Int(Option<i64>),
    /// Yes or no.
    Bool(bool),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// A query with its values, of whichever engine it is run on.
macro_rules! bound {
    ($text:expr, $values:expr) => {{
        let mut query = sqlx::query(AssertSqlSafe($text));
        for value in $values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
                Value::Bool(flag) => query.bind(flag),
            };
        }
        query
    }};
}

/// A statement with its values.
#[derive(Debug)]
pub struct Statement {
    /// What has to change exactly one row, by the name that [`Batch::run`] answers with.
    one: Option<&'static str>,
    sql: &'static str,
    values: Vec<Value>,
}

impl Statement {
    /// The value of the next placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self
    }
}

/// Statements that write, none of which needs to see what another did, and no two of which touch the same row: SQLite runs
/// them one after the other, PostgreSQL as one statement on one state of the database. Foreign keys among them are fine.
#[derive(Debug, Default)]
pub struct Batch(Vec<Statement>);

impl Batch {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement, with `$1`, `$2` … of its own.
    pub fn add(&mut self, sql: &'static str) -> &mut Statement {
        self.push(None, sql)
    }

    /// Adds a compare-and-set: it has to change one row for the unit to stand.
    pub fn one(&mut self, what: &'static str, sql: &'static str) -> &mut Statement {
        self.push(Some(what), sql)
    }

    fn push(&mut self, one: Option<&'static str>, sql: &'static str) -> &mut Statement {
        let at = self.0.len();
        self.0.push(Statement { one, sql, values: Vec::new() });
        &mut self.0[at]
    }

    /// Runs all of them. `Some` names the first compare-and-set that changed nothing: the unit has to be given up, since the
    /// others were done.
    ///
    /// # Errors
    /// The database's; [`StoreError::Corrupt`] when a compare-and-set changed several rows.
    pub async fn run(mut self, tx: &mut Tx) -> Result<Option<&'static str>, StoreError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let text = match tx.engine() {
            Engine::Sqlite => self.in_turn(),
            Engine::Postgres => self.at_once(),
        };
        let values = self.0.iter_mut().flat_map(|statement| std::mem::take(&mut statement.values));
        let changed: Vec<u64> = match tx {
            Tx::Sqlite(unit) => {
                let mut answers = (&mut **unit).fetch_many(bound!(text, values));
                let mut changed = Vec::with_capacity(self.0.len());
                while let Some(answer) = answers.next().await {
                    if let Either::Left(done) = answer? {
                        changed.push(done.rows_affected());
                    }
                }
                changed
            }
            Tx::Postgres(unit) => {
                let row = bound!(text, values).fetch_one(&mut **unit).await?;
                (0..row.len()).map(|at| row.try_get::<i64, _>(at).map(i64::unsigned_abs)).collect::<Result<_, _>>()?
            }
        };
        if changed.len() != self.0.len() {
            return Err(StoreError::Corrupt(format!("{} statements, {} answers", self.0.len(), changed.len())));
        }
        for (statement, rows) in self.0.iter().zip(changed) {
            if let Some(what) = statement.one
                && !changed_one(rows)?
            {
                return Ok(Some(what));
            }
        }
        Ok(None)
    }

    /// The statements with semicolons between them, their placeholders numbered through.
    fn in_turn(&self) -> String {
        let mut text = String::new();
        let mut before = 0;
        for statement in &self.0 {
            renumbered(&mut text, statement.sql, before);
            text.push_str(";\n");
            before += statement.values.len();
        }
        text
    }

    /// One statement that does them all and answers how many rows each changed.
    fn at_once(&self) -> String {
        let mut text = String::from("with ");
        let mut before = 0;
        for (at, statement) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ",\n" };
            let _ = write!(text, "{comma}s{at} as (");
            renumbered(&mut text, statement.sql, before);
            text.push_str(" returning 1)");
            before += statement.values.len();
        }
        text.push_str("\nselect ");
        for at in 0..self.0.len() {
            let comma = if at == 0 { "" } else { ", " };
            let _ = write!(text, "{comma}(select count(*) from s{at})");
        }
        text
    }
}

/// Appends `sql` with `before` added to the number of each placeholder. Our statements have no other dollar signs.
fn renumbered(text: &mut String, sql: &str, before: usize) {
    let mut parts = sql.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        match number.parse::<usize>() {
            Ok(number) => {
                let _ = write!(text, "${}{rest}", number + before);
            }
            Err(_) => {
                let _ = write!(text, "${part}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_through() {
        let mut batch = Batch::new();
        batch.add("insert into a values ($1, $2, $1)").bind("x").bind(1);
        batch.one("b", "update b set c = $12 where d = $1").bind(true);
        assert_eq!(batch.in_turn(), "insert into a values ($1, $2, $1);\nupdate b set c = $14 where d = $3;\n");
        assert_eq!(
            batch.at_once(),
            "with s0 as (insert into a values ($1, $2, $1) returning 1),\n\
             s1 as (update b set c = $14 where d = $3 returning 1)\n\
             select (select count(*) from s0), (select count(*) from s1)"
        );
    }
}
