//! The duty model: 44 duties, whom each falls to under SaaS, PaaS and IaaS, and which come first for which archetype.
//!
//! It is data (`signatures/duties.toml`, `signatures/archetypes.toml`), embedded in the binary and replaceable.
//! Parsing checks the shape; `lint` checks what the shape cannot say. Nothing here knows an application.

use std::sync::Arc;

use serde::Deserialize;

use super::site::CellOverride;
use super::words::{Basis, ClosesBy, DueClass, Layer, Party, SeedParty};
use crate::model::{Archetype, ServiceModel, State, Wording};

const DUTIES: &str = include_str!("../../signatures/duties.toml");
const ARCHETYPES: &str = include_str!("../../signatures/archetypes.toml");

/// The duties, their sentence keys and the archetypes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyModel {
    /// `csa-2023-07-28+1`: the article and our revision.
    pub version: String,
    /// Places in the article, sorted as there.
    pub keys: Vec<SentenceKey>,
    /// Sorted by id.
    pub duties: Vec<Duty>,
    pub archetypes: Vec<ArchetypeGuide>,
}

/// A place in the article that a cell rests on; the sentence itself is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentenceKey {
    /// `S3`.
    pub key: String,
    /// Heading of the section.
    pub section: String,
    /// Which sentence of it.
    #[serde(rename = "where")]
    pub place: String,
    /// What it says, in our words.
    pub says: String,
}

/// One responsibility.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// `GAI-03`; for ever, never reused.
    pub id: Wording,
    pub layer: Layer,
    pub title: Wording,
    pub statement: Wording,
    pub applies: Applies,
    /// What to do, concretely.
    pub action: Wording,
    /// What proves it.
    pub evidence: Wording,
    /// The role that owns it.
    pub owner: Wording,
    pub due: DueClass,
    pub closes_by: ClosesBy,
    /// What DNS and proxy logs can show of it.
    pub logs_show: Wording,
    /// `framework@version:id`.
    pub refs: Arc<[String]>,
    pub saas: Cell,
    pub paas: Cell,
    pub iaas: Cell,
}

/// Whom a duty falls to under one service model, and why we say so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Who carries it here.
    pub party: Party,
    /// Whom the article names.
    pub seed_party: SeedParty,
    pub basis: Basis,
    /// Sentences that it rests on.
    #[serde(default)]
    pub keys: Arc<[String]>,
    /// Why our party differs from the article's, or how an unclear sentence is read.
    #[serde(default)]
    pub reason: Wording,
    /// The article's own statement is doubtful or contradicts itself.
    #[serde(default)]
    pub disputed: bool,
    /// `majority` where the article gives most of a duty, not all of it.
    #[serde(default)]
    pub share: Wording,
    /// What this site says instead of the model; `party` is the site's then.
    #[serde(skip)]
    pub overridden: Option<Overridden>,
}

/// A cell that a site gave to somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    /// Who carried it before.
    pub from: Party,
    pub reason: String,
    pub author: String,
}

/// The archetypes that a duty applies to, by letter.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Applies {
    All,
    Letters(Vec<char>),
}

impl TryFrom<String> for Applies {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let letters = text
            .split_whitespace()
            .map(|word| match word.chars().next() {
                Some(letter) if word.len() == 1 && "CEMAIGVR".contains(letter) => Ok(letter),
                _ => Err(format!(
                    "unknown archetype letter {word:?}, expected \"all\" or letters of C E M A I G V R"
                )),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if letters.is_empty() {
            return Err("empty, expected \"all\" or letters of C E M A I G V R".to_owned());
        }
        Ok(Self::Letters(letters))
    }
}

impl Applies {
    /// Whether the duty applies to an archetype. A router carries what consumer chat and API carry.
    #[must_use]
    pub fn covers(&self, archetype: Archetype) -> bool {
        match self {
            Self::All => true,
            Self::Letters(letters) => {
                letters.contains(&archetype.letter())
                    || (archetype == Archetype::Router
                        && (letters.contains(&'C') || letters.contains(&'A')))
            }
        }
    }
}

/// What an archetype means for those who have to deal with it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchetypeGuide {
    pub id: Archetype,
    pub letter: char,
    pub title: String,
    /// Scope of the AWS Generative AI Security Scoping Matrix: `1`, `3-4`.
    pub aws_scope: String,
    /// Scope of the AWS Agentic AI Security Scoping Matrix; empty where it has no meaning.
    #[serde(default)]
    pub agentic_scope: String,
    /// Service models that services of this kind come as.
    pub models: Vec<ServiceModel>,
    pub logs_see: String,
    pub logs_cannot_see: String,
    /// The state to start from when nobody has decided.
    pub first_state: State,
    /// Duties that come first, most urgent first.
    pub first_duties: Vec<String>,
    pub advice: String,
}

