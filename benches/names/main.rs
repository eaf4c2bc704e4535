//! Trains the model of names and says how well it does: `cargo bench --bench names -- --positives FILE --negatives FILE`.
//!
//! A file has a name per line, first of its columns; `#` begins a comment. Every name is scored by a model that has not seen
//! its fifth of all names; from those scores come the figures and the threshold. Then one model is trained on all names and
//! written to `signatures/names.model`. Nothing but the seed is random, no library's arithmetic takes part, so
//! the same files and the same seed give the same bytes.

#![expect(clippy::print_stdout, reason = "figures for people")]

mod figures;
mod training;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Parser as _;
use gnomon::catalogue::{Catalogue, LeftOutReason, left_out};
use gnomon::detect::names::Model;
use gnomon::model::Evidence;

use figures::Figures;
use training::{Name, train};

/// Train the model of names
#[derive(Debug, clap::Parser)]
#[command(name = "names")]
struct Args {
    /// Names of GenAI services
    #[arg(long, required_unless_present = "bench")]
    positives: Vec<PathBuf>,
    /// Names of others
    #[arg(long)]
    negatives: Vec<PathBuf>,
    /// Names of others that are hard to tell: never trained on, only told of
    #[arg(long)]
    hard: Vec<PathBuf>,
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Of the names at or above the threshold, so many of a hundred are to be GenAI
    #[arg(long, default_value_t = 95)]
    precision: u64,
    /// Count a name as the catalogue judges it where it does, whatever its list says
    #[arg(long)]
    judged: bool,
    /// Where the model is written
    #[arg(long, default_value = "signatures/names.model")]
    model: PathBuf,
    /// Cargo says it to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// In how many parts names are put; each is scored by a model of the others.
const FOLDS: u64 = 5;
/// So many names somebody may look through.
const FIRST: usize = 100;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.positives.is_empty() {
        println!("names: needs --positives and --negatives; see docs/CANDIDATES.md");
        return Ok(());
    }
    let names = names(&args)?;
    let count = |is_genai: bool| {
        names
            .iter()
            .filter(|name| name.is_genai == is_genai)
            .count()
    };
    println!("{} names of GenAI, {} of others", count(true), count(false));
    let mut scored = Vec::with_capacity(names.len());
    for fold in 0..FOLDS {
        let others: Vec<&Name> = names
            .iter()
            .filter(|name| name.fold(FOLDS) != fold)
            .collect();
        let model = train(&others, args.seed);
        let held_out = names.iter().filter(|name| name.fold(FOLDS) == fold);
        scored.extend(held_out.map(|name| (model.score(&name.host), name)));
    }
    let all = Figures::of(scored.iter().map(|(score, name)| (*score, name.is_genai)));
    println!("every name scored by a model that did not see it:\n{all}");
    let fifth = |fold: u64| {
        let mine = scored.iter();
        mine.filter(move |(_, name)| !name.is_genai || name.fold(FOLDS) == fold)
    };
    let figures = |fold| Figures::of(fifth(fold).map(|(score, name)| (*score, name.is_genai)));
    let first: Vec<String> = (0..FOLDS)
        .map(|fold| format!("{:.2}", figures(fold).precision_among(FIRST)))
        .collect();
    println!(
        "a fifth of the GenAI names among all others:\n{}\n  precision among the first {FIRST}, each fifth: {}",
        figures(0),
        first.join(" ")
    );
    let mut fifth: Vec<_> = fifth(0).collect();
    fifth.sort_by(|(a, of_a), (b, of_b)| b.cmp(a).then_with(|| of_a.host.cmp(&of_b.host)));
    let others = fifth.iter().take(FIRST).filter(|(_, name)| !name.is_genai);
    let others: Vec<&str> = others.map(|(_, name)| name.host.as_str()).collect();
    println!(
        "others among the first {FIRST} of the first fifth: {}",
        others.join(" ")
    );
    let threshold = all.threshold(args.precision);
    let everybody: Vec<&Name> = names.iter().collect();
    let model = Model {
        threshold,
        ..train(&everybody, args.seed)
    };
    let (found, false_ones) = all.at(threshold);
    println!("threshold {threshold}: {found} of GenAI found, {false_ones} of others with them");
    for path in &args.hard {
        let hard = lines(path)?;
        let heard: Vec<&String> = hard
            .iter()
            .filter(|host| !model.heard(host).is_empty())
            .collect();
        println!(
            "{}: {} of {} at or above: {heard:?}",
            path.display(),
            heard.len(),
            hard.len()
        );
    }
    fs::write(&args.model, model.bytes()).with_context(|| args.model.display().to_string())?;
    println!("{}: {} bytes", args.model.display(), model.bytes().len());
    Ok(())
}

/// All names, each once; one that is on both sides is GenAI's.
fn names(args: &Args) -> anyhow::Result<Vec<Name>> {
    let read = |paths: &[PathBuf]| -> anyhow::Result<BTreeSet<String>> {
        let mut all = BTreeSet::new();
        for path in paths {
            all.extend(lines(path)?);
        }
        Ok(all)
    };
    let positives = read(&args.positives)?;
    let negatives = read(&args.negatives)?;
    ensure!(
        !positives.is_empty() && !negatives.is_empty(),
        "names of both kinds are needed"
    );
    let name = |host: &String, is_genai| Name {
        host: host.clone(),
        is_genai,
    };
    let others = negatives.iter().filter(|host| !positives.contains(*host));
    let mut names: Vec<Name> = positives.iter().map(|host| name(host, true)).collect();
    names.extend(others.map(|host| name(host, false)));
    if args.judged {
        let catalogue = Catalogue::embedded()?;
        let mut changed = [0, 0];
        for name in &mut names {
            let judged = judged(&catalogue, &name.host).unwrap_or(name.is_genai);
            if judged != name.is_genai {
                changed[usize::from(judged)] += 1;
                name.is_genai = judged;
            }
        }
        let [to_others, to_genai] = changed;
        println!("judged otherwise than listed: {to_genai} as GenAI, {to_others} as others");
    }
    Ok(names)
}

/// What the catalogue says of a name: GenAI where a rule of good evidence finds the service's own host, not GenAI where
/// somebody looked at it and left it out.
fn judged(catalogue: &Catalogue, host: &str) -> Option<bool> {
    let found = catalogue.match_host(host).is_some_and(|found| {
        found.rule.role.is_defining() && found.rule.evidence != Evidence::Weak
    });
    match left_out(host) {
        _ if found => Some(true),
        Some(left_out) => Some(left_out.reason == LeftOutReason::Found),
        None => None,
    }
}

/// The first column of a file.
fn lines(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let host = |line: &str| {
        let word = line.split(['\t', ' ', ',', '/']).next()?;
        let is_host = !line.starts_with('#') && word.contains('.');
        is_host.then(|| word.trim_end_matches('.').to_ascii_lowercase())
    };
    Ok(text.lines().filter_map(host).collect())
}
