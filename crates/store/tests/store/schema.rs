//! Both schemas say the same: tables, columns, kinds, nullability, unique keys, foreign keys, indexes
//! and triggers.

use std::collections::BTreeSet;

use store::{Db, on};
use test_support::{TestDb, for_each_engine};

/// One fact of a schema in words, so that a difference reads as a sentence.
type Facts = BTreeSet<String>;

const SQLITE_COLUMNS: &str = "
    select 'column ' || t.name || '.' || c.name || ' '
        || case c.type when 'INTEGER' then 'number' when 'TEXT' then 'text' when 'BLOB' then 'bytes' else c.type end
        || case when c.\"notnull\" then ' not null' else ' null' end
    from pragma_table_list t join pragma_table_xinfo(t.name) c
    where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite%' and t.name not like '\\_sqlx%' escape '\\'";

const POSTGRES_COLUMNS: &str = "
    select 'column ' || table_name || '.' || column_name || ' '
        || case when data_type in ('bigint', 'boolean') then 'number' when data_type = 'text' then 'text'
           when data_type = 'bytea' then 'bytes' else data_type end
        || case is_nullable when 'NO' then ' not null' else ' null' end
    from information_schema.columns where table_schema = 'public' and table_name not like '\\_sqlx%'";

// An INTEGER PRIMARY KEY is the rowid and has no index of its own.
const SQLITE_UNIQUE: &str = "
    select distinct 'unique ' || t.name || ' (' || (
        select group_concat(coalesce(name, '(expression)'), ', ')
        from (select name from pragma_index_info(i.name) order by coalesce(name, '(expression)')))
        || ')' || case when i.partial then ' partial' else '' end
    from pragma_table_list t join pragma_index_list(t.name) i
    where t.schema = 'main' and t.type = 'table' and i.\"unique\"
        and t.name not like 'sqlite%' and t.name not like '\\_sqlx%' escape '\\'
    union
    select 'unique ' || t.name || ' (' || group_concat(c.name, ', ') || ')'
    from pragma_table_list t join pragma_table_info(t.name) c
    where t.schema = 'main' and t.type = 'table' and c.pk > 0
        and t.name not like 'sqlite%' and t.name not like '\\_sqlx%' escape '\\'
        and not exists (select 1 from pragma_index_list(t.name) i where i.origin = 'pk')
    group by t.name";

