//! A file system on a server that is away now and then, as over NFS: a directory behind FUSE.
//!
//! Its clients can only read; the server's own side is the directory. While it is away every question fails with one
//! error; after ESTALE what was open then stays stale. What is removed on the server's side is gone for who has it open,
//! and there is no birth time: a file is known by its inode number and its content alone.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use fuser::{
    BackgroundSession, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, LockOwner, MountOption, OpenFlags, ReplyAttr, ReplyData, ReplyDirectory,
    ReplyEmpty, ReplyEntry, ReplyOpen, Request,
};

/// Nothing is remembered by the kernel: every question is asked.
const TTL: Duration = Duration::ZERO;

/// A mounted server.
pub(crate) struct Server {
    root: tempfile::TempDir,
    shared: Arc<Shared>,
    _session: BackgroundSession,
}

struct Shared {
    directory: PathBuf,
    /// 0 while it is there.
    error: AtomicI32,
    /// How often handles became stale.
    epoch: AtomicU64,
    next_handle: AtomicU64,
    /// What the kernel knows by number.
    files: Mutex<HashMap<u64, Arc<File>>>,
    handles: Mutex<HashMap<u64, (Arc<File>, u64)>>,
}

impl Server {
    /// A server with an empty directory; `None` where FUSE cannot be used, said on stderr.
    pub(crate) fn mounted() -> Option<Self> {
        let root = tempfile::tempdir().unwrap();
        let shared = Arc::new(Shared {
            directory: root.path().join("directory"),
            error: AtomicI32::new(0),
            epoch: AtomicU64::new(0),
            next_handle: AtomicU64::new(1),
            files: Mutex::new(HashMap::new()),
            handles: Mutex::new(HashMap::new()),
        });
        fs::create_dir(&shared.directory).unwrap();
        fs::create_dir(root.path().join("mounted")).unwrap();
        let mut config = Config::default();
        config.mount_options = vec![MountOption::RO, MountOption::FSName("soak".to_owned())];
        let view = View(Arc::clone(&shared));
        match fuser::spawn_mount(view, root.path().join("mounted"), &config) {
            Ok(session) => Some(Self {
                root,
                shared,
                _session: session,
            }),
            Err(why) => {
                eprintln!("skipped: soak: FUSE cannot be mounted here: {why}");
                None
            }
        }
    }

    /// Where its clients see it.
    pub(crate) fn path(&self) -> PathBuf {
        self.root.path().join("mounted")
    }

    /// Its own side.
    pub(crate) fn directory(&self) -> &Path {
        &self.shared.directory
    }

