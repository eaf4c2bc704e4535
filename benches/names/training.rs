//! One pass after the other over all names in a random order, correcting the weights of a name's parts by how wrong its
//! score was. Additions, multiplications and divisions only: the same on every machine.

use gnomon::detect::names::{Model, PLACES, parts};

const PASSES: usize = 8;
const RATE: f64 = 0.25;
/// What a correction takes away from a weight that it touches: parts that are seen seldom stay small.
const DECAY: f64 = 1e-4;
/// Names of GenAI are few; each counts so much.
const GENAI_WEIGHT: f64 = 3.0;
/// A part of fewer registered names than this says nothing of others: it would be the memory of a name.
const NAMES_OF_A_PART: u32 = 10;
/// What the largest weight becomes.
const LARGEST: f64 = 32_767.0;

pub(crate) struct Name {
    pub(crate) host: String,
    pub(crate) is_genai: bool,
}

impl Name {
    /// What somebody registered: a host must not be learnt from its neighbour.
    fn domain(&self) -> &str {
        psl::domain_str(&self.host).unwrap_or(&self.host)
    }

    /// Which part of all names it belongs to.
    pub(crate) fn fold(&self, folds: u64) -> u64 {
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = self.domain().bytes().fold(0x9e37_79b9_7f4a_7c15, hash);
        (hash >> 32) % folds
    }
}

/// Trains a model; its threshold is for others to set.
pub(crate) fn train(names: &[&Name], seed: u64) -> Model {
    let places = common_places(names);
    let mut order: Vec<usize> = (0..names.len()).collect();
    let mut chance = seed;
    let mut weights = vec![0.0_f64; PLACES];
    // How much each weight was corrected so far: the more, the smaller the next step.
    let mut corrected = vec![1.0_f64; PLACES];
    let mut bias = 0.0;
    for pass in 0..PASSES {
        shuffle(&mut order, &mut chance);
        let rate = RATE / (1.0 + pass as f64 / 4.0);
        for at in &order {
            let (name, places) = (names[*at], &places[*at]);
            let score = places
                .iter()
                .fold(bias, |score, place| score + weights[*place]);
            let (wanted, heed) = if name.is_genai {
                (1.0, GENAI_WEIGHT)
            } else {
                (0.0, 1.0)
            };
            let wrong = heed * (wanted - likelihood(score));
            for place in places {
                let square = &mut corrected[*place];
                *square += wrong * wrong;
                let weight = &mut weights[*place];
                *weight += rate * (wrong / root(*square) - DECAY * *weight);
            }
            bias += rate * wrong * 0.01;
        }
    }
    scaled(&weights, bias)
}

/// The places of each name's parts, without those that hardly any other name has.
fn common_places(names: &[&Name]) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = names.iter().map(|name| places(&name.host)).collect();
    let mut of_labels = Vec::new();
    for (name, places) in names.iter().zip(&all) {
        let label = name.domain().split('.').next().unwrap_or_default();
        of_labels.extend(places.iter().map(|place| (*place, label)));
    }
    of_labels.sort_unstable();
    of_labels.dedup();
    let mut labels = vec![0_u32; PLACES];
    for (place, _) in of_labels {
        labels[place] += 1;
    }
    for places in &mut all {
        places.retain(|place| labels[*place] >= NAMES_OF_A_PART);
    }
    all
}

fn places(host: &str) -> Vec<usize> {
    let mut places = Vec::new();
    parts(host, &mut |part| places.push(part.place));
    places.sort_unstable();
    places.dedup();
    places
}

/// Between 0 and 1, as the usual curve is, without its exponential.
fn likelihood(score: f64) -> f64 {
    0.5 + 0.5 * score / (1.0 + score.abs())
}

/// By Newton's method; good enough, and the same everywhere.
fn root(square: f64) -> f64 {
    let mut root = if square > 1.0 { square } else { 1.0 };
    for _ in 0..40 {
        let next = 0.5 * (root + square / root);
        if next >= root {
            break;
        }
        root = next;
    }
    root
}

/// After Fisher and Yates, with the generator of Steele, Lea and Flood.
fn shuffle(order: &mut [usize], chance: &mut u64) {
    for end in (1..order.len()).rev() {
        *chance = chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *chance;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        order.swap(end, (mixed % (end as u64 + 1)) as usize);
    }
}

fn scaled(weights: &[f64], bias: f64) -> Model {
    let largest = weights
        .iter()
        .fold(0.0, |largest: f64, weight| largest.max(weight.abs()));
    let scale = LARGEST / largest;
    let scaled = |weight: &f64| (weight * scale).round() as i16;
    Model {
        bias: (bias * scale).round() as i32,
        threshold: i32::MAX,
        weights: weights.iter().map(scaled).collect(),
    }
}
