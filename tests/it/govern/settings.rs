//! What the enterprise says about itself.

use super::*;
use gnomon::govern::Settings;
use gnomon::govern::risk::Jurisdiction;

#[test]
fn countries_on_no_list_are_other_and_without_lists_unknown() {
    let text =
        "sensitive_groups = [\"legal\"]\n[jurisdictions]\nallowed = [\"DE\"]\nbarred = [\"XX\"]";
    let settings: Settings = toml::from_str(text).unwrap();
    assert_eq!(settings.jurisdiction("de"), Some(Jurisdiction::Allowed));
    assert_eq!(settings.jurisdiction("XX"), Some(Jurisdiction::Barred));
    assert_eq!(settings.jurisdiction("FR"), Some(Jurisdiction::Other));
    assert_eq!(settings.jurisdiction(""), None);
    assert_eq!(Settings::default().jurisdiction("DE"), None);
    assert!(settings.is_sensitive("Legal") && !settings.is_sensitive("sales"));
}

#[test]
fn office_hours_follow_the_zone_and_the_week() {
    let hours = Settings::default().office_hours;
    let utc = jiff::tz::TimeZone::UTC;
    let east = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    let monday = day("2026-11-23T09:00:00Z");
    assert!(!hours.is_off(monday, &utc));
    assert!(!hours.is_off(monday, &east));
    assert!(hours.is_off(day("2026-11-23T12:00:00Z"), &east));
    assert!(hours.is_off(day("2026-11-22T09:00:00Z"), &utc));
}

#[test]
fn a_misspelt_setting_is_an_error() {
    let error = toml::from_str::<Settings>("populaton = 3").unwrap_err();
    assert!(error.to_string().contains("unknown field `populaton`"));
}

#[test]
fn values_that_make_no_sense_name_their_key() {
    assert_eq!(Settings::default().problems(), Vec::<String>::new());
    let text = "population = 0\n[office_hours]\nfrom_hour = 20\nuntil_hour = 7\n\
                [jurisdictions]\nallowed = [\"DE\", \"Germany\"]\nbarred = [\"de\"]";
    let problems = toml::from_str::<Settings>(text).unwrap().problems();
    for word in [
        "population",
        "from 20 until 7",
        "GERMANY",
        "DE is listed twice",
    ] {
        assert!(
            problems.iter().any(|problem| problem.contains(word)),
            "{word}: {problems:?}"
        );
    }
    assert_eq!(problems.len(), 4);
}
