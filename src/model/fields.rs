//! Which fields a log can tell.
//!
//! A format that has no user column and one whose user column is empty are different answers: reports
//! print the first as "cannot tell". So an event carries a [`Fields`] set beside its values.

use serde::{Serialize, Serializer};

macro_rules! fields {
    ($($variant:ident = $word:literal,)+) => {
        /// One optional field of an event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Field { $(
            #[doc = concat!("`", $word, "` of the `gnomon events` output.")]
            $variant,
        )+ }

        impl Field {
            /// Every field, in the order of output.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Whether its absence is worth a word: the headers of one protocol are in hardly any log.
            #[must_use]
            pub const fn is_expected(self) -> bool {
                !matches!(
                    self,
                    Self::McpMethod | Self::McpName | Self::McpSession | Self::McpVersion
                )
            }

            /// Its name in output.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

fields! {
    Client = "client",
    ClientPort = "client_port",
    ClientName = "client_name",
    User = "user",
    Host = "host",
    Port = "port",
    Path = "path",
    Method = "method",
    Status = "status",
    Outcome = "outcome",
    BytesUp = "bytes_up",
    BytesDown = "bytes_down",
    DurationMs = "duration_ms",
    UserAgent = "user_agent",
    Qtype = "qtype",
    Answers = "answers",
    Server = "server",
    RefererHost = "referer_host",
    ContentType = "content_type",
    Category = "category",
    Device = "device",
    McpMethod = "mcp_method",
    McpName = "mcp_name",
    McpSession = "mcp_session",
    McpVersion = "mcp_version",
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields(u32);

impl Fields {
    /// No field.
    pub const NONE: Self = Self(0);

    /// The set of exactly these fields.
    #[must_use]
    pub const fn of(fields: &[Field]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < fields.len() {
            bits |= 1 << fields[i] as u32;
            i += 1;
        }
        Self(bits)
    }

    /// Whether the set holds this field.
    #[must_use]
    pub const fn has(self, field: Field) -> bool {
        self.0 & (1 << field as u32) != 0
    }

    /// This set and one more field.
    #[must_use]
    pub const fn with(self, field: Field) -> Self {
        Self(self.0 | (1 << field as u32))
    }

    /// The fields of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The fields, in the order of output.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().filter(move |f| self.has(*f))
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Field::as_str))
    }
}