    /// From now on every question has this error.
    pub(crate) fn goes_away(&self, error: i32) {
        self.shared.error.store(error, Ordering::SeqCst);
        if error == STALE {
            self.shared.epoch.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub(crate) fn comes_back(&self) {
        self.shared.error.store(0, Ordering::SeqCst);
    }
}

pub(crate) const STALE: i32 = 116;
pub(crate) const INPUT_OUTPUT: i32 = 5;

struct View(Arc<Shared>);

impl View {
    fn is_there(&self) -> Result<(), Errno> {
        match self.0.error.load(Ordering::SeqCst) {
            0 => Ok(()),
            error => Err(Errno::from_i32(error)),
        }
    }

    fn by_number(&self, number: INodeNo) -> Result<(Arc<File>, Metadata), Errno> {
        self.is_there()?;
        let file = match number {
            INodeNo::ROOT => Arc::new(File::open(&self.0.directory).map_err(Errno::from)?),
            INodeNo(number) => {
                let files = self.0.files.lock().unwrap();
                Arc::clone(files.get(&number).ok_or(Errno::ESTALE)?)
            }
        };
        let metadata = unless_removed(&file)?;
        Ok((file, metadata))
    }

    fn by_name(&self, name: &OsStr) -> Result<(FileAttr, Generation), Errno> {
        self.is_there()?;
        let file = File::open(self.0.directory.join(name)).map_err(Errno::from)?;
        let metadata = unless_removed(&file)?;
        let number = metadata.ino();
        self.0.files.lock().unwrap().insert(number, Arc::new(file));
        let born = metadata.created().map_or(0, nanoseconds);
        Ok((attributes(&metadata, number), Generation(born)))
    }

    fn by_handle(&self, handle: FileHandle) -> Result<Arc<File>, Errno> {
        self.is_there()?;
        let handles = self.0.handles.lock().unwrap();
        let (file, epoch) = handles.get(&handle.0).ok_or(Errno::EBADF)?;
        if *epoch != self.0.epoch.load(Ordering::SeqCst) {
            return Err(Errno::ESTALE);
        }
        unless_removed(file)?;
        Ok(Arc::clone(file))
    }
}

/// A server does not keep for others what was removed.
fn unless_removed(file: &File) -> Result<Metadata, Errno> {
    let metadata = file.metadata().map_err(Errno::from)?;
    if metadata.nlink() == 0 {
        return Err(Errno::ESTALE);
    }
    Ok(metadata)
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_nanos()).unwrap()
}

fn attributes(metadata: &Metadata, number: u64) -> FileAttr {
    let changed = Duration::new(
        metadata.ctime().unsigned_abs(),
        metadata.ctime_nsec() as u32,
    );
    FileAttr {
        ino: INodeNo(number),
        size: metadata.len(),
        blocks: metadata.blocks(),
        atime: SystemTime::UNIX_EPOCH,
        mtime: metadata.modified().unwrap(),
        ctime: SystemTime::UNIX_EPOCH + changed,
        crtime: SystemTime::UNIX_EPOCH,
        kind: if metadata.is_dir() {
            FileType::Directory
        } else {
            FileType::RegularFile
        },
        perm: 0o755,
        nlink: u32::try_from(metadata.nlink()).unwrap(),
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 4_096,
        flags: 0,
    }
}

impl Filesystem for View {
    fn lookup(&self, _: &Request, _: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.by_name(name) {
            Ok((attributes, generation)) => reply.entry(&TTL, &attributes, generation),
            Err(error) => reply.error(error),
        }
    }

    fn getattr(&self, _: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.by_number(number) {
            Ok((_, metadata)) => reply.attr(&TTL, &attributes(&metadata, number.0)),
            Err(error) => reply.error(error),
        }
    }

    fn open(&self, _: &Request, number: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        match self.by_number(number) {
            Ok((file, _)) => {
                let handle = self.0.next_handle.fetch_add(1, Ordering::SeqCst);
                let epoch = self.0.epoch.load(Ordering::SeqCst);
                self.0.handles.lock().unwrap().insert(handle, (file, epoch));
                // What is read is what the server has now.
                reply.opened(FileHandle(handle), FopenFlags::FOPEN_DIRECT_IO);
            }
            Err(error) => reply.error(error),
        }
    }

    fn read(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let mut bytes = vec![0; usize::try_from(size).unwrap()];
        let read = self
            .by_handle(handle)
            .and_then(|file| file.read_at(&mut bytes, offset).map_err(Errno::from));
        match read {
            Ok(length) => reply.data(&bytes[..length]),
            Err(error) => reply.error(error),
        }
    }

    fn release(
        &self,
        _: &Request,
        _: INodeNo,
        handle: FileHandle,
        _: OpenFlags,
        _: Option<LockOwner>,
        _: bool,
        reply: ReplyEmpty,
    ) {
        self.0.handles.lock().unwrap().remove(&handle.0);
        reply.ok();
    }

    fn readdir(
        &self,
        _: &Request,
        _: INodeNo,
        _: FileHandle,
        offset: u64,
        mut reply: ReplyDirectory,
    ) {
        if let Err(error) = self.is_there() {
            reply.error(error);
            return;
        }
        let mut names: Vec<_> = fs::read_dir(&self.0.directory)
            .unwrap()
            .flatten()
            .map(|entry| (entry.file_name(), entry.metadata()))
            .collect();
        names.sort_by(|(a, _), (b, _)| a.cmp(b));
        let behind = usize::try_from(offset).unwrap();
        for (at, (name, metadata)) in names.into_iter().enumerate().skip(behind) {
            let number = metadata.map_or(u64::MAX, |metadata| metadata.ino());
            let next = u64::try_from(at + 1).unwrap();
            if reply.add(INodeNo(number), next, FileType::RegularFile, name) {
                break;
            }
        }
        reply.ok();
    }
}
