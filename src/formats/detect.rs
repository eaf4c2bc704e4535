//! Which format a log is in, from its first bytes.
//!
//! Every format says how surely each of the first records is its own; a record belongs to whoever claims it
//! most strongly. Lines that nobody claims do not stand in the way (a system log holds many programs), but
//! two formats that both own a part of the log do: that is said, with shares, and chosen only when one of
//! them owns most of what is claimed.

use std::sync::Arc;

use super::envelope::Opened;
use super::{Format, Formats, Sniffer, peel};

/// Records looked at.
const RECORDS: usize = 200;
/// So many records are shown to every format; later ones first to the formats that own a record.
const ASKED_OF_ALL: usize = 5;
/// A claim so strong that no other format is asked.
const SURE: u8 = 90;
/// Bytes looked at.
const HEAD_BYTES: usize = 64 * 1024;
/// A format that owns less than this share of the records does not make a log mixed.
const NOTABLE_PERCENT: usize = 10;
/// The share of all claimed records that a format must own to be chosen.
const CLEAR_PERCENT: usize = 50;

/// By how much a record as it is counts more than one inside another.
const WRAPPED: u8 = 5;

/// How much of a log one format owns.
#[derive(Debug, Clone)]
pub struct Ranked {
    pub format: Arc<Format>,
    /// Share of the records that it claims more strongly than any other format, 0 to 1.
    pub share: f64,
    /// Mean of its score over those records, 0 to 100.
    pub mean_score: f64,
}

/// What the first bytes of a log say of its format.
#[derive(Debug, Clone, Default)]
pub struct Detection {
    /// Formats that own at least one record, by falling share.
    pub ranking: Vec<Ranked>,
    /// The format, when it is clear.
    pub chosen: Option<Arc<Format>>,
    /// A sentence with shares, when several formats own a notable part.
    pub mixed: Option<String>,
    /// What the bytes are, when they are no text: `UTF-16 text`, `binary data`.
    pub binary: Option<&'static str>,
}

/// Ranks all formats over the first records of a log and chooses when it is clear.
pub(super) fn detect(formats: &Formats, head: &[u8]) -> Detection {
    let cut = head.len() > HEAD_BYTES;
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    if let Some(binary) = binary(head) {
        return Detection {
            binary: Some(binary),
            ..Detection::default()
        };
    }
    let records = records(head, cut || head.len() == HEAD_BYTES);
    let tallies = tally(formats, &records);
    let ranking = rank(&tallies, records.len());
    let owned: usize = tallies.iter().map(|t| t.owned).sum();
    let chosen = tallies
        .iter()
        .filter(|t| t.owned * 100 > owned * CLEAR_PERCENT)
        .map(|t| t.format.clone())
        .next();
    Detection {
        mixed: mixed(&tallies, records.len()),
        ranking,
        chosen,
        binary: None,
    }
}

struct OneFormat<'f> {
    format: &'f Arc<Format>,
    sniffer: Sniffer<'f>,
    owned: usize,
    score: usize,
}

fn tally<'f>(formats: &'f Formats, records: &[&[u8]]) -> Vec<OneFormat<'f>> {
    let mut tallies: Vec<OneFormat<'f>> = formats
        .iter()
        .map(|format| OneFormat {
            format,
            sniffer: format.sniffer(),
            owned: 0,
            score: 0,
        })
        .collect();
    for (at, record) in records.iter().enumerate() {
        let inside = peel::inside(record);
        let inside: Vec<_> = inside.iter().map(|inside| Opened::new(inside)).collect();
        let opened = Opened::new(record);
        // Asking some hundred formats takes longer than reading the record.
        let is_for_all = at < ASKED_OF_ALL || record.starts_with(b"#");
        let owners = tallies.iter_mut().filter(|tally| tally.owned > 0);
        let mut best = if is_for_all {
            None
        } else {
            strongest(owners, &opened, &inside).filter(|(score, _)| *score >= SURE)
        };
        if best.is_none() {
            best = strongest(tallies.iter_mut(), &opened, &inside);
        }
        if let Some((score, tally)) = best {
            tally.owned += 1;
            tally.score += usize::from(score);
        }
    }
    tallies.retain(|t| t.owned > 0);
    tallies
}

