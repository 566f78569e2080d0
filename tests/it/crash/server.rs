//! The binary under test.

use super::PATIENCE;
use gateways::scripted::{self, wire};
use std::process::Stdio;
use std::time::Duration;
use test_support::services::MASTER_KEY;
use tokio::process::{Child, Command};

/// How to start the binary.
pub(crate) struct Binary {
    database: String,
    gateway: String,
    /// Where it listens.
    pub(crate) address: String,
    log: tempfile::NamedTempFile,
    more: Vec<(String, String)>,
}

/// A server that runs; it dies with this value at the latest.
pub(crate) struct Server(Child);

/// A port that nobody listens at.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Binary {
    pub(crate) fn new(database: &str, port: u16, gateway: &str) -> Self {
        let log = tempfile::Builder::new().prefix("paydeck-crash-").suffix(".log").tempfile().unwrap();
        let address = format!("127.0.0.1:{port}");
        Self { database: database.to_owned(), gateway: gateway.to_owned(), address, log, more: Vec::new() }
    }

    /// With one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.more.push((name.to_owned(), value.to_owned()));
        self
    }

    fn command(&self, name: &str, ahead: i64) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paydeck"));
        command
            .arg(name)
            .env("PAYDECK_DATABASE_URL", &self.database)
            .env("PAYDECK_LISTEN", &self.address)
            .env("PAYDECK_PUBLIC_URL", format!("http://{}", self.address))
            .env("PAYDECK_MASTER_KEY", MASTER_KEY.map(|byte| format!("{byte:02x}")).concat())
            .env("PAYDECK_SITE_DIR", "/nonexistent")
            .env(scripted::ADDRESS, &self.gateway)
            .env("PAYDECK_TEST_CLOCK_AHEAD", ahead.to_string())
            .env("RUST_LOG", "error")
            .envs(self.more.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Starts the server, its clock so many milliseconds ahead, and waits until it is ready.
    pub(crate) async fn start(&self, ahead: i64) -> Server {
        let log = self.log.reopen().unwrap();
        let mut command = self.command("serve", ahead);
        let mut child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let ready = async {
            let mut tick = tokio::time::interval(Duration::from_millis(10));
            loop {
                tick.tick().await;
                match wire::send(&self.address, "GET /readyz", &[], b"").await {
                    Ok(answer) if answer.status() == 200 => return,
                    _ => {}
                }
                if let Some(status) = child.try_wait().unwrap() {
                    panic!("the server ended by itself: {status}: {}", self.said());
                }
            }
        };
        tokio::time::timeout(PATIENCE, ready).await.unwrap_or_else(|_| panic!("never ready: {}", self.said()));
        Server(child)
    }

    /// Runs `paydeck check`: whether it finds nothing, and what it says.
    pub(crate) async fn check(&self) -> (bool, String) {
        let done = tokio::time::timeout(PATIENCE, self.command("check", 0).output()).await.unwrap().unwrap();
        let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        (done.status.success(), said)
    }

    /// Waits until it takes no connections any more.
    pub(crate) async fn refuses(&self) {
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let refused = async {
            while tokio::net::TcpStream::connect(&self.address).await.is_ok() {
                tick.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, refused).await.expect("it no longer listens");
    }

    /// What it has logged.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap_or_default()
    }
}

impl Server {
    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.0.id().expect("it runs")
    }

    /// SIGTERM: it finishes what is under way.
    pub(crate) async fn tell_to_stop(&self) {
        let id = self.0.id().expect("it runs").to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().await.unwrap().success());
    }

    /// Waits until the process has ended by itself.
    pub(crate) async fn ended(&mut self) -> std::process::ExitStatus {
        self.0.wait().await.unwrap()
    }

    /// SIGKILL: no handler runs, nothing is flushed.
    pub(crate) async fn kill(&mut self) {
        // Sends SIGKILL and waits until the process is gone.
        self.0.kill().await.unwrap();
    }
}
