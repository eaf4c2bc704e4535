//! File systems of a test's own, mounted by root and gone with the test.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A mounted file system.
pub(crate) struct Volume {
    /// Holds image and mount point.
    root: tempfile::TempDir,
}

impl Volume {
    /// ext4 in a file, mounted through a loop device; `None` where that cannot be, said on stderr.
    pub(crate) fn ext4(bytes: u64) -> Option<Self> {
        let volume = Self::prepare()?;
        let image = volume.root.path().join("image");
        fs::File::create(&image).unwrap().set_len(bytes).unwrap();
        let made = run(Command::new("mkfs.ext4").arg("-q").arg("-F").arg(&image));
        let options = ["-o".as_ref(), "loop".as_ref(), image.as_os_str()];
        volume.mount("ext4", made.is_ok(), &options)
    }

    /// An overlay of two directories, in memory of this size.
    pub(crate) fn overlay(bytes: u64) -> Option<Self> {
        // Its layers must not lie on an overlay themselves, as they would in a container.
        let layers = Self::tmpfs(bytes)?;
        let volume = Self::prepare()?;
        let under = layers.path().to_path_buf();
        for name in ["lower", "upper", "work"] {
            fs::create_dir(under.join(name)).unwrap();
        }
        let options = format!(
            "lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work",
            under.display()
        );
        let options = ["-t", "overlay", "-o", &options, "overlay"].map(std::ffi::OsStr::new);
        let mounted = volume.mount("overlay", true, &options);
        // What is mounted keeps its layers; the names may go.
        let _ = run(Command::new("umount").arg("-l").arg(under));
        std::mem::forget(layers);
        mounted
    }

    /// Memory of this size.
    pub(crate) fn tmpfs(bytes: u64) -> Option<Self> {
        let size = format!("size={bytes}");
        let options = ["-t", "tmpfs", "-o", &size, "tmpfs"].map(std::ffi::OsStr::new);
        Self::prepare()?.mount("tmpfs", true, &options)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.root.path().join("mounted")
    }

    fn prepare() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: soak: only root can mount file systems");
            return None;
        }
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("mounted")).unwrap();
        Some(Self { root })
    }

    fn mount(self, kind: &str, made: bool, options: &[&std::ffi::OsStr]) -> Option<Self> {
        let mounted = run(Command::new("mount").args(options).arg(self.path()));
        match mounted {
            Ok(()) if made => Some(self),
            Ok(()) => None,
            Err(why) => {
                eprintln!(
                    "skipped: soak: {kind} cannot be mounted here: {}",
                    why.trim()
                );
                None
            }
        }
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = run(Command::new("umount").arg("-l").arg(self.path()));
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let ran = command.output().map_err(|error| error.to_string())?;
    if ran.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&ran.stderr).into_owned())
}
