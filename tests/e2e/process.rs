//! Child processes that cannot outlive their test, the programs they are made of, and free ports for them.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::wait::{PATIENCE, until};

/// A child in a process group of its own, which is killed when this is dropped.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a program; what it says goes to the end of `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Self {
        let said = File::options().create(true).append(true).open(log).unwrap();
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Self(child)
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().unwrap()
    }

    /// Kills it with everything it started, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let _ = self.0.wait();
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where a daemon of the system is; they are not on every user's path.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
}

/// A copy of a daemon in the test's directory. Profiles of AppArmor go by path and would keep the original, as Ubuntu
/// ships it, from reading and writing there.
pub(crate) fn copy_of(name: &str, directory: &Path) -> PathBuf {
    let original = program(name).unwrap_or_else(|| panic!("{name} is not installed"));
    let copy = directory.join(name);
    fs::copy(original, &copy).unwrap();
    copy
}

/// Runs a program to its end and gives what it printed; panics when it fails.
pub(crate) fn output_of<I: AsRef<OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = I>,
) -> String {
    let ran = Command::new(program).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{}: {said}", program.display());
    String::from_utf8(ran.stdout).unwrap()
}

/// A port that nobody uses, for TCP and UDP. Below the range from which the system gives ports to connections, so that
/// none of the many here takes it before the daemon does.
pub(crate) fn free_port() -> u16 {
    const FIRST: u16 = 18_000;
    const PORTS: u16 = 14_000;
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let of_process = u16::try_from(std::process::id() % u32::from(PORTS)).unwrap();
    until(PATIENCE, "a free port", || {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (of_process.wrapping_mul(7).wrapping_add(tried)) % PORTS;
        let address = (Ipv4Addr::LOCALHOST, port);
        let free = TcpListener::bind(address).is_ok() && UdpSocket::bind(address).is_ok();
        free.then_some(port)
    })
}
