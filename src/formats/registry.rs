//! All formats: those written in code, the mappings that come with the program, and the operator's own.
//!
//! A mapping of the operator replaces what has its name. Files are given as texts; who reads them from a
//! directory is elsewhere.

use std::sync::{Arc, LazyLock};

use crate::model::{Field, Fields, Kind, PlacedError, nearest};

use super::detect::{self, Detection};
use super::envelope::Opened;
use super::mapping::{self, Mapping};
use super::peel::Peeling;
use super::{CODED, Coded, Context, Parser, dialect};

/// Name and text of every mapping that comes with the program; written by the build script.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/mappings.rs"));

/// One log format.
#[derive(Debug)]
pub struct Format {
    /// Its name in configuration and output, `squid`.
    pub name: &'static str,
    /// Its name for people, `Squid native access log`.
    pub title: &'static str,
    /// The usual kind of its events.
    pub kind: Kind,
    /// The fields that it can tell in its default layout.
    pub tells: Fields,
    /// What to change on the product to get a field, in a sentence.
    pub advice: Vec<(Field, &'static str)>,
    reader: Reader,
}

/// With what the names of the formats begin that read JSON in code of their own.
const READ_JSON: [&str; 5] = [
    "azure-firewall-legacy",
    "coredns",
    "powerdns-recursor",
    "suricata",
    "zeek",
];

#[derive(Debug)]
enum Reader {
    Coded(&'static Coded),
    Mapped(Arc<Mapping>),
}

impl Format {
    fn coded(coded: &'static Coded) -> Self {
        Self {
            name: coded.name,
            title: coded.title,
            kind: coded.kind,
            tells: coded.tells,
            advice: coded.advice.to_vec(),
            reader: Reader::Coded(coded),
        }
    }

    fn mapped(mapping: Mapping) -> Self {
        Self {
            name: mapping.name,
            title: mapping.title,
            kind: mapping.kind,
            tells: mapping.tells,
            advice: mapping.advice.clone(),
            reader: Reader::Mapped(Arc::new(mapping)),
        }
    }

    /// How surely a record is of this format: 0 is "not mine", 100 "cannot be anything else".
    #[must_use]
    pub fn sniff(&self, record: &[u8]) -> u8 {
        match &self.reader {
            Reader::Coded(coded) => (coded.sniff)(record),
            Reader::Mapped(mapping) => {
                mapping.sniff(&mut mapping::Sniffer::default(), &Opened::new(record))
            }
        }
    }

    /// Says it of one record after the other: a header line tells what the rows below it are.
    #[must_use]
    pub fn sniffer(&self) -> Sniffer<'_> {
        match &self.reader {
            Reader::Coded(coded) => Sniffer(Judge::Coded(coded)),
            Reader::Mapped(mapping) => Sniffer(Judge::Mapped(mapping, mapping::Sniffer::default())),
        }
    }

    /// A parser at the start of a stream. It looks into the envelopes that shippers put around records.
    #[must_use]
    pub fn open(self: &Arc<Self>, context: &Context) -> Box<dyn Parser> {
        let parser = match &self.reader {
            Reader::Coded(coded) => (coded.open)(context),
            Reader::Mapped(mapping) => mapping.open(context),
        };
        Box::new(Peeling {
            format: self.clone(),
            parser,
            peeled: false,
            has_peeled: false,
            reads_json: self.reads_json(),
            begins_anywhere: self.begins_anywhere(),
            modified: context.modified,
        })
    }

    /// Whether its records are JSON objects, or some of them.
    fn reads_json(&self) -> bool {
        match &self.reader {
            Reader::Coded(coded) => READ_JSON.iter().any(|name| coded.name.starts_with(name)),
            Reader::Mapped(mapping) => mapping.may_be_json(),
        }
    }

    /// Whether its record is found in the middle of a line, whatever stands around it.
    fn begins_anywhere(&self) -> bool {
        match &self.reader {
            Reader::Coded(_) => false,
            Reader::Mapped(mapping) => mapping.begins_anywhere(),
        }
    }

    /// What to change on the product to get one of these fields: every sentence once, with all that it brings.
    #[must_use]
    pub fn advice_for(&self, fields: &[Field]) -> Vec<(Vec<Field>, &'static str)> {
        let mut sentences: Vec<(Vec<Field>, &'static str)> = Vec::new();
        for (field, text) in self
            .advice
            .iter()
            .filter(|(field, _)| fields.contains(field))
        {
            match sentences.iter_mut().find(|(_, said)| said == text) {
                Some((brings, _)) => brings.push(*field),
                None => sentences.push((vec![*field], text)),
            }
        }
        sentences
    }

    /// Where its layout is documented, as far as its mapping says.
    #[must_use]
    pub fn documentation(&self) -> Option<&'static str> {
        match &self.reader {
            Reader::Coded(_) => None,
            Reader::Mapped(mapping) => Some(mapping.documentation).filter(|text| !text.is_empty()),
        }
    }

    /// What its records are recognised by, in words.
    #[must_use]
    pub fn recognised_by(&self) -> &str {
        match &self.reader {
            Reader::Coded(_) => "the layout of its records, as its code reads them",
            Reader::Mapped(mapping) if mapping.recognised_by.is_empty() => {
                "nothing: it has to be named"
            }
            Reader::Mapped(mapping) => &mapping.recognised_by,
        }
    }

