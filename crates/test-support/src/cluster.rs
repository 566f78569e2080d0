//! A PostgreSQL server of one test's own, which it may stop and start again.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/with-postgres.sh");

/// Runs inside the script, beside the server: tells the address, and does what it reads until there is nothing more to read.
const OBEY: &str = r#"
home=${PAYDECK_TEST_POSTGRES_URL#*host=}
ctl() {
    if [ "$(id -u)" = 0 ]; then
        (cd "$home" && runuser -u postgres -- pg_ctl --pgdata="$home/data" --log="$home/data/server.log" --silent --wait "$@")
    else
        pg_ctl --pgdata="$home/data" --log="$home/data/server.log" --silent --wait "$@"
    fi
}
printf '%s\n' "$PAYDECK_TEST_POSTGRES_URL"
while read -r what; do
    case "$what" in
        stop) ctl --mode=immediate stop ;;
        start) ctl start ;;
    esac >/dev/null 2>&1
    printf '%s\n' "$what"
done
"#;

/// The server; it goes away with this value.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    script: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Cluster {
    /// Starts one.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let mut script = Command::new(SCRIPT)
            .args(["sh", "-c", OBEY])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{SCRIPT} can't be run: {error}"));
        let orders = script.stdin.take();
        let mut answers = BufReader::new(script.stdout.take().expect("the script tells"));
        let mut url = String::new();
        answers.read_line(&mut url).expect("the script tells the address");
        assert!(!url.trim().is_empty(), "no PostgreSQL for this test");
        Self { url: url.trim().to_owned(), script, orders, answers }
    }

    /// The address of its own database, empty at first.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it at once, as if the machine had lost power.
    ///
    /// # Panics
    /// When it can't be reached.
    pub fn stop(&mut self) {
        self.order("stop");
    }

    /// Starts it again and waits until it answers.
    ///
    /// # Panics
    /// When it can't be reached.
    pub fn start_again(&mut self) {
        self.order("start");
    }

    fn order(&mut self, what: &str) {
        let orders = self.orders.as_mut().expect("it listens");
        writeln!(orders, "{what}").expect("it listens");
        orders.flush().expect("it listens");
        let mut done = String::new();
        self.answers.read_line(&mut done).expect("it answers");
        assert_eq!(done.trim(), what);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Nothing more to read: the script stops the server and removes its folder.
        drop(self.orders.take());
        let _ = self.script.wait();
    }
}
