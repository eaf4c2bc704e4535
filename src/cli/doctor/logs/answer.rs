//! One source for programs: the same answers as on the page, as JSON. Numbers are counts, texts from logs are made safe.

use serde_json::{Map, Value, json};

use crate::model::{Field, Sample};
use crate::pipeline::Survey;

use super::page::chosen;
use super::standing;
use super::words::Words;

/// What is said of one source.
pub(super) fn source(survey: &Survey, words: &Words) -> Value {
    let coverage = &survey.coverage;
    let format = survey.format.as_ref();
    let recognised = chosen(survey).map(|ranked| {
        json!({
            "records_percent": whole(ranked.share * 100.0),
            "sureness": whole(ranked.mean_score),
        })
    });
    let fields: Map<String, Value> = Field::ALL
        .iter()
        .map(|field| {
            let count = survey.count(*field);
            let count = json!({ "told": count.told, "present": count.present });
            (field.as_str().to_owned(), count)
        })
        .collect();
    let hints: Vec<Value> = words
        .doubts(survey)
        .into_iter()
        .map(|doubt| json!({ "about": doubt.as_str(), "text": words.sentence(survey, doubt) }))
        .collect();
    let samples: Vec<Value> = coverage.bad_samples.iter().map(sample).collect();
    json!({
        "source": coverage.source,
        "standing": standing(survey, words),
        "format": format.map(|format| format.name),
        "title": format.map(|format| format.title),
        "recognised": recognised,
        "mixed": survey.detection.mixed,
        "read": coverage.read,
        "events": coverage.events,
        "skipped": coverage.skipped,
        "bad": coverage.bad,
        "bytes": coverage.bytes,
        "cut": survey.is_cut,
        "first": coverage.first,
        "last": coverage.last,
        "fields": fields,
        "to_see_more": to_see_more(survey),
        "skipped_reasons": survey.skipped,
        "bad_reasons": survey.bad_reasons(),
        "bad_samples": samples,
        "hints": hints,
        "notes": coverage.notes,
    })
}

fn to_see_more(survey: &Survey) -> Vec<Value> {
    let Some(format) = &survey.format else {
        return Vec::new();
    };
    let sentences = format.advice_for(&survey.lacking());
    let said = sentences.into_iter().map(|(fields, text)| {
        let fields: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
        json!({ "fields": fields, "text": text })
    });
    said.collect()
}

fn sample(sample: &Sample) -> Value {
    json!({ "line": sample.line, "why": sample.why, "text": sample.text.shown() })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a percentage"
)]
fn whole(percent: f64) -> u8 {
    percent.round() as u8
}
