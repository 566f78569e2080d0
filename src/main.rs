//! The command line.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    paydeck::cli::run(paydeck::cli::Cli::parse())
}
