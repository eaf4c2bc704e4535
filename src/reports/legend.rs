//! What the words of a report mean, in a sentence each, so that no reader needs another document.

use crate::model::{Archetype, Grade, ServiceModel, State, TransitionKind};

/// A word as it is shown, and what it means.
pub(super) struct Meaning {
    pub(super) word: &'static str,
    pub(super) says: &'static str,
}

const fn meaning(word: &'static str, says: &'static str) -> Meaning {
    Meaning { word, says }
}

/// Grades of evidence, weak to strong.
pub(super) static GRADES: &[Meaning] = &[
    meaning(
        "resolved",
        "the name was looked up; a browser's prefetch does that too",
    ),
    meaning("connected", "a connection was made"),
    meaning("exchanged", "more than a handshake went over it"),
    meaning("uploaded", "the client sent more than a question"),
    meaning(
        "confirmed",
        "a URL or the shape of the protocol shows the use itself",
    ),
];

/// How clients and events are counted on the ladder of the evidence.
pub(super) static COUNTS: &[Meaning] = &[
    meaning("clients", "stand on the rung of their strongest evidence"),
    meaning(
        "events",
        "are counted by the hour and source, all of an hour on the rung of the strongest of them",
    ),
];

/// Bands of the residual risk.
pub(super) static BANDS: &[Meaning] = &[
    meaning("low", "0–24 of 100"),
    meaning("medium", "25–49"),
    meaning("high", "50–74"),
    meaning("critical", "75–100"),
];

/// How the duties of the heat map stand.
pub(super) static STANDINGS: &[Meaning] = &[
    meaning(
        "met",
        "proved by the logs or by someone's word, and the proof is current",
    ),
    meaning(
        "open",
        "the enterprise still has something to do, and its day has not passed",
    ),
    meaning(
        "overdue",
        "the enterprise still has something to do, and its day has passed",
    ),
    meaning(
        "unassured",
        "the provider's duty, with nothing on file that it is done",
    ),
    meaning(
        "settled",
        "waived, not applicable, or assured by the provider's evidence",
    ),
];

/// States of an application.
pub(super) static STATES: &[Meaning] = &[
    meaning("new", "seen; nobody has looked"),
    meaning("in review", "someone is looking"),
    meaning("sanctioned", "allowed, until its end date"),
    meaning("tolerated", "allowed until something better is found"),
    meaning("restricted", "allowed for some people or some actions"),
    meaning("blocked", "not allowed"),
];

/// Kinds of account.
pub(super) static TIERS: &[Meaning] = &[
    meaning(
        "consumer",
        "personal or free accounts were seen: no contract protects what is sent",
    ),
    meaning("enterprise", "only accounts of a contracted plan were seen"),
    meaning("unknown", "the logs cannot tell; never guessed"),
];

/// A grade's place on the scale of five.
pub(super) fn grade_step(grade: Option<Grade>) -> usize {
    grade.map_or(0, |grade| {
        1 + Grade::ALL
            .iter()
            .take_while(|other| **other < grade)
            .count()
    })
}

/// A grade in words; an application that was only tried has none.
pub(super) fn grade(grade: Option<Grade>) -> &'static str {
    grade.map_or("blocked attempts only", Grade::as_str)
}

/// A state as people read it.
pub(super) const fn state(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::InReview => "in review",
        State::Sanctioned => "sanctioned",
        State::Tolerated => "tolerated",
        State::Restricted => "restricted",
        State::Blocked => "blocked",
        State::NotGenai => "not GenAI",
        State::Retired => "retired",
    }
}

/// A kind of application as people read it.
pub(super) const fn archetype(archetype: Archetype) -> &'static str {
    match archetype {
        Archetype::ConsumerChat => "consumer application",
        Archetype::EnterpriseChat => "enterprise application",
        Archetype::Embedded => "AI inside another service",
        Archetype::Api => "model API",
        Archetype::SelfHosted => "self-hosted model",
        Archetype::Agent => "agent",
        Archetype::Voice => "voice and meetings",
        Archetype::Router => "router to other models",
    }
}

/// A service model as people read it.
pub(super) const fn model(model: ServiceModel) -> &'static str {
    match model {
        ServiceModel::Saas => "SaaS",
        ServiceModel::Paas => "PaaS",
        ServiceModel::Iaas => "IaaS",
    }
}

/// A change as people read it.
pub(super) const fn change(kind: TransitionKind) -> &'static str {
    match kind {
        TransitionKind::FirstSeen => "first seen",
        TransitionKind::NewSegment => "new group",
        TransitionKind::GradeRose => "stronger evidence",
        TransitionKind::TurnedConsumer => "personal accounts",
        TransitionKind::DecisionViolated => "decision not kept",
        TransitionKind::ExceptionExpired => "exception ended",
        TransitionKind::VolumeRose => "volume",
        TransitionKind::Gone => "gone",
    }
}

/// The status of a duty as people read it.
pub(super) fn status(word: &str) -> String {
    match word {
        "provider_unassured" => "unassured".to_owned(),
        "provider_assured" => "assured".to_owned(),
        word => word.replace('_', " "),
    }
}

/// Who carries a duty, as people read it.
pub(super) fn party(word: &str) -> &str {
    match word {
        "enterprise" => "you",
        "provider" => "provider",
        "both" => "you and provider",
        _ => "nobody",
    }
}

/// Whom the article names, as people read it.
pub(super) fn seed_party(word: &str) -> &str {
    match word {
        "AISU" => "AI service user",
        "AISP" => "AI service provider",
        "shared" => "shared",
        "none" => "nobody",
        _ => "silent",
    }
}

/// A layer of the duty model as people read it.
pub(super) fn layer(word: &str) -> &str {
    match word {
        "usage" => "Usage",
        "people" => "People",
        "identity" => "Identity",
        "data" => "Data",
        "grounding" => "Grounding",
        "prompt" => "Prompts",
        "application" => "Application",
        "ip" => "Intellectual property",
        "model" => "Model",
        "infrastructure" => "Infrastructure",
        "assurance" => "Assurance",
        "compliance" => "Compliance",
        "lifecycle" => "Lifecycle",
        word => word,
    }
}

/// What the report rests on, in sentences.
pub(super) static METHOD: &[&str] = &[
    "Applications are recognised by host names, and where a proxy shows them by paths and programs, that a signed-in \
     user, a program or a download needs. Visits to marketing pages are counted apart and are no use.",
    "Residual risk is a sum of printed lines from 0 to 100: what is known of the service (up to 55) and what the logs \
     show (up to 45), lowered by duties that are met with evidence. A decision never changes it. Confidence says how much \
     of the weight rests on known values; it is not a second risk.",
    "Who carries which duty is mapped to the Cloud Security Alliance article on shared responsibility for generative AI \
     of 2023-07-28. Each cell says whether the article states it (stated), we conclude it (inferred) or the article is \
     silent and the duty is ours (extension). \"Mapped to\" says where a duty belongs; it is no statement of conformity.",
    "Not seen is not the same as not used. Times are UTC.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_of_grades_has_five_steps_and_a_meaning_for_each() {
        let words: Vec<&str> = GRADES.iter().map(|grade| grade.word).collect();
        let all: Vec<&str> = Grade::ALL.iter().map(|grade| grade.as_str()).collect();
        assert_eq!(words, all);
        assert_eq!(grade_step(None), 0);
        assert_eq!(grade_step(Some(Grade::Confirmed)), 5);
    }
}
