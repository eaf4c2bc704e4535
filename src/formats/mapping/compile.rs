//! Makes a mapping of a file, or says what is wrong with it, with file, line and column.

use std::ops::Range;

use memchr::memmem::Finder;
use toml::Spanned;

use crate::model::{Field, Fields, PlacedError, Places, nearest};

use super::Mapping;
use super::cef::Label;
use super::cell::Form;
use super::delimited::{Rows, Style};
use super::keys::Keys;
use super::options::check_options;
use super::pairs::Pairs;
use super::plan::{Draft, Known, Plan, Wrong, sort_conditions};
use super::reader::{Reader, Regex};
use super::recognise::Recognised;
use super::schema::{File, LayoutName, OneOrMore, Place, Twice, Zone};
use super::template::Template;
use super::values::Nulls;
use super::words::{Words, kept};

/// How sure a mapping is of a record that has all it names, when it does not say.
const USUAL_SURENESS: u8 = 90;
/// Fewer columns than this are no row.
const LEAST_COLUMNS: usize = 2;

pub(super) fn compile(name: &str, file: &str, text: &str) -> Result<Mapping, PlacedError> {
    let places = Places::new(file, text);
    let mut given: File = toml::from_str(text).map_err(|error| places.toml_error(&error))?;
    let placed = |(span, why): Wrong| places.error(span, why);
    check_options(&given).map_err(placed)?;
    usual_fields(&mut given);
    let layout = *given.layout.get_ref();
    let mut keys = Keys::new(layout == LayoutName::W3c);
    if let Some(inside) = &given.inside {
        keys.also_inside(inside.list());
    }
    let reader = reader(&given, &mut keys).map_err(placed)?;
    let mut plans = plans(&given, &mut keys).map_err(placed)?;
    let named_in_pattern = keys.names().to_vec();
    let reader = match reader {
        Reader::Cef(_) => Reader::Cef(labels(&mut keys)),
        reader => reader,
    };
    if matches!(reader, Reader::Templates(_) | Reader::Regexes(_)) {
        check_pattern_keys(&given, &reader, &named_in_pattern).map_err(placed)?;
    }
    let recognised = recognised(&given, &mut keys).map_err(placed)?;
    for plan in &mut plans {
        plan.tells = plan.tells_with(|_| true);
    }
    sort_conditions(&mut plans);
    Ok(Mapping {
        name: kept(name),
        title: kept(&given.title),
        documentation: kept(&given.documentation),
        kind: given.kind,
        tells: plans
            .iter()
            .fold(Fields::NONE, |fields, plan| fields.union(plan.tells)),
        advice: advice(&given).map_err(placed)?,
        recognised_by: given.recognise.told(),
        text: text.to_owned(),
        columns: reader.columns(&keys),
        reader,
        keys,
        null: Nulls::of(&given.null),
        plans,
        formats: given
            .time
            .format
            .as_ref()
            .map(|formats| formats.list().to_vec())
            .unwrap_or_default(),
        zone: given.time.zone.unwrap_or(Zone::Source),
        recognised,
    })
}

/// Fields that are known by the layout.
fn usual_fields(file: &mut File) {
    let add = |file: &mut File, name: &str| {
        let is_named = file.fields.keys().any(|given| given.get_ref() == name);
        if !is_named {
            let key = Spanned::new(0..0, name.to_owned());
            file.fields.insert(key, Place::Key(name.to_owned()));
        }
    };
    if *file.layout.get_ref() == LayoutName::W3c {
        let has_time = file.fields.keys().any(|given| given.get_ref() == "time");
        if !has_time {
            add(file, "time");
            add(file, "date");
        }
    }
}

fn plans(file: &File, keys: &mut Keys) -> Result<Vec<Plan>, Wrong> {
    let mut fields = pattern_fields(file, keys);
    for (name, place) in &file.fields {
        fields.retain(|known, _| known.get_ref() != name.get_ref());
        fields.insert(name.clone(), place.clone());
    }
    if file.records.is_empty() {
        let none = Default::default();
        let draft = Draft {
            kind: file.kind,
            conditions: &none,
            fields: [&fields, &Default::default()],
            outcome: [&[], &file.outcome],
            skips: [&[], &file.skip],
        };
        return Ok(vec![draft.compile(keys)?]);
    }
    file.records
        .iter()
        .map(|records| {
            let draft = Draft {
                kind: records.kind.unwrap_or(file.kind),
                conditions: &records.conditions,
                fields: [&fields, &records.fields],
                outcome: [&records.outcome, &file.outcome],
                skips: [&records.skip, &file.skip],
            };
            draft.compile(keys)
        })
        .collect()
}