const POSTGRES_UNIQUE: &str = "
    select distinct 'unique ' || t.relname || ' (' || (
        select string_agg(coalesce(a.attname::text, '(expression)'), ', '
            order by coalesce(a.attname::text, '(expression)') collate \"C\")
        from unnest(i.indkey) k left join pg_attribute a on a.attrelid = t.oid and a.attnum = k and k <> 0)
        || ')' || case when i.indpred is not null then ' partial' else '' end
    from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = 'public' and i.indisunique and t.relname not like '\\_sqlx%'";

const SQLITE_FOREIGN: &str = "
    select 'foreign key ' || \"from_table\" || ' (' || group_concat(\"from\" || ' -> ' || coalesce(\"to\", 'id'), ', ')
        || ') of ' || \"table\" || ' on delete ' || lower(on_delete)
    from (select t.name as from_table, f.* from pragma_table_list t join pragma_foreign_key_list(t.name) f
          where t.schema = 'main' and t.type = 'table' order by f.\"from\")
    group by from_table, id";

const POSTGRES_FOREIGN: &str = "
    select 'foreign key ' || t.relname || ' (' || (
        select string_agg(a.attname || ' -> ' || b.attname, ', ' order by a.attname collate \"C\")
        from unnest(c.conkey, c.confkey) as k (mine, theirs)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.mine
        join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.theirs)
        || ') of ' || r.relname || ' on delete ' || case c.confdeltype when 'a' then 'no action'
            when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null' else 'set default' end
    from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class r on r.oid = c.confrelid
    where c.contype = 'f'";

const SQLITE_INDEXES: &str = "
    select 'index ' || name || ' on ' || tbl_name from sqlite_master
    where type = 'index' and sql is not null";

// Indexes that belong to a constraint are named by each engine in its own way.
const POSTGRES_INDEXES: &str = "
    select 'index ' || i.relname || ' on ' || t.relname
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
        join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = 'public' and not exists (select 1 from pg_constraint c where c.conindid = i.oid)";

const SQLITE_TRIGGERS: &str = "
    select 'trigger on ' || tbl_name || ' before ' || event from sqlite_master
    join (select 'update' as event union select 'delete' union select 'insert')
        on lower(sql) like '%before ' || event || ' on %'
    where type = 'trigger'";

// tgtype has a bit for each of before (2), insert (4), delete (8) and update (16).
const POSTGRES_TRIGGERS: &str = "
    select 'trigger on ' || t.relname || ' before ' || e.event
    from pg_trigger g join pg_class t on t.oid = g.tgrelid
        join (values (4, 'insert'), (8, 'delete'), (16, 'update')) e (bit, event) on g.tgtype & e.bit <> 0
    where not g.tgisinternal and g.tgtype & 2 <> 0";

const SQLITE: [&str; 5] = [SQLITE_COLUMNS, SQLITE_UNIQUE, SQLITE_FOREIGN, SQLITE_INDEXES, SQLITE_TRIGGERS];
const POSTGRES: [&str; 5] = [POSTGRES_COLUMNS, POSTGRES_UNIQUE, POSTGRES_FOREIGN, POSTGRES_INDEXES, POSTGRES_TRIGGERS];

async fn facts(db: &Db, queries: &[&'static str]) -> Facts {
    let mut facts = Facts::new();
    let mut tx = db.read().await.unwrap();
    for query in queries {
        let rows: Vec<String> = on!(&mut tx, |c| sqlx::query_scalar(*query).fetch_all(c).await).unwrap();
        facts.extend(rows);
    }
    facts
}

#[tokio::test]
async fn both_schemas_say_the_same() {
    let (sqlite, postgres) = (TestDb::sqlite().await, TestDb::postgres().await);
    let sqlite = facts(&sqlite, &SQLITE).await;
    let postgres = facts(&postgres, &POSTGRES).await;
    let only_sqlite: Vec<_> = sqlite.difference(&postgres).collect();
    let only_postgres: Vec<_> = postgres.difference(&sqlite).collect();
    assert!(
        only_sqlite.is_empty() && only_postgres.is_empty(),
        "only on SQLite: {only_sqlite:#?}\nonly on PostgreSQL: {only_postgres:#?}"
    );
    for kind in ["column ", "unique ", "foreign key ", "index ", "trigger "] {
        assert!(sqlite.iter().any(|fact| fact.starts_with(kind)), "no {kind}was found: the test is blind");
    }
}

#[test]
fn both_folders_have_the_same_files() {
    let names = |engine: &str| -> BTreeSet<_> {
        let folder = format!("{}/../../migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[tokio::test]
async fn every_sqlite_table_is_strict() {
    let db = TestDb::sqlite().await;
    let loose = facts(
        &db,
        &["select name from pragma_table_list where schema = 'main' and type = 'table' and strict = 0
            and name not like 'sqlite%' and name not like '\\_sqlx%' escape '\\'"],
    )
    .await;
    assert!(loose.is_empty(), "not STRICT: {loose:?}");
}

for_each_engine!(migrating_again_changes_nothing, |db| async {
    assert!(db.is_migrated().await.unwrap());
    db.migrate().await.unwrap();
    assert!(db.is_migrated().await.unwrap());
});

async fn two_migrate_at_once(db: TestDb) {
    assert!(!db.is_migrated().await.unwrap());
    let other = Db::connect(db.url(), store::DbOptions::default()).await.unwrap();
    let (mine, theirs) = tokio::join!(db.migrate(), other.migrate());
    mine.unwrap();
    theirs.unwrap();
    assert!(db.is_migrated().await.unwrap());
    assert!(other.is_migrated().await.unwrap());
}

#[tokio::test]
async fn servers_that_start_at_once_may_both_migrate() {
    two_migrate_at_once(TestDb::empty_postgres().await).await;
}

#[tokio::test]
async fn an_empty_file_is_migrated() {
    let db = TestDb::empty_sqlite().await;
    assert!(!db.is_migrated().await.unwrap());
    db.migrate().await.unwrap();
    assert!(db.is_migrated().await.unwrap());
}
