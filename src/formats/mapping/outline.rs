//! JSON as it stands in a record: members, elements, texts, without asking what they mean.
//!
//! For those who look for records inside records. The same walk as [`super::json`], wanting no key.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::cell::{Cell, Form};
use super::json::{CUT, NOT_JSON, Walk};
use super::keys::Keys;

/// Shows the members of an object, each with its value as it stands in the record.
pub(in crate::formats) fn members<'a>(
    object: &'a [u8],
    mut show: impl FnMut(&'a [u8], &'a [u8]),
) -> Result<(), &'static str> {
    let keys = nothing();
    let mut walk = Walk::of(object, keys);
    if walk.take()? != b'{' {
        return Err(NOT_JSON);
    }
    walk.blanks();
    if walk.peek() == Some(b'}') {
        return Ok(());
    }
    loop {
        walk.blanks();
        if walk.peek().ok_or(CUT)? != b'"' {
            return Err(NOT_JSON);
        }
        let (key, _) = walk.string()?;
        if walk.take()? != b':' {
            return Err(NOT_JSON);
        }
        show(key, walk.stepped_over()?);
        match walk.take()? {
            b',' => {}
            b'}' => return Ok(()),
            _ => return Err(NOT_JSON),
        }
    }
}

/// The elements of a list, as they stand in the record; what cannot be read ends it.
pub(in crate::formats) fn elements(list: &[u8]) -> Vec<&[u8]> {
    let keys = nothing();
    let mut walk = Walk::of(list, keys);
    let mut found = Vec::new();
    if walk.take() != Ok(b'[') {
        return found;
    }
    while let Ok(element) = walk.stepped_over() {
        found.push(element);
        if walk.take() != Ok(b',') {
            break;
        }
    }
    found
}

/// Cuts off the first value of a text; none when it does not begin with a whole one.
pub(in crate::formats) fn first_value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let keys = nothing();
    let mut walk = Walk::of(text, keys);
    let value = walk.stepped_over().ok()?;
    Some((value, text.get(walk.at..)?))
}

/// What a string in the record means.
pub(in crate::formats) fn string_text(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    let inside = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(Cell::new(inside, Form::Json).text())
}

/// Keys of which none is wanted.
fn nothing() -> &'static Keys {
    static NOTHING: LazyLock<Keys> = LazyLock::new(|| Keys::new(false));
    &NOTHING
}
