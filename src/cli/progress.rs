//! A progress bar for long readings: bytes on disk, rate, time left. Only on a terminal.

use std::io::{IsTerminal as _, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::pipeline::Meter;

use super::table::grouped;

const REDRAW: Duration = Duration::from_millis(100);
/// A scan that is over before this shows no bar at all.
const GRACE_REDRAWS: u32 = 4;

/// Draws until it is told to finish.
pub(super) struct Progress<'scope> {
    done: Arc<AtomicBool>,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
}

impl<'scope> Progress<'scope> {
    pub(super) fn start(
        scope: &'scope Scope<'scope, '_>,
        meter: &'scope Meter,
        quiet: bool,
    ) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        if quiet || !stderr().is_terminal() {
            return Self { done, thread: None };
        }
        let seen = done.clone();
        let thread = scope.spawn(move || draw(meter, &seen));
        Self {
            done,
            thread: Some(thread),
        }
    }

    pub(super) fn finish(self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread {
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn draw(meter: &Meter, done: &AtomicBool) {
    for _ in 0..GRACE_REDRAWS {
        std::thread::park_timeout(REDRAW);
        if done.load(Ordering::Relaxed) {
            return;
        }
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template(
        "{bar:30} {percent:>3} %  {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left  {msg}",
    ) {
        bar.set_style(style);
    }
    while !done.load(Ordering::Relaxed) {
        let reading = meter.read();
        bar.set_length(reading.disk_total);
        bar.set_position(reading.disk_read);
        bar.set_message(format!("{} records", grouped(reading.records)));
        std::thread::park_timeout(REDRAW);
    }
    bar.finish_and_clear();
}
