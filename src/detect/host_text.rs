//! Where the bytes of a known host lie.

/// A host as logged. Nearly all are short enough to lie where the rest of what is known does, so that comparing one is not
/// another walk to the memory.
#[derive(Debug)]
pub(super) enum HostText {
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

/// Makes a [`HostText`] of 48 bytes.
const SHORT: usize = 46;

impl HostText {
    pub(super) fn of(text: &[u8]) -> Self {
        let mut short = [0; SHORT];
        match (short.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(text);
                Self::Short(length, short)
            }
            _ => Self::Long(text.into()),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Short(length, short) => short.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_every_length_come_back() {
        let host = [b'a'; 300];
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 256, 300] {
            let text = host.get(..length).unwrap();
            assert_eq!(HostText::of(text).bytes(), text);
        }
        assert_eq!(size_of::<HostText>(), 48);
    }
}