/// In a pattern a field may go by its own name.
fn pattern_fields(file: &File, keys: &Keys) -> std::collections::BTreeMap<Spanned<String>, Place> {
    let is_pattern = matches!(
        file.layout.get_ref(),
        LayoutName::Template | LayoutName::Regex
    );
    keys.names()
        .iter()
        .filter(|name| is_pattern && Known::named(name).is_some())
        .map(|name| (Spanned::new(0..0, name.clone()), Place::Key(name.clone())))
        .collect()
}

fn reader(file: &File, keys: &mut Keys) -> Result<Reader, Wrong> {
    let escaped = keys_with_backslashes(file);
    Ok(match file.layout.get_ref() {
        LayoutName::Json => Reader::Json,
        LayoutName::Csv => Reader::Rows(Rows {
            style: Style::Csv(one_byte(file.separator.as_ref())?),
            quotes: file.quotes.unwrap_or(true),
            header: file.header.unwrap_or(false),
            least: file.least.unwrap_or(LEAST_COLUMNS),
            most: file.most.unwrap_or(usize::MAX),
            columns: file.columns.clone().unwrap_or_default(),
        }),
        LayoutName::W3c => Reader::Rows(Rows {
            style: Style::W3c,
            quotes: true,
            header: true,
            least: file.least.unwrap_or(LEAST_COLUMNS),
            most: file.most.unwrap_or(usize::MAX),
            columns: file
                .columns
                .iter()
                .flatten()
                .map(|name| name.to_ascii_lowercase())
                .collect(),
        }),
        LayoutName::Kv => Reader::Pairs(pairs(file)?),
        LayoutName::Cef => Reader::Cef(Vec::new()),
        LayoutName::Leef => Reader::Leef,
        LayoutName::Template => Reader::Templates(
            patterns(file)?
                .map(|pattern| {
                    Template::compile(pattern.get_ref(), keys, &escaped)
                        .map_err(|why| (pattern.span(), why))
                })
                .collect::<Result<_, _>>()?,
        ),
        LayoutName::Regex => Reader::Regexes(
            patterns(file)?
                .map(|pattern| regex(pattern, keys))
                .collect::<Result<_, _>>()?,
        ),
    })
}

/// Keys whose values have backslashes in front of quotes.
fn keys_with_backslashes(file: &File) -> Vec<String> {
    let tables = file.records.iter().map(|records| &records.fields);
    let places = tables
        .chain([&file.fields])
        .flat_map(|fields| fields.values());
    places
        .filter_map(|place| match place {
            Place::Part(part) if part.decode.list().iter().any(|d| d.keeps_quotes()) => {
                Some(part.from.list().to_vec())
            }
            _ => None,
        })
        .flatten()
        .collect()
}

fn one_byte(separator: Option<&Spanned<String>>) -> Result<u8, Wrong> {
    match separator {
        None => Ok(b','),
        Some(given) => match given.get_ref().as_bytes() {
            [byte] => Ok(*byte),
            _ => Err((
                given.span(),
                "the separator of csv is one character of ASCII".to_owned(),
            )),
        },
    }
}

fn pairs(file: &File) -> Result<Pairs, Wrong> {
    let text = |given: &Option<Spanned<String>>, usual: &str| match given {
        Some(given) if given.get_ref().is_empty() => {
            Err((given.span(), "this must not be empty".to_owned()))
        }
        Some(given) => Ok(given.get_ref().clone().into_bytes()),
        None => Ok(usual.as_bytes().to_vec()),
    };
    let escape = file.escape.unwrap_or(true);
    Ok(Pairs {
        separator: text(&file.separator, " ")?,
        assign: text(&file.assign, "=")?,
        begin: file
            .begin
            .iter()
            .flat_map(|begin| begin.list())
            .map(|begin| begin.clone().into_bytes())
            .collect(),
        end: file.end.clone().unwrap_or_default().into_bytes(),
        quotes: file.quotes.unwrap_or(true),
        quoted: if escape { Form::Backslash } else { Form::Plain },
        bare: Form::Plain,
        blanks: file.blanks.unwrap_or(false),
        once: file.twice == Some(Twice::Bad),
    })
}

