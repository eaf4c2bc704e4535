//! Where the logs come from that are measured, and what is known to be in them: made here (`generated.rs`), made by
//! another program (`other.rs`), or the sample company's, over and over (`sample.rs`); or those made here, read with everything on
//! (`everything.rs`). All measurements that say nothing
//! else are made on each.

mod everything;
mod generated;
mod other;
mod sample;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use gnomon::catalogue::Matcher;

pub(crate) use everything::Everything;
pub(crate) use generated::Generated;
pub(crate) use other::Other;
pub(crate) use sample::Sample;

/// The log that every stock has.
pub(crate) const SQUID: &str = "squid";

pub(crate) trait Stock {
    /// What figures on it begin with; nothing for the generated logs, which most are about.
    fn label(&self) -> &'static str;

    /// Where its logs are, and what is made on the way.
    fn directory(&self) -> &Path;

    /// Which logs there are, Squid's among them.
    fn products(&self) -> Vec<&'static str>;

    /// The log of a product that is at least so long, made if need be.
    fn log(&self, product: &str, lines: u64) -> anyhow::Result<Log>;

    /// Compares a store with what is in the log that was read into it; any difference is an error.
    fn check(&self, database: &Path, log: &Log) -> anyhow::Result<()>;

    /// Service and one of its hosts, each service once: where somebody can go who is to be told of.
    fn visits(&self) -> anyhow::Result<Vec<(String, String)>>;

    fn config(&self) -> PathBuf {
        self.directory().join("gnomon.toml")
    }

    /// The texts of the rules alone, one in a line, for programs that look for texts.
    fn rules(&self) -> PathBuf {
        self.directory().join("rules.txt")
    }

    /// A file that is not kept.
    fn scratch(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Log {
    pub(crate) lines: u64,
    pub(crate) path: PathBuf,
    pub(crate) truth: PathBuf,
    pub(crate) bytes: u64,
}

/// How a log can be packed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
}

/// The same log, packed.
pub(crate) fn packed(log: &Log, packing: Packing) -> anyhow::Result<PathBuf> {
    let ending = match packing {
        Packing::Gzip => "log.gz",
        Packing::Zstd => "log.zst",
    };
    let path = log.path.with_extension(ending);
    let made = fs::metadata(&path).and_then(|packed| packed.modified());
    // A log is of the time that it tells of; when it was made, its truth says.
    if made.is_ok_and(|made| made >= modified(&log.truth)) {
        return Ok(path);
    }
    let mut from = File::open(&log.path)?;
    let part = path.with_extension("part");
    let to = BufWriter::new(File::create(&part)?);
    match packing {
        Packing::Gzip => {
            let mut packer = flate2::write::GzEncoder::new(to, flate2::Compression::default());
            io::copy(&mut from, &mut packer)?;
            packer.finish()?.flush()?;
        }
        Packing::Zstd => {
            let mut packer = zstd::stream::Encoder::new(to, zstd::DEFAULT_COMPRESSION_LEVEL)?;
            io::copy(&mut from, &mut packer)?;
            packer.finish()?.flush()?;
        }
    }
    fs::rename(part, &path)?;
    Ok(path)
}

/// The part of a rule that all hosts have which it takes.
fn text(matcher: &Matcher) -> &str {
    match matcher {
        Matcher::Host(name) | Matcher::Suffix(name) | Matcher::Below(name) => name,
        Matcher::Pattern(pattern) => pattern.suffix(),
        Matcher::Regex { within, .. } => within,
    }
}

fn modified(path: &Path) -> std::time::SystemTime {
    fs::metadata(path)
        .and_then(|file| file.modified())
        .unwrap_or(std::time::SystemTime::UNIX_EPOCH)
}

/// Makes what is not there, or was made by another plan.
fn make(
    directory: &Path,
    stem: &str,
    made: &Path,
    plan: &str,
    write: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mark = directory.join(format!("{stem}.plan"));
    if made.exists() && fs::read_to_string(&mark).is_ok_and(|made_by| made_by == plan) {
        return Ok(());
    }
    let _ = fs::remove_file(&mark);
    write()?;
    fs::write(mark, plan)?;
    Ok(())
}