    /// The mapping that it is, as written; none when it is code.
    #[must_use]
    pub fn mapping(&self) -> Option<&str> {
        match &self.reader {
            Reader::Coded(_) => None,
            Reader::Mapped(mapping) => Some(&mapping.text),
        }
    }
}

/// Judges the records of one log for one format.
#[derive(Debug)]
pub struct Sniffer<'f>(Judge<'f>);

#[derive(Debug)]
enum Judge<'f> {
    Coded(&'f Coded),
    Mapped(&'f Mapping, mapping::Sniffer),
}

impl Sniffer<'_> {
    /// How surely the next record is of the format: 0 is "not mine", 100 "cannot be anything else".
    #[must_use]
    pub fn score(&mut self, record: &[u8]) -> u8 {
        self.judge(&Opened::new(record))
    }

    /// Says it of a record that other formats are asked about as well.
    pub(super) fn judge(&mut self, opened: &Opened<'_>) -> u8 {
        match &mut self.0 {
            Judge::Coded(coded) => (coded.sniff)(opened.record),
            Judge::Mapped(mapping, sniffer) => mapping.sniff(sniffer, opened),
        }
    }
}

/// The formats that are known, sorted by name.
#[derive(Debug, Clone)]
pub struct Formats {
    all: Vec<Arc<Format>>,
}

impl Formats {
    /// Those that come with the program.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static ALL: LazyLock<Formats> = LazyLock::new(|| {
            let mut formats = Formats {
                all: CODED
                    .iter()
                    .map(|coded| Arc::new(Format::coded(coded)))
                    .collect(),
            };
            formats.all.sort_by_key(|format| format.name);
            for (name, text) in EMBEDDED {
                let file = format!("config/formats/{name}.toml");
                // A test reads every one of them.
                let mapping = Mapping::read(name, &file, text).expect("our own mappings are sound");
                formats.put(Format::mapped(mapping));
            }
            formats
        });
        &ALL
    }

    /// Those and the operator's own, as (file, text); the name of a format is that of its file.
    ///
    /// # Errors
    /// When one of the files is no sound mapping: with file, line and column.
    pub fn with(files: &[(String, String)]) -> Result<Self, PlacedError> {
        let mut formats = Self::embedded().clone();
        for (file, text) in files {
            formats.put(Self::check(file, text)?);
        }
        Ok(formats)
    }

    /// The format that a file describes.
    ///
    /// # Errors
    /// When it is no sound mapping: with file, line and column.
    pub fn check(file: &str, text: &str) -> Result<Format, PlacedError> {
        let name = file.rsplit('/').next().unwrap_or(file);
        let name = name.strip_suffix(".toml").unwrap_or(name);
        Mapping::read(name, file, text).map(Format::mapped)
    }

    fn put(&mut self, format: Format) {
        let format = Arc::new(format);
        match self
            .all
            .binary_search_by(|known| known.name.cmp(format.name))
        {
            Ok(at) => self.all.splice(at..=at, [format]).for_each(drop),
            Err(at) => self.all.insert(at, format),
        }
    }

    /// Every format, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Format>> {
        self.all.iter()
    }

    /// The format of this name, or the one that a product's own format string describes: `squid: %ts.%03tu %6tr %>a …`.
    ///
    /// # Errors
    /// When there is none: says which name is near, or what is wrong with the format string.
    pub fn named(&self, name: &str) -> Result<Arc<Format>, String> {
        if let Some(format) = self.by_name(name) {
            return Ok(format.clone());
        }
        if let Some((dialect, string)) = name.split_once(':') {
            let described = dialect::mapping(dialect.trim(), string)?;
            let mapping = Mapping::read(dialect.trim(), "its mapping", &described)
                .map_err(|error| error.to_string())?;
            return Ok(Arc::new(Format::mapped(mapping)));
        }
        let near = nearest(name, self.iter().map(|format| format.name));
        Err(near.map_or_else(
            || format!("there is no format {name:?}, see `gnomon formats list`"),
            |near| format!("there is no format {name:?}, did you mean {near:?}?"),
        ))
    }

    /// The format of this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<Format>> {
        self.iter().find(|format| format.name == name)
    }

    /// Ranks all formats over the first records of a log and chooses when it is clear.
    #[must_use]
    pub fn detect(&self, head: &[u8]) -> Detection {
        detect::detect(self, head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_mappings_are_sound_and_sorted_among_the_others() {
        let formats = Formats::embedded();
        for (name, text) in EMBEDDED {
            Mapping::read(name, &format!("config/formats/{name}.toml"), text).unwrap();
            assert!(
                formats
                    .by_name(name)
                    .is_some_and(|f| f.mapping() == Some(text))
            );
        }
        let names: Vec<_> = formats.iter().map(|format| format.name).collect();
        assert!(names.is_sorted() && CODED.iter().all(|coded| names.contains(&coded.name)));
    }

    #[test]
    fn an_operators_mapping_replaces_ours() {
        let text = "title = \"Mine\"\nlayout = \"json\"\nkind = \"dns\"\n[fields]\nhost = \"q\"\n";
        let given = [("/etc/gnomon/formats/squid.toml".to_owned(), text.to_owned())];
        let formats = Formats::with(&given).unwrap();
        assert_eq!(formats.by_name("squid").unwrap().title, "Mine");
        assert_eq!(formats.iter().count(), Formats::embedded().iter().count());
        let broken = [("x/my.toml".to_owned(), "title = 1".to_owned())];
        assert!(
            Formats::with(&broken)
                .unwrap_err()
                .to_string()
                .starts_with("x/my.toml:1:9: ")
        );
    }
}
