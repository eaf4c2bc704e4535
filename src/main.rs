//! The thin binary: call the command line, print the error chain once, choose the exit code.

use std::io::Write as _;
use std::process::ExitCode;

use gnomon::cli::{self, Exit};
use gnomon::store::StoreError;

/// Storage must not be trusted (EX_IOERR of sysexits).
const UNTRUSTED: u8 = 74;

fn main() -> ExitCode {
    match cli::run() {
        Ok(Exit::Fine) => ExitCode::SUCCESS,
        Ok(Exit::Failed) => ExitCode::from(1),
        Ok(Exit::Found) => ExitCode::from(3),
        // The reader of our output has gone: `gnomon apps | head`.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "gnomon: {error:#}");
            let untrusted = error.chain().any(|cause| {
                matches!(
                    cause.downcast_ref(),
                    Some(StoreError::Untrusted(_) | StoreError::Damaged(_))
                )
            });
            ExitCode::from(if untrusted { UNTRUSTED } else { 1 })
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