fn patterns(file: &File) -> Result<impl Iterator<Item = &Spanned<String>>, Wrong> {
    let given = file.pattern.iter().chain(file.patterns.iter().flatten());
    if given.clone().next().is_none() {
        let why = format!(
            "the layout {:?} needs a pattern",
            file.layout.get_ref().as_str()
        );
        return Err((file.layout.span(), why));
    }
    Ok(given)
}

fn regex(pattern: &Spanned<String>, keys: &mut Keys) -> Result<Regex, Wrong> {
    let wrong = |why: String| (pattern.span(), why);
    let regex = regex::bytes::RegexBuilder::new(pattern.get_ref())
        .unicode(false)
        .size_limit(4 << 20)
        .build()
        .map_err(|error| {
            wrong(
                error
                    .to_string()
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .to_owned(),
            )
        })?;
    let groups: Vec<_> = regex
        .capture_names()
        .enumerate()
        .filter_map(|(group, name)| Some((group, keys.slot(name?))))
        .collect();
    if groups.is_empty() {
        return Err(wrong(
            "no named group in it, such as (?<host>[^ ]+)".to_owned(),
        ));
    }
    Ok(Regex { regex, groups })
}

fn labels(keys: &mut Keys) -> Vec<Label> {
    let names = keys.names().to_vec();
    names
        .iter()
        .filter_map(|name| Some((name.strip_prefix("label:")?.into(), keys.slot(name))))
        .collect()
}

/// Whatever is asked for in a pattern has to be in it.
fn check_pattern_keys(file: &File, reader: &Reader, names: &[String]) -> Result<(), Wrong> {
    let has = |name: &str| match reader {
        Reader::Templates(_) => file
            .pattern
            .iter()
            .chain(file.patterns.iter().flatten())
            .any(|pattern| pattern.get_ref().contains(&format!("{{{name}}}"))),
        Reader::Regexes(_) => file
            .pattern
            .iter()
            .chain(file.patterns.iter().flatten())
            .any(|pattern| pattern.get_ref().contains(&format!("<{name}>"))),
        _ => true,
    };
    match names.iter().find(|name| !has(name)) {
        Some(name) => Err((file.layout.span(), format!("no pattern holds {name:?}"))),
        None => Ok(()),
    }
}

fn recognised(file: &File, keys: &mut Keys) -> Result<Option<Recognised>, Wrong> {
    let given = &file.recognise;
    if given.keys.is_empty()
        && given.values.is_empty()
        && given.shapes.is_empty()
        && given.text.is_empty()
    {
        return Ok(None);
    }
    let words = |values: &OneOrMore| Words::of(values.list());
    Ok(Some(Recognised {
        text: given
            .text
            .iter()
            .map(|text| Finder::new(text).into_owned())
            .collect(),
        keys: given.keys.iter().map(|key| keys.slot(key)).collect(),
        values: given
            .values
            .iter()
            .map(|(key, values)| (keys.slot(key), words(values)))
            .collect(),
        shapes: given
            .shapes
            .iter()
            .map(|(key, shape)| (keys.slot(key.get_ref()), *shape))
            .collect(),
        sureness: given.sureness.unwrap_or(USUAL_SURENESS).min(100),
    }))
}

fn advice(file: &File) -> Result<Vec<(Field, &'static str)>, Wrong> {
    file.advice
        .iter()
        .map(|(name, text)| {
            let field = Field::ALL
                .iter()
                .copied()
                .find(|field| field.as_str() == name.get_ref());
            match field {
                Some(field) => Ok((field, kept(text))),
                None => Err(unknown_field(name.get_ref(), name.span())),
            }
        })
        .collect()
}

fn unknown_field(name: &str, span: Range<usize>) -> Wrong {
    let names = Field::ALL.iter().map(|field| field.as_str());
    let hint = match nearest(name, names.clone()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("expected one of: {}", names.collect::<Vec<_>>().join(", ")),
    };
    (span, format!("unknown field {name:?}, {hint}"))
}
