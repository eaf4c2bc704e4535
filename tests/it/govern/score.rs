//! What holds for every score, whatever the figures: it stays on its scale, more of anything bad never lowers it, and
//! its lines add up to it.

use super::*;
use gnomon::govern::risk::{
    Behaviour, Facts, Mitigations, Retention, Risk, RiskInput, TierInUse, Training, score,
};
use proptest::prelude::*;

fn facts() -> impl Strategy<Value = Facts> {
    let training = prop::option::of(prop::sample::select(vec![
        Training::OnWithOptOut,
        Training::NeverByContract,
    ]));
    let retention = prop::option::of(prop_oneof![
        Just(Retention::Indefinite),
        (0_u32..400).prop_map(Retention::Days)
    ]);
    let tier = prop::option::of(prop::sample::select(vec![
        TierInUse::AnonymousOrFree,
        TierInUse::EnterpriseProven,
    ]));
    let yes = || prop::option::of(any::<bool>());
    (training, retention, tier, yes(), yes(), yes()).prop_map(
        |(training, retention, tier, soc2, iso27001, iso42001)| Facts {
            training,
            retention,
            tier,
            soc2,
            iso27001,
            iso42001,
            ..Facts::default()
        },
    )
}

fn behaviour() -> impl Strategy<Value = Behaviour> {
    let volume = (prop::option::of(0.0_f64..20_000.0), 0_u64..200);
    let people = (
        prop::option::of(0_u64..5_000),
        prop::option::of(1_u64..5_000),
    );
    let days = (0_u32..40, 1_u32..40, prop::option::of(0_u32..400));
    let spread = (prop::option::of(0_u32..12), prop::option::of(any::<bool>()));
    let rest = (prop::option::of(-1.0_f64..2.0), any::<bool>());
    (volume, people, days, spread, rest).prop_map(|(volume, people, days, spread, rest)| {
        Behaviour {
            mb_30d: volume.0,
            uploads: volume.1,
            users: people.0,
            population: people.1,
            active_days: days.0,
            period_days: days.1,
            first_seen_days_ago: days.2,
            growth: None,
            departments: spread.0,
            sensitive_group: spread.1.map(|is| is.then(|| "legal".to_owned())),
            off_hours_share: rest.0,
            contradicts_decision: rest.1,
        }
    })
}

fn input() -> impl Strategy<Value = RiskInput> {
    (facts(), behaviour(), any::<[bool; 7]>()).prop_map(|(facts, behaviour, flags)| RiskInput {
        facts,
        behaviour,
        unknown_app: flags[0],
        unknown_router: flags[1],
        mitigations: Mitigations {
            tenant_enforced: flags[2],
            filter_in_path: flags[3],
            contract_without_training: flags[4],
            sign_on_and_leavers: flags[5],
            trained_groups: flags[6],
        },
    })
}

fn gross_of(input: &RiskInput, change: impl FnOnce(&mut RiskInput)) -> u32 {
    let mut changed = input.clone();
    change(&mut changed);
    score(&changed).gross
}

/// What the lines of the two halves and the floors add up to.
fn sum(risk: &Risk) -> f64 {
    let gross = risk.lines.iter().filter(|line| !line.id.starts_with('M'));
    gross.map(|line| line.points).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_score_stays_on_its_scale_and_is_the_sum_of_its_lines(input in input()) {
        let risk = score(&input);
        prop_assert!(risk.gross <= 100 && risk.residual <= risk.gross);
        prop_assert!(f64::from(risk.residual) >= f64::from(risk.gross) * 0.5 - 0.5);
        prop_assert_eq!(risk.band, Band::of(risk.residual));
        prop_assert!((0.0..=1.0).contains(&risk.confidence) && (0.0..=0.5).contains(&risk.mitigation));
        // Lines are shown with one decimal and summed before that.
        let rounding = 0.5 + 0.05 * risk.lines.len() as f64;
        prop_assert!((sum(&risk) - f64::from(risk.gross)).abs() <= rounding, "{} is no {}", sum(&risk), risk.gross);
        if let Some((low, high)) = risk.range {
            prop_assert!(low <= risk.gross && risk.gross <= high && high <= 100);
        }
        prop_assert_eq!(score(&input), risk, "the same twice");
    }

    #[test]
    fn more_upload_never_lowers_the_gross_score(input in input(), less in 0.0_f64..20_000.0, more in 0.0_f64..20_000.0) {
        let with = |mb: f64| gross_of(&input, |input| input.behaviour.mb_30d = Some(mb));
        prop_assert!(with(less) <= with(less + more));
    }

    #[test]
    fn more_people_days_and_departments_never_lower_it(input in input(), more in 1_u32..50) {
        let mut known = input;
        known.behaviour.users.get_or_insert(3);
        known.behaviour.departments.get_or_insert(1);
        let before = score(&known).gross;
        let grown = [
            gross_of(&known, |i| i.behaviour.users = i.behaviour.users.map(|u| u + u64::from(more))),
            gross_of(&known, |i| i.behaviour.departments = i.behaviour.departments.map(|d| d + more)),
            gross_of(&known, |i| i.behaviour.active_days += more),
            gross_of(&known, |i| i.behaviour.contradicts_decision = true),
        ];
        prop_assert!(grown.iter().all(|gross| *gross >= before), "{before} became {grown:?}");
    }

    #[test]
    fn measures_change_the_residual_score_and_never_the_gross_one(input in input()) {
        let bare = gross_of(&input, |input| input.mitigations = Mitigations::default());
        prop_assert_eq!(bare, score(&input).gross);
    }
}
