//! A private PostgreSQL for tests.
//!
//! Under `PAYDECK_TEST_POSTGRES_URL` (which `tests/with-postgres.sh` sets) that server is used. Otherwise the test
//! processes of this working tree share one of their own: the first one starts it, and it goes away a few seconds
//! after the last one has ended, however that ended. When PostgreSQL is not installed, tests fail and say so.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use store::{Db, DbOptions, Engine};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/with-postgres.sh");

/// Runs inside the script, beside the server: tells the address, and stays until nobody has used the server for a
/// while. It forgets the address under the lock that starters take, so that nobody is given a server that stops.
const STAY_WHILE_USED: &str = r#"
printf '%s\n' "$PAYDECK_TEST_POSTGRES_URL"
exec >/dev/null
while :; do
    flock --exclusive "$1/users.lock" true
    sleep 5
    exec 9>>"$1/start.lock"
    flock --exclusive 9
    if flock --exclusive --nonblock "$1/users.lock" rm -f "$1/url"; then exit 0; fi
    exec 9>&-
done
"#;

/// The address of the server's own database.
///
/// # Panics
/// When there is no server and none can be started.
#[must_use]
pub fn url() -> &'static str {
    static URL: OnceLock<(String, Option<File>)> = OnceLock::new();
    &URL.get_or_init(|| match std::env::var("PAYDECK_TEST_POSTGRES_URL") {
        Ok(url) if !url.is_empty() => (url, None),
        _ => {
            let (url, in_use) = shared_server(&shared_folder());
            (url, Some(in_use))
        }
    })
    .0
}

/// The address of the database `name` on the same server.
#[must_use]
pub fn url_of(name: &str) -> String {
    let url = url();
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
    format!("{server}/{name}?{query}")
}

/// Makes a database with the current schema, a copy of a migrated template, and returns its name.
///
/// # Panics
/// When it can't be made.
pub async fn create_migrated() -> String {
    let template = format!("template_{}", store::schema_fingerprint(Engine::Postgres));
    let name = random_name();
    let copy = format!("create database {name} template {template}");
    if psql(url(), &copy).is_err() {
        make_template(&template).await;
        psql(url(), &copy).expect("a database is copied from the template");
    }
    name
}

/// Makes an empty database and returns its name.
///
/// # Panics
/// When it can't be made.
#[must_use]
pub fn create_empty() -> String {
    let name = random_name();
    psql(url(), &format!("create database {name} template template0")).expect("a database is made");
    name
}

/// Dumps a database that may be in use, puts the dump into a new one, and returns the new one's name.
///
/// # Panics
/// When it can't be made.
#[must_use]
pub fn dump_and_restore(from: &str) -> String {
    let name = create_empty();
    let dump = Command::new(program("pg_dump"))
        .args(["--no-owner", "--dbname", &url_of(from)])
        .stdin(Stdio::null())
        .output()
        .expect("pg_dump runs");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let mut load = Command::new(program("psql"))
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname", &url_of(&name)])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("psql runs");
    let mut input = load.stdin.take().expect("psql reads");
    std::io::Write::write_all(&mut input, &dump.stdout).expect("psql reads the dump");
    drop(input);
    assert!(load.wait().expect("psql ends").success());
    name
}

/// Drops a database in the background, connected or not; the server's folder goes with the server anyway.
pub fn drop_later(name: &str) {
    let _ = psql_command(url(), &format!("drop database if exists {name} with (force)")).spawn();
}

/// Runs SQL by `psql` and returns what it prints, unaligned.
///
/// # Errors
/// What `psql` said.
pub fn psql(url: &str, sql: &str) -> Result<String, String> {
    let output = psql_command(url, sql).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
    let output = output.map_err(|error| format!("psql: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn psql_command(url: &str, sql: &str) -> Command {
    let mut command = Command::new(program("psql"));
    command.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]);
    command.args(["--dbname", url, "--command", sql]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// One of PostgreSQL's programs: the newest version that Debian's packages left, or whatever the PATH says.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.exists())
        .max_by_key(|path| path.iter().nth(4).and_then(|v| v.to_str()?.parse::<u32>().ok()))
        .unwrap_or_else(|| PathBuf::from(name))
}

async fn make_template(template: &str) {
    let folder = shared_folder();
    fs::create_dir_all(&folder).expect("a folder for the lock");
    let lock = open(&folder.join("template.lock"));
    lock.lock().expect("the template's lock");
    let exists = psql(url(), &format!("select 1 from pg_database where datname = '{template}'"));
    if exists.expect("PostgreSQL answers").trim() == "1" {
        return;
    }
    let name = create_empty();
    let db = Db::connect(&url_of(&name), DbOptions::default()).await.expect("the template's address");
    db.migrate().await.expect("the template migrates");
    db.close().await.expect("the template closes");
    psql(url(), &format!("alter database {name} rename to {template}")).expect("the template gets its name");
}

/// Joins the server that the test processes of this working tree share, or starts it. The file says that it is in
/// use, for as long as it is open.
fn shared_server(folder: &Path) -> (String, File) {
    fs::create_dir_all(folder).expect("a folder for the shared server");
    let start = open(&folder.join("start.lock"));
    start.lock().expect("the starters' lock");
    let users = open(&folder.join("users.lock"));
    users.lock_shared().expect("the users' lock");
    let remembered = folder.join("url");
    let running = fs::read_to_string(&remembered).ok().filter(|url| answers(url));
    let url = running.unwrap_or_else(|| {
        let url = start_server(folder);
        fs::write(&remembered, &url).expect("the address is remembered");
        url
    });
    (url, users)
}

#[expect(clippy::zombie_processes, reason = "the server outlives this process, for those that come after it")]
fn start_server(folder: &Path) -> String {
    let log = folder.join("log");
    let mut script = Command::new(SCRIPT)
        .args(["sh", "-c", STAY_WHILE_USED, "paydeck-test-postgres"])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&log).expect("a log for the shared server"))
        // An interrupt at the terminal ends the tests; the server then finds that nobody uses it.
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("{SCRIPT} can't be run: {error}"));
    let mut url = String::new();
    let told = script.stdout.take().map(|out| BufReader::new(out).read_line(&mut url));
    let url = url.trim_end();
    if url.is_empty() || !matches!(told, Some(Ok(_))) {
        let why = fs::read_to_string(&log).unwrap_or_default();
        panic!("No PostgreSQL for the tests. {why}");
    }
    url.to_owned()
}

/// Whether a server listens on the socket that `url` names.
fn answers(url: &str) -> bool {
    url.split_once("host=").is_some_and(|(_, home)| UnixStream::connect(format!("{home}/.s.PGSQL.5432")).is_ok())
}

fn shared_folder() -> PathBuf {
    // By user and working tree: lock files of one user can't be opened by another.
    let home = std::env::var("HOME").unwrap_or_default();
    let key = fixed_hash(&format!("{home}:{SCRIPT}"));
    std::env::temp_dir().join(format!("paydeck-test-{key:016x}"))
}

fn open(path: &Path) -> File {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn fixed_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn random_name() -> String {
    // The standard library's own random seed: enough for a name, and no crate.
    format!("test_{:016x}", RandomState::new().build_hasher().finish())
}
