//! Slack, through an incoming webhook.
//!
//! Everything that may come from a log goes into `plain_text` objects, which Slack neither links nor reads for
//! mentions; the fallback `text` is escaped as Slack asks (`&`, `<`, `>`). Limits after Slack's Block Kit
//! reference: 150 characters in a header, 3,000 in a text object.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::model::{Alert, Severity};

use super::http::Poster;
use super::settings::{ChannelSettings, SettingsError};
use super::{Channel, Delivery, Receipt, one_line};

const HEADER_CHARS: usize = 150;
const LINE_CHARS: usize = 240;
const TEXT_CHARS: usize = 2_900;

pub(super) struct Slack {
    poster: Poster,
}

impl Slack {
    pub(super) fn new(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let url = match (&settings.url_file, &settings.url) {
            (Some(path), _) => settings.secret(path, "url_file")?,
            (None, Some(url)) => url.clone(),
            (None, None) => {
                return Err(settings.wrong("kind \"slack\" needs the key `url_file` or `url`"));
            }
        };
        let poster = Poster::new(&url).map_err(|reason| settings.wrong(reason))?;
        Ok(Self { poster })
    }
}

impl Channel for Slack {
    fn send(&mut self, alert: &Alert) -> Result<Receipt, Delivery> {
        self.poster
            .post(message(alert).to_string(), HeaderMap::new())
    }
}

/// The message as Slack wants it.
pub(super) fn message(alert: &Alert) -> Value {
    let mark = match alert.severity {
        Severity::Critical | Severity::High => "🔴",
        Severity::Medium => "🟠",
        Severity::Low => "🟡",
        Severity::Info => "🔵",
    };
    let title = format!("{mark} {}", one_line(&alert.title, HEADER_CHARS - 2));
    let mut blocks = vec![json!({"type": "header", "text": plain(&title)})];
    for (heading, lines) in [("", &alert.lines), ("What to do", &alert.next)] {
        if lines.is_empty() {
            continue;
        }
        let mut text = String::from(heading);
        for line in lines {
            let line = one_line(line, LINE_CHARS);
            if text.chars().count() + line.chars().count() > TEXT_CHARS {
                text.push_str("\n…");
                break;
            }
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str("• ");
            text.push_str(&line);
        }
        blocks.push(json!({"type": "section", "text": plain(&text)}));
    }
    json!({"text": escaped(&title), "blocks": blocks})
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": true})
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
