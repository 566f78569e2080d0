//! Asking for a password.

use super::CliError;
use std::io::{BufRead, IsTerminal, Write};
use std::process::{Command, Stdio};

/// One line of standard input, for scripts.
pub(super) fn from_stdin() -> Result<String, CliError> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(CliError::system("reading the password"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Asks twice on the terminal, without showing what is typed.
pub(super) fn ask() -> Result<String, CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::Message("this is no terminal: use --password-stdin".to_owned()));
    }
    let _quiet = Quiet::start();
    let first = prompt("Password (12 characters or more): ")?;
    let second = prompt("The same again: ")?;
    if first == second { Ok(first) } else { Err(CliError::Message("the two passwords differ".to_owned())) }
}

fn prompt(text: &str) -> Result<String, CliError> {
    eprint!("{text}");
    std::io::stderr().flush().map_err(CliError::system("asking"))?;
    let line = from_stdin();
    eprintln!();
    line
}

/// The terminal shows nothing of what is typed while this lives.
struct Quiet;

impl Quiet {
    fn start() -> Self {
        stty("-echo");
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(argument: &str) {
    let ran = Command::new("stty").arg(argument).stdin(Stdio::inherit()).status();
    if !ran.is_ok_and(|status| status.success()) {
        eprintln!("(what you type will be visible)");
    }
}