/// Why a duty model could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DutyModelError {
    /// The text has not the shape of a duty model.
    #[error("{file}: {source}")]
    Shape {
        file: &'static str,
        source: toml::de::Error,
    },
    /// It has the shape and contradicts itself; every complaint is named.
    #[error("the duty model contradicts itself: {}", .0.join("; "))]
    Lint(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DutiesFile {
    version: String,
    key: Vec<SentenceKey>,
    duty: Vec<Duty>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchetypesFile {
    archetype: Vec<ArchetypeGuide>,
}

impl DutyModel {
    /// The model inside the binary.
    ///
    /// # Errors
    /// None in a build that passed its tests; the signature is the same as for a model from a directory.
    pub fn embedded() -> Result<Self, DutyModelError> {
        Self::parse(DUTIES, ARCHETYPES)
    }

    /// Reads a model from the texts of its two files.
    ///
    /// # Errors
    /// Names the file and place of a wrong shape, or lists every complaint of `lint`.
    pub fn parse(duties_toml: &str, archetypes_toml: &str) -> Result<Self, DutyModelError> {
        let shape = |file| move |source| DutyModelError::Shape { file, source };
        let duties: DutiesFile = toml::from_str(duties_toml).map_err(shape("duties.toml"))?;
        let archetypes: ArchetypesFile =
            toml::from_str(archetypes_toml).map_err(shape("archetypes.toml"))?;
        let mut model = Self {
            version: duties.version,
            keys: duties.key,
            duties: duties.duty,
            archetypes: archetypes.archetype,
        };
        model.duties.sort_by(|a, b| a.id.cmp(&b.id));
        let complaints = model.lint();
        if complaints.is_empty() {
            Ok(model)
        } else {
            Err(DutyModelError::Lint(complaints))
        }
    }

    /// The model with the cells that a site gives to somebody else.
    ///
    /// # Errors
    /// Lists every override that names no duty, says nothing new, or lacks its reason or author.
    pub fn with_overrides(mut self, overrides: &[CellOverride]) -> Result<Self, DutyModelError> {
        let mut complaints = Vec::new();
        for (at, wanted) in overrides.iter().enumerate() {
            let place = format!("govern.overrides[{at}] ({} {})", wanted.duty, wanted.model);
            let earlier = overrides.iter().take(at);
            if earlier
                .clone()
                .any(|other| other.is_for_the_cell_of(wanted))
            {
                complaints.push(format!(
                    "{place}: the cell is overridden twice, keep one of the two"
                ));
            }
            let Some(duty) = self.duties.iter_mut().find(|duty| duty.id == wanted.duty) else {
                complaints.push(format!(
                    "{place}: there is no such duty, they run from GAI-01 to GAI-44"
                ));
                continue;
            };
            let cell = duty.cell_mut(wanted.model);
            complaints.extend(
                wanted
                    .complaints(cell)
                    .into_iter()
                    .map(|what| format!("{place}: {what}")),
            );
            cell.overridden = Some(Overridden {
                from: cell.party,
                reason: wanted.reason.trim().to_owned(),
                author: wanted.author.trim().to_owned(),
            });
            cell.party = wanted.party;
        }
        if complaints.is_empty() {
            Ok(self)
        } else {
            Err(DutyModelError::Lint(complaints))
        }
    }

    /// A duty by its id.
    #[must_use]
    pub fn duty(&self, id: &str) -> Option<&Duty> {
        self.duties.iter().find(|duty| duty.id == id)
    }

    /// A place of the article by its key.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<&SentenceKey> {
        self.keys.iter().find(|place| place.key == key)
    }

    /// What is said of an archetype. The lint sees to it that all are there in a parsed model.
    #[must_use]
    pub fn archetype(&self, archetype: Archetype) -> Option<&ArchetypeGuide> {
        self.archetypes.iter().find(|guide| guide.id == archetype)
    }

    /// Everything wrong with the model, one sentence each; empty when it is sound.
    #[must_use]
    pub fn lint(&self) -> Vec<String> {
        super::lint::complaints(self)
    }
}

impl Duty {
    const fn cell_mut(&mut self, model: ServiceModel) -> &mut Cell {
        match model {
            ServiceModel::Saas => &mut self.saas,
            ServiceModel::Paas => &mut self.paas,
            ServiceModel::Iaas => &mut self.iaas,
        }
    }

    /// Its cell under one service model.
    #[must_use]
    pub const fn cell(&self, model: ServiceModel) -> &Cell {
        match model {
            ServiceModel::Saas => &self.saas,
            ServiceModel::Paas => &self.paas,
            ServiceModel::Iaas => &self.iaas,
        }
    }
}
