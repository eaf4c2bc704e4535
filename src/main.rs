//! The thin binary: call the command line, print the error chain once, choose the exit code.

use std::io::Write as _;
use std::process::ExitCode;

use gnomon::cli::{self, Exit};
use gnomon::store::StoreError;

/// Storage must not be trusted (EX_IOERR of sysexits).
const UNTRUSTED: u8 = 74;

fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    tune_heap();
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

/// Sets up glibc's heap before anything is in it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn tune_heap() {
    if std::env::var_os("MALLOC_ARENA_MAX").is_none() {
        share_heaps();
    }
    take_large_pages();
}

/// Lets the threads of two cores share a heap.
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
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let heaps = i32::try_from(cores.div_ceil(2)).unwrap_or(i32::MAX);
    // SAFETY: it is given two numbers and keeps nothing of ours; no other thread is there to allocate meanwhile.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, heaps) };
}

/// Asks the system to make the heap of the main thread of pages of 2 MiB.
///
/// Tables of tens of megabytes are asked at random; with pages of 4 KiB the processor spends a sixth of a scan on finding
/// out where they are. The request holds for addresses that are there, so the heap is made large at once; what nothing
/// is written to takes no memory. Where there is no room, or no such pages, all stays as it was.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "glibc does this for a variable that it reads before main, and for nothing else"
)]
fn take_large_pages() {
    const HEAP: i32 = 256 << 20;
    /// Larger ones are mapped by themselves: the most that glibc allows, so that tables lie in the heap.
    const LARGEST: i32 = 32 << 20;
    const USUAL_PAD: i32 = 128 << 10;
    // SAFETY: mallopt takes numbers, and no other thread is there. What malloc gives is used for nothing and given back.
    // Between the two ends lies what the heap has just grown by, and the advice changes no byte of it.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGEST);
        libc::mallopt(libc::M_TRIM_THRESHOLD, HEAP);
        libc::mallopt(libc::M_TOP_PAD, HEAP);
        let start = libc::sbrk(0).cast::<u8>();
        // More than there is, so that the heap grows.
        libc::free(std::hint::black_box(libc::malloc(1 << 20)));
        let end = libc::sbrk(0).cast::<u8>();
        libc::mallopt(libc::M_TOP_PAD, USUAL_PAD);
        let first = start.wrapping_add(start.align_offset(1 << 12));
        if let Some(length) = end.addr().checked_sub(first.addr()) {
            libc::madvise(first.cast(), length, libc::MADV_HUGEPAGE);
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
