//! OBS-1 to OBS-3: traffic before something was enforced against traffic now.

use super::{LEAST_COVERAGE_PERCENT, Test, WINDOW_DAYS, Window, percent};
use crate::model::{Finding, Observation, Rule};

const MOST_ALLOWED_PERCENT: u64 = 1;
/// How far other applications may grow, beyond what everybody's use did, before people count as having moved there.
const GROWTH_PERCENT: u64 = 110;

/// What traffic of one application was before something was enforced and is now: twice fourteen days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// The days that are judged; those before end with the enforcement.
    pub now: Window,
    pub allowed_before: u64,
    pub allowed_after: u64,
    pub blocked_after: u64,
    pub bytes_before: u64,
    pub bytes_after: u64,
    /// People (users, else clients) that used it before, and how many of them were seen at all afterwards.
    pub people_before: u64,
    pub people_still_seen: u64,
    /// Days of use by these people: of sanctioned applications, and of all others but this one.
    pub sanctioned_days: (u64, u64),
    pub other_days: (u64, u64),
    /// Days of use of any application by everybody else, before and after: the control group.
    pub control_days: (u64, u64),
    /// Whether anything is sanctioned that people could have moved to.
    pub has_alternative: bool,
    /// Whether the logs count what clients send.
    pub counts_bytes: bool,
}

/// Whether a restriction was meant to stop use, or only to warn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    Stops,
    Warns,
}

fn seen_of(traffic: &Compared) -> Option<u32> {
    (traffic.people_before > 0).then(|| percent(traffic.people_still_seen, traffic.people_before))
}

/// A test of the days after against those before; its coverage is how many of the earlier people are still seen.
fn test<'t>(service: &'t str, rule: Rule, traffic: &Compared, counts: (u64, u64)) -> Test<'t> {
    Test {
        service,
        rule,
        window: traffic.now,
        coverage: seen_of(traffic),
        counts,
    }
}

/// OBS-1: does the block work? At most one request in a hundred passes, at least one is stopped, and nine tenths of
/// those who used it are still seen.
#[must_use]
pub fn block_effective(service: &str, traffic: &Compared) -> Observation {
    let test = test(
        service,
        Rule::BlockEffective,
        traffic,
        (traffic.allowed_after, traffic.allowed_before),
    );
    let detail = format!(
        "{} requests passed in {WINDOW_DAYS} days and {} in those before the block; {} were stopped; {} of {} who used it \
         were seen",
        traffic.allowed_after,
        traffic.allowed_before,
        traffic.blocked_after,
        traffic.people_still_seen,
        traffic.people_before
    );
    let passes = u128::from(traffic.allowed_after) * 100
        > u128::from(traffic.allowed_before) * u128::from(MOST_ALLOWED_PERCENT);
    let finding = if passes {
        Finding::Fails
    } else if traffic.blocked_after == 0 || test.coverage < Some(LEAST_COVERAGE_PERCENT) {
        Finding::Unclear
    } else {
        Finding::Holds
    };
    test.says(finding, detail)
}

/// OBS-2: did people move to what is sanctioned, and not to the next application? What everybody else's use did in the
/// same weeks is taken off, so that holidays are no success.
#[must_use]
pub fn displacement(service: &str, traffic: &Compared) -> Option<Observation> {
    if !traffic.has_alternative || traffic.people_before == 0 {
        return None;
    }
    let (sanctioned_before, sanctioned_after) = traffic.sanctioned_days;
    let (other_before, other_after) = traffic.other_days;
    let test = test(
        service,
        Rule::Displacement,
        traffic,
        (sanctioned_after, sanctioned_before),
    );
    let detail = format!(
        "{} people who used it: {sanctioned_after} days of use of sanctioned applications after {sanctioned_before}, \
         {other_after} of other applications after {other_before}; everybody else {} after {}",
        traffic.people_before, traffic.control_days.1, traffic.control_days.0
    );
    let (control_before, control_after) = match traffic.control_days {
        (0, _) | (_, 0) => (1, 1),
        days => days,
    };
    // after / before against control after / control before, without a division.
    let grew = |after: u64, before: u64, percent: u64| {
        u128::from(after) * u128::from(control_before) * 100
            > u128::from(before) * u128::from(control_after) * u128::from(percent)
    };
    let finding = if grew(other_after, other_before, GROWTH_PERCENT) {
        Finding::Fails
    } else if test.coverage < Some(LEAST_COVERAGE_PERCENT)
        || !grew(sanctioned_after, sanctioned_before, 100)
    {
        Finding::Unclear
    } else {
        Finding::Holds
    };
    Some(test.says(finding, detail))
}

/// OBS-3: is less sent than before? A tenth per person where it is stopped, half where people are warned.
#[must_use]
pub fn uploads_fall(
    service: &str,
    traffic: &Compared,
    strictness: Strictness,
) -> Option<Observation> {
    if !traffic.counts_bytes || traffic.bytes_before == 0 {
        return None;
    }
    let left = match strictness {
        Strictness::Stops => 10,
        Strictness::Warns => 50,
    };
    let test = test(
        service,
        Rule::UploadsFall,
        traffic,
        (traffic.bytes_after, traffic.bytes_before),
    );
    let detail = format!(
        "{} bytes were sent in {WINDOW_DAYS} days and {} in those before; at most {left} % of that is wanted",
        traffic.bytes_after, traffic.bytes_before
    );
    let fell = u128::from(traffic.bytes_after) * 100 <= u128::from(traffic.bytes_before) * left;
    let finding = match (fell, test.coverage >= Some(LEAST_COVERAGE_PERCENT)) {
        (false, _) => Finding::Fails,
        (true, true) => Finding::Holds,
        (true, false) => Finding::Unclear,
    };
    Some(test.says(finding, detail))
}
