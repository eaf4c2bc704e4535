//! The head of the page about one application: what it is, who uses it, how risky it is, what was decided, what is owed.

use std::io;

use crate::catalogue::Service;
use crate::reports::{Duty, RiskLine};

use super::super::labelled::{count, labelled};
use super::super::screen::{Screen, Style};
use super::super::table::{grouped, shown};
use super::page::{LABEL, Page};
use super::{is_owed, status};

/// The line of the score for what the logs leave open.
const BLIND: &str = "BS";
/// Lines of the score that are told.
const RISK_LINES: usize = 3;

impl Page<'_> {
    pub(super) fn headline(&self, service: &Service, screen: &mut Screen) -> io::Result<()> {
        let app = self.app;
        let title = screen.styled(Style::Strong, &app.name);
        let vendor = match app.country.as_str() {
            "" => app.vendor.clone(),
            country => format!("{}, {country}", app.vendor),
        };
        screen.line(&format!("{title} ({}), by {vendor}", app.id))?;
        let kind = self
            .guide
            .map_or_else(|| app.archetype.to_string(), |guide| guide.title.clone());
        screen.wrapped(
            0,
            &format!(
                "{} Kind: {kind}, {}.",
                shown(&service.description, 300),
                served_as(app.model.as_str())
            ),
        )?;
        screen.line("")?;
        let mut fact = |label: &str, text: &str| labelled(screen, 0, LABEL, label, text);
        fact("Used", &self.usage())?;
        fact(
            "Account",
            &format!("{}: {}", app.tier.value, app.tier.basis),
        )?;
        fact("Risk", &self.risk())?;
        fact("State", &self.state())?;
        fact("Duties", &self.sums())?;
        if let Some(guide) = self.guide {
            screen.line("")?;
            screen.wrapped(0, &guide.advice)?;
        }
        Ok(())
    }

    fn usage(&self) -> String {
        let app = self.app;
        if !self.in_register {
            return "not seen here: everything below is what would apply if it were used"
                .to_owned();
        }
        let who = if app.users > 0 {
            format!(
                "{} on {}",
                count(app.users as usize, "user", "users"),
                count(app.clients as usize, "client", "clients")
            )
        } else {
            format!(
                "{}, no users named",
                count(app.clients as usize, "client", "clients")
            )
        };
        let when = if app.first_seen.day() == app.last_seen.day() {
            format!("on {}", app.first_seen.day())
        } else {
            format!("from {} to {}", app.first_seen.day(), app.last_seen.day())
        };
        let evidence = match app.grade {
            Some(grade) => format!("strongest evidence: {grade}"),
            None => "every attempt was blocked".to_owned(),
        };
        let blocked = match app.attempts {
            0 => String::new(),
            attempts => format!(", {} blocked", grouped(attempts)),
        };
        format!(
            "{}{blocked} by {who}, {when}; {evidence}",
            count(app.events as usize, "event", "events")
        )
    }

    fn risk(&self) -> String {
        let risk = &self.app.risk;
        let mut lines: Vec<&RiskLine> = risk
            .lines
            .iter()
            .filter(|line| line.points > 0.0 && line.id != BLIND)
            .collect();
        lines.sort_by(|a, b| b.points.total_cmp(&a.points));
        let told: Vec<String> = lines
            .iter()
            .take(RISK_LINES)
            .map(|line| {
                format!(
                    "{}: {} ({:.0} of {:.0} points)",
                    line.label,
                    shown(&line.value, 80),
                    line.points,
                    line.max
                )
            })
            .collect();
        let most = if told.is_empty() {
            String::new()
        } else {
            format!(" Most of it: {}.", told.join("; "))
        };
        let blind = risk
            .lines
            .iter()
            .find(|line| line.id == BLIND && line.points > 0.0)
            .map(|line| {
                format!(
                    " {:.0} points stand for what the logs cannot tell.",
                    line.points
                )
            })
            .unwrap_or_default();
        format!(
            "{} of 100, {}. {} % of that rests on known values.{most}{blind}",
            risk.residual, risk.band, risk.confidence
        )
    }

    fn state(&self) -> String {
        match (&self.decision.decision, &self.decision.expired) {
            (Some(decision), _) => {
                let until = decision.until.map_or_else(
                    || "without an end".to_owned(),
                    |until| format!("until {}", until.day()),
                );
                format!(
                    "{}, {until}; {} answers for it, {} decided on {}: {}",
                    decision.state,
                    shown(&decision.owner, 60),
                    shown(&decision.by, 60),
                    decision.at.day(),
                    shown(&decision.reason, 300)
                )
            }
            (None, Some(old)) => format!(
                "new again: the decision {} ended on {}",
                old.state,
                old.until
                    .map(|until| until.day().to_string())
                    .unwrap_or_default()
            ),
            (None, None) => "new: nobody has decided".to_owned(),
        }
    }

    fn sums(&self) -> String {
        let owed: Vec<&Duty> = self.app.duties().filter(|duty| is_owed(duty)).collect();
        let late = owed.iter().filter(|duty| duty.overdue).count();
        let pending = owed.iter().filter(|duty| status(duty).is_pending()).count();
        let mut roles: Vec<(&str, usize)> = Vec::new();
        for duty in owed.iter().filter(|duty| status(duty).is_pending()) {
            match roles.iter_mut().find(|(role, _)| *role == duty.owner) {
                Some((_, number)) => *number += 1,
                None => roles.push((&duty.owner, 1)),
            }
        }
        roles.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let roles: Vec<String> = roles
            .iter()
            .map(|(role, number)| format!("{role} {number}"))
            .collect();
        let by_role = if roles.is_empty() {
            String::new()
        } else {
            format!(" ({})", roles.join(", "))
        };
        format!(
            "{} apply: {pending} to do{by_role}, {late} overdue, {} not assured by the provider, {} settled",
            self.app.duties.len(),
            owed.len() - pending,
            self.app.duties.len() - owed.len()
        )
    }
}

/// `SaaS`, as people write it.
fn served_as(model: &str) -> &str {
    match model {
        "saas" => "SaaS",
        "paas" => "PaaS",
        "iaas" => "IaaS",
        other => other,
    }
}
