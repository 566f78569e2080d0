//! A new database on each engine, whose commits wait for the disk.

use store::raw;

/// Runs a benchmark with each engine's name and the address of an empty database of it.
pub fn each(run: impl AsyncFn(&str, &str)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bench.db");
        run("SQLite", &format!("sqlite://{}", file.display())).await;
        match std::env::var("PAYDECK_TEST_POSTGRES_URL") {
            Ok(server) => run("PostgreSQL", &fresh_database(&server).await).await,
            Err(_) => println!("\nPostgreSQL: not measured, PAYDECK_TEST_POSTGRES_URL is not set"),
        }
    });
}

/// Makes an empty database on a server of the tests.
async fn fresh_database(server: &str) -> String {
    let name = "paydeck_bench";
    raw::execute(server, &format!("drop database if exists {name}")).await.unwrap();
    raw::execute(server, &format!("create database {name}")).await.unwrap();
    // The socket's folder may stand behind the name: `postgres://user@localhost/postgres?host=/tmp/…`.
    let (path, query) =
        server.split_once('?').map_or((server, String::new()), |(path, query)| (path, format!("?{query}")));
    let (head, _) = path.rsplit_once('/').unwrap();
    format!("{head}/{name}{query}")
}
