//! The real program: one process a file, start and stop, backup and restore.
#![allow(clippy::disallowed_methods, reason = "they measure how long something takes")]

use crate::support::URL;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

struct House {
    folder: tempfile::TempDir,
    address: SocketAddr,
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl House {
    fn new() -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), address }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn paydeck(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paydeck"));
        command.args(args).env_clear().current_dir(self.folder.path());
        command.env("PAYDECK_DATABASE_URL", format!("sqlite://{}", self.file("paydeck.db").display()));
        command.env("PAYDECK_LISTEN", self.address.to_string()).env("PAYDECK_MASTER_KEY", KEY);
        command.env("PAYDECK_PUBLIC_URL", URL).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.paydeck(args).output().unwrap()
    }

    fn ok(&self, args: &[&str]) -> String {
        let done = self.run(args);
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    fn refused(&self, args: &[&str]) -> String {
        let done = self.run(args);
        assert!(!done.status.success(), "{args:?} was not refused");
        String::from_utf8_lossy(&done.stderr).into_owned()
    }

    /// Starts a server and waits until it is ready; how long that took.
    fn serve(&self) -> (Server, Duration) {
        let started = Instant::now();
        let mut child = self.paydeck(&["serve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while self.get("/readyz").is_none_or(|status| status != 200) {
            assert!(started.elapsed() < Duration::from_secs(60), "never ready");
            assert!(child.try_wait().unwrap().is_none(), "it ended");
            std::thread::yield_now();
        }
        (Server(child), started.elapsed())
    }

    fn get(&self, path: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nhost: paydeck.test\r\nconnection: close\r\n\r\n").ok()?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).ok()?;
        line.split(' ').nth(1)?.parse().ok()
    }
}

fn signal(server: &Server, name: &str) {
    assert!(Command::new("kill").args([name, &server.0.id().to_string()]).status().unwrap().success());
}

fn rows(file: &Path) -> usize {
    let text = std::fs::read(file).unwrap();
    text.windows(14).filter(|bytes| bytes == b"ann@house.test").count()
}

#[test]
fn one_process_serves_a_file_and_others_work_beside_it() {
    let house = House::new();
    let (server, _) = house.serve();
    for second in ["serve", "worker"] {
        assert!(house.refused(&[second]).contains("another Paydeck process serves this SQLite file"), "{second}");
    }
    assert!(house.ok(&["check"]).contains("Every invariant holds"));
    let admin = ["admin", "create", "--email", "ann@house.test", "--name", "Ann", "--password-stdin"];
    let mut child = house.paydeck(&admin).stdin(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "plum-otter-93-quay").unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    let copy = house.file("copy.db");
    house.ok(&["backup", copy.to_str().unwrap()]);
    assert!(rows(&copy) > 0, "the copy has what was acknowledged");
    assert!(house.refused(&["backup", copy.to_str().unwrap()]).contains("exists"));
    // A file that is served is not replaced, and not without saying so.
    assert!(house.refused(&["restore", copy.to_str().unwrap()]).contains("serves this SQLite file"));
    drop(server);
    assert!(house.refused(&["restore", copy.to_str().unwrap()]).contains("--overwrite"));
    assert!(house.ok(&["restore", copy.to_str().unwrap(), "--overwrite"]).contains("Restored as of"));
    let kept = std::fs::read_dir(house.folder.path()).unwrap().flatten();
    assert!(
        kept.into_iter().any(|file| file.file_name().to_string_lossy().contains(".before-")),
        "the old one is kept"
    );
    assert!(house.ok(&["check"]).contains("Every invariant holds"));
    let (_server, _) = house.serve();
    let mut left = String::new();
    for _ in 0..200 {
        left = house.ok(&["restore", "--status"]);
        if left.contains("No restore is open") {
            return;
        }
    }
    panic!("the restore never ended: {left}");
}

#[test]
fn a_damaged_copy_is_not_put_in_place() {
    let house = House::new();
    house.ok(&["migrate"]);
    let copy = house.file("copy.db");
    house.ok(&["backup", copy.to_str().unwrap()]);
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4_096].fill(0xaa);
    std::fs::write(&copy, bytes).unwrap();
    assert!(house.refused(&["restore", copy.to_str().unwrap(), "--overwrite"]).contains("paydeck:"));
    assert!(house.ok(&["check"]).contains("Every invariant holds"), "the database is as it was");
}

#[test]
fn it_is_ready_soon_after_a_kill_and_stops_when_told() {
    let house = House::new();
    let (mut server, _) = house.serve();
    server.0.kill().unwrap();
    server.0.wait().unwrap();
    let (mut server, took) = house.serve();
    // Two seconds on a machine of its own; tests share theirs.
    assert!(took < Duration::from_secs(10), "ready after {took:?}");
    // An open connection does not keep it.
    let mut idle = TcpStream::connect(house.address).unwrap();
    write!(idle, "GET /healthz HTTP/1.1\r\nhost: paydeck.test\r\n\r\n").unwrap();
    idle.read_exact(&mut [0; 12]).unwrap();
    let started = Instant::now();
    signal(&server, "-TERM");
    assert!(server.0.wait().unwrap().success());
    assert!(started.elapsed() < Duration::from_secs(30), "stopped after {:?}", started.elapsed());
    // What is stopped cleanly leaves no log behind that must be replayed.
    assert!(house.ok(&["check"]).contains("Every invariant holds"));
}

#[test]
fn a_second_signal_stops_at_once() {
    let house = House::new();
    let (mut server, _) = house.serve();
    // A request that never ends keeps the first signal waiting.
    let mut slow = TcpStream::connect(house.address).unwrap();
    write!(slow, "POST /login HTTP/1.1\r\nhost: paydeck.test\r\nsec-fetch-site: same-origin\r\ncontent-length: 10\r\n")
        .unwrap();
    write!(slow, "content-type: application/x-www-form-urlencoded\r\n\r\na=").unwrap();
    assert_eq!(house.get("/healthz"), Some(200));
    signal(&server, "-TERM");
    // It no longer listens: the first signal was heard.
    while TcpStream::connect(house.address).is_ok() {
        std::thread::yield_now();
    }
    let started = Instant::now();
    signal(&server, "-INT");
    assert_eq!(server.0.wait().unwrap().code(), Some(130));
    assert!(started.elapsed() < Duration::from_secs(5));
}