/// Who claims a record most strongly, and how strongly.
fn strongest<'t, 'f: 't>(
    tallies: impl Iterator<Item = &'t mut OneFormat<'f>>,
    record: &Opened<'_>,
    inside: &[Opened<'_>],
) -> Option<(u8, &'t mut OneFormat<'f>)> {
    let mut best = None;
    let mut best_score = 0;
    for tally in tallies {
        let sniffer = &mut tally.sniffer;
        // The first that is known: the same with a header in front would be a second header line to a sniffer of tables.
        let mut within = inside.iter().map(|inside| sniffer.judge(inside));
        let within = within.find(|score| *score > 0).unwrap_or(0);
        let within = within.saturating_sub(WRAPPED);
        let score = sniffer.judge(record).max(within);
        if score > best_score {
            best_score = score;
            best = Some(tally);
        }
    }
    best.map(|tally| (best_score, tally))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "at most a few hundred records are counted"
)]
fn rank(tallies: &[OneFormat<'_>], records: usize) -> Vec<Ranked> {
    let mut ranking: Vec<Ranked> = tallies
        .iter()
        .map(|tally| Ranked {
            format: tally.format.clone(),
            share: tally.owned as f64 / records as f64,
            mean_score: tally.score as f64 / tally.owned as f64,
        })
        .collect();
    ranking.sort_by(|a, b| b.share.total_cmp(&a.share));
    ranking
}

fn mixed(tallies: &[OneFormat<'_>], records: usize) -> Option<String> {
    let mut notable: Vec<(usize, &str)> = tallies
        .iter()
        .map(|t| (t.owned * 100 / records, t.format.name))
        .filter(|(percent, _)| *percent >= NOTABLE_PERCENT)
        .collect();
    if notable.len() < 2 {
        return None;
    }
    notable.sort_by_key(|(percent, name)| (std::cmp::Reverse(*percent), *name));
    let shares: Vec<String> = notable
        .iter()
        .map(|(percent, name)| format!("{percent} % {name}"))
        .collect();
    let shares = shares.join(", ");
    Some(format!(
        "several formats in one log: {shares} of the first {records} records"
    ))
}

/// The first records, without empty ones; the last is left out when the bytes may end inside it.
fn records(head: &[u8], cut: bool) -> Vec<&[u8]> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let whole = match memchr::memrchr(b'\n', head) {
        Some(end) if cut => head.get(..end).unwrap_or(head),
        _ => head,
    };
    whole
        .split(|b| *b == b'\n')
        .map(|record| record.strip_suffix(b"\r").unwrap_or(record))
        .flat_map(super::parts)
        .filter(|record| !record.trim_ascii().is_empty())
        .take(RECORDS)
        .collect()
}

/// Names bytes that are no text. A stray NUL in hostile text is no reason, nor is padding at the end.
fn binary(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some("UTF-16 text");
    }
    let padding = head.iter().rev().take_while(|b| **b == 0).count();
    let text = head.get(..head.len() - padding)?;
    let nuls = memchr::memchr_iter(0, text).count();
    let only_padding = text.is_empty() && padding > 0;
    (only_padding || nuls * 100 > text.len()).then_some("binary data")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUID: &str = "1793614272.345     88 192.0.2.7 TCP_TUNNEL/200 5678 CONNECT chatgpt.com:443 alice HIER_DIRECT/203.0.113.5 -\n";
    const DNSMASQ: &str = "Nov  2 10:11:12 dnsmasq[77]: query[A] chatgpt.com from 192.0.2.7\n";

    fn detect(head: &[u8]) -> Detection {
        Formats::embedded().detect(head)
    }

    fn chosen(head: &str) -> Option<&'static str> {
        detect(head.as_bytes()).chosen.map(|format| format.name)
    }

    #[test]
    fn one_line_is_enough_and_foreign_lines_do_not_hide_it() {
        assert_eq!(chosen(SQUID), Some("squid"));
        let system_log = "Nov  2 10:11:12 gw sshd[1]: Connection closed by 192.0.2.9\n".repeat(50);
        assert_eq!(chosen(&(system_log + DNSMASQ)), Some("dnsmasq"));
    }

    #[test]
    fn a_mixed_log_is_said_with_shares() {
        let head = SQUID.repeat(3) + DNSMASQ;
        let detection = detect(head.as_bytes());
        assert_eq!(detection.chosen.map(|f| f.name), Some("squid"));
        assert_eq!(
            detection.mixed.as_deref(),
            Some("several formats in one log: 75 % squid, 25 % dnsmasq of the first 4 records")
        );
        assert_eq!(chosen(&(SQUID.to_owned() + DNSMASQ)), None);
    }

    #[test]
    fn what_nobody_claims_has_no_format() {
        for head in ["", "\n\n", "hello\nworld\n", "{\"a\":1}\n"] {
            let detection = detect(head.as_bytes());
            assert!(
                detection.chosen.is_none() && detection.ranking.is_empty(),
                "{head}"
            );
        }
    }

    #[test]
    fn binary_is_named_and_padding_is_not_binary() {
        assert_eq!(detect(b"\xff\xfea\0b\0").binary, Some("UTF-16 text"));
        assert_eq!(detect(b"\x7fELF\0\0\0\x01\0").binary, Some("binary data"));
        assert_eq!(detect(&[0; 32]).binary, Some("binary data"));
        let padded = [SQUID.as_bytes(), &[0; 512]].concat();
        assert_eq!(detect(&padded).chosen.map(|f| f.name), Some("squid"));
        let hostile = SQUID.replace("alice", "al\0ice");
        assert_eq!(detect(hostile.as_bytes()).binary, None);
    }

    #[test]
    fn a_record_cut_off_at_the_end_of_the_head_is_not_judged() {
        let head = SQUID.repeat(HEAD_BYTES / SQUID.len() + 1);
        let detection = detect(head.as_bytes());
        assert!(detection.ranking.iter().all(|r| r.share > 0.999));
    }
}
