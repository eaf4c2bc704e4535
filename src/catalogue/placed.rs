//! A value of a signature file with the place where it stands.
//!
//! `toml::Spanned` knows places while TOML is read and nothing else. The binary carries the signatures in a
//! compact form that the build script writes; there the bytes at which a value began are carried beside it.

use std::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value and the bytes of its file that it was read from.
pub(super) struct Placed<T> {
    span: Range<usize>,
    value: T,
}

impl<T> Placed<T> {
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub(super) const fn get_ref(&self) -> &T {
        &self.value
    }

    pub(super) fn into_inner(self) -> T {
        self.value
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Placed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let spanned = toml::Spanned::<T>::deserialize(deserializer)?;
            return Ok(Self {
                span: spanned.span(),
                value: spanned.into_inner(),
            });
        }
        let (start, value) = <(usize, T)>::deserialize(deserializer)?;
        Ok(Self {
            span: start..start,
            value,
        })
    }
}

impl<T: Serialize> Serialize for Placed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.span.start, &self.value).serialize(serializer)
    }
}
