//! Defaults < file < environment: laid over one another table by table.

use std::path::Path;

use crate::model::Places;

use super::{Config, ConfigError};

/// The defaults, with their comments.
pub const DEFAULT: &str = include_str!("../../config/default.toml");

const PREFIX: &str = "GNOMON_";

/// Reads the configuration: `file` must exist when it is given; the usual file is read when it is there.
///
/// # Errors
/// Names the file and the place in it, or the variable.
pub fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let usual = super::default_config_file();
    let (path, must_exist) = file.map_or((usual.as_path(), false), |file| (file, true));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => String::new(),
        Err(error) => {
            return Err(ConfigError(format!(
                "{}: {error}; name another file with --config",
                path.display()
            )));
        }
    };
    load_text(&path.display().to_string(), &text, environment)
}

/// The same for a text at hand; `name` stands for the file in errors.
///
/// # Errors
/// Names the place in the text, or the variable.
pub fn load_text(
    name: &str,
    text: &str,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let placed = |error: &toml::de::Error| {
        ConfigError(Places::new(name, text).toml_error(error).to_string())
    };
    // By itself first: only here does an error know its place.
    toml::from_str::<Config>(text).map_err(|error| placed(&error))?;
    let mut table: toml::Table = DEFAULT
        .parse()
        .map_err(|error| ConfigError(format!("config/default.toml: {error}")))?;
    lay_over(
        &mut table,
        text.parse::<toml::Table>()
            .map_err(|error| placed(&error))?,
    );
    for (variable, value) in environment {
        if let Some(path) = variable
            .strip_prefix(PREFIX)
            .filter(|path| !path.is_empty())
        {
            set(&mut table, &variable, path, &value)?;
        }
    }
    Config::try_from_table(table)
}

impl Config {
    fn try_from_table(table: toml::Table) -> Result<Self, ConfigError> {
        toml::Value::Table(table)
            .try_into()
            .map_err(|error: toml::de::Error| {
                ConfigError(error.message().trim().replace('`', "\""))
            })
    }
}

fn lay_over(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => lay_over(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// `STORE__PATH` is `store.path`; a value that is TOML is read as such, any other is a string.
fn set(
    table: &mut toml::Table,
    variable: &str,
    path: &str,
    value: &str,
) -> Result<(), ConfigError> {
    let keys: Vec<String> = path.split("__").map(str::to_lowercase).collect();
    let read = format!("v = {value}")
        .parse::<toml::Table>()
        .ok()
        .and_then(|mut table| table.remove("v"))
        .unwrap_or_else(|| toml::Value::String(value.to_owned()));
    let Some((last, sections)) = keys.split_last() else {
        return Ok(());
    };
    let mut here = table;
    for section in sections {
        here = match here
            .entry(section.clone())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()))
        {
            toml::Value::Table(inner) => inner,
            _ => {
                return Err(ConfigError(format!(
                    "{variable}: {section:?} is no section of the configuration"
                )));
            }
        };
    }
    here.insert(last.clone(), read);
    let check = Config::try_from_table(table_root(&keys, last, here));
    check
        .map(|_| ())
        .map_err(|error| ConfigError(format!("{variable}: {error}")))
}

/// The one setting by itself, for checking it with its variable's name at hand.
fn table_root(keys: &[String], last: &str, inner: &toml::Table) -> toml::Table {
    let mut value = inner
        .get(last)
        .cloned()
        .unwrap_or(toml::Value::Boolean(false));
    for key in keys.iter().rev() {
        value = toml::Value::Table([(key.clone(), value)].into_iter().collect());
    }
    match value {
        toml::Value::Table(table) => table,
        _ => toml::Table::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config, String> {
        load_text("gnomon.toml", text, std::iter::empty()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_default_file_says_what_the_code_does_without_it() {
        let from_file = load("").unwrap();
        assert_eq!(from_file.detect, crate::detect::Settings::default());
        assert_eq!(from_file.sources, super::super::Sources::default());
        assert_eq!(from_file.identity, crate::identity::Settings::default());
        assert_eq!(from_file.govern, crate::govern::Settings::default());
        assert_eq!(from_file.store, super::super::StoreSettings::default());
        assert_eq!(from_file.timezone, "system");
    }

    #[test]
    fn an_unknown_key_is_told_with_its_place_and_a_suggestion() {
        let error = load("timezone = \"UTC\"\n[sources]\n  pol_ms = 5\n").unwrap_err();
        assert_eq!(
            error,
            "gnomon.toml:3:3: unknown key \"pol_ms\", did you mean \"poll_ms\"?"
        );
        let error = load("[[input]]\npath = \"/var/log/x\"\n").unwrap_err();
        assert!(
            error.starts_with("gnomon.toml:1:3: unknown key \"input\", did you mean \"inputs\"?"),
            "{error}"
        );
        let error = load("workers = \"two\"\n").unwrap_err();
        assert!(error.starts_with("gnomon.toml:1:11: "), "{error}");
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let environment = [
            ("GNOMON_STORE__PATH", "/srv/g.db"),
            ("GNOMON_WORKERS", "3"),
            ("HOME", "/root"),
        ];
        let environment = environment
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v.to_owned()));
        let config = load_text(
            "gnomon.toml",
            "workers = 1\n[store]\npath = \"/x\"",
            environment,
        )
        .unwrap();
        assert_eq!(config.workers, 3);
        assert_eq!(config.store.path, Path::new("/srv/g.db"));
    }

    #[test]
    fn a_line_longer_than_can_be_read_is_refused_with_its_place_and_range() {
        let error = load("[sources.limits]\nline_bytes = 1_000_000\n").unwrap_err();
        assert!(error.starts_with("gnomon.toml:2:"), "{error}");
        assert!(
            error.contains("line_bytes is 1000000, but may be 1024 to 524288"),
            "{error}"
        );
    }

    #[test]
    fn a_wrong_variable_is_named() {
        let environment = [("GNOMON_WORKER".to_owned(), "3".to_owned())];
        let error = load_text("gnomon.toml", "", environment.into_iter())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("GNOMON_WORKER: "), "{error}");
    }

    #[test]
    fn a_section_of_the_file_keeps_the_other_defaults() {
        let config = load("[detect]\nupload_bytes = 1\n").unwrap();
        assert_eq!(
            (config.detect.upload_bytes, config.detect.exchange_bytes),
            (1, 16_384)
        );
    }
}
