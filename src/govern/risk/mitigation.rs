//! M1–M5: what the enterprise does about it. Only duties that are met with current evidence count.

use super::{RiskLine, one_decimal};
use crate::govern::DutyStatus;
use crate::govern::duties::Assessed;

/// What lowers the risk, each observed or attested and current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mitigations {
    /// The tenant is enforced and carries at least 95 % of the use.
    pub tenant_enforced: bool,
    /// A prompt filter or data-loss rule is in the path.
    pub filter_in_path: bool,
    /// A contract with a clause against training.
    pub contract_without_training: bool,
    /// Single sign-on, and leavers lose access.
    pub sign_on_and_leavers: bool,
    /// The groups that use it are trained.
    pub trained_groups: bool,
}

impl Mitigations {
    /// Reads them off the duties: GAI-08, GAI-11 or GAI-19, GAI-12 with GAI-37, GAI-09, GAI-07.
    #[must_use]
    pub fn of(assessed: &[Assessed]) -> Self {
        let met = |id: &str| {
            assessed
                .iter()
                .any(|duty| duty.id == id && duty.status == DutyStatus::Met)
        };
        Self {
            tenant_enforced: met("GAI-08"),
            filter_in_path: met("GAI-11") || met("GAI-19"),
            contract_without_training: met("GAI-12") && met("GAI-37"),
            sign_on_and_leavers: met("GAI-09"),
            trained_groups: met("GAI-07"),
        }
    }
}

const CAP: f64 = 0.50;

/// The share by which the score is lowered, and the lines that print it.
pub(super) fn lines(mitigations: &Mitigations, gross: u32) -> (f64, Vec<RiskLine>) {
    let cases = [
        (
            "M1",
            "tenant enforced",
            mitigations.tenant_enforced,
            0.25,
            "tenant enforced with at least 95 % of the use: 25 % off",
        ),
        (
            "M2",
            "filter in the path",
            mitigations.filter_in_path,
            0.15,
            "prompt filter or data-loss rule in the path: 15 % off",
        ),
        (
            "M3",
            "contract against training",
            mitigations.contract_without_training,
            0.10,
            "contract with a clause against training: 10 % off",
        ),
        (
            "M4",
            "sign-on and leavers",
            mitigations.sign_on_and_leavers,
            0.05,
            "single sign-on, and leavers lose access: 5 % off",
        ),
        (
            "M5",
            "trained groups",
            mitigations.trained_groups,
            0.05,
            "the groups that use it are trained: 5 % off",
        ),
    ];
    let mut share = 0.0;
    let mut lines = Vec::new();
    for (id, label, applies, worth, rule) in cases {
        if !applies {
            continue;
        }
        let taken = f64::min(worth, CAP - share);
        share += taken;
        lines.push(RiskLine {
            id,
            label,
            raw: if taken < worth {
                "met; all measures together are capped at 50 %".to_owned()
            } else {
                "met".to_owned()
            },
            points: one_decimal(-f64::from(gross) * taken),
            max: 0.0,
            rule,
            known: true,
            source: None,
            checked: None,
        });
    }
    ((share * 100.0_f64).round() / 100.0, lines)
}
