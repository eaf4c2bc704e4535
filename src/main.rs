//! The thin binary: call the command line, print the error chain once, choose the exit code.

use std::io::Write as _;
use std::process::ExitCode;

use gnomon::cli::{self, Exit};
use gnomon::store::StoreError;

/// Storage must not be trusted (EX_IOERR of sysexits).
const UNTRUSTED: u8 = 74;

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    share_heaps();
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

/// Lets the threads of two cores share a heap, unless `MALLOC_ARENA_MAX` says how many there may be.
///
/// glibc gives each thread a heap of its own. What a worker tallied is let go by the thread that commits it, and the room
/// then goes back to the worker's heap, where nobody else can use it. With one heap on two cores a scan takes a seventh less
/// memory and up to a tenth more time; so that many threads do not wait for one another, more cores get more (not measured).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "glibc takes this from a function of C, or from a variable that it reads before main"
)]
fn share_heaps() {
    if std::env::var_os("MALLOC_ARENA_MAX").is_some() {
        return;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let heaps = i32::try_from(cores.div_ceil(2)).unwrap_or(i32::MAX);
    // SAFETY: it is given two numbers and keeps nothing of ours; no other thread is there to allocate meanwhile.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, heaps) };
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
