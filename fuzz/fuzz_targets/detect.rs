//! The first bytes of any log: at most one format is chosen, and shares are shares.

#![no_main]

use gnomon::formats::Formats;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let detection = Formats::embedded().detect(data);
    let shares: f64 = detection.ranking.iter().map(|ranked| ranked.share).sum();
    assert!((0.0..=1.000_001).contains(&shares), "{shares}");
    for ranked in &detection.ranking {
        assert!((0.0..=100.0).contains(&ranked.mean_score));
    }
    if let Some(chosen) = detection.chosen {
        assert!(detection.binary.is_none());
        assert!(
            detection
                .ranking
                .iter()
                .any(|ranked| ranked.format.name == chosen.name)
        );
    }
});
