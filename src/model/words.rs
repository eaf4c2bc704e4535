//! The closed words: each an enum with one spelling, used in signatures, in the store and in output.
//!
//! One macro gives every enum the same four things (`as_str`, `ALL`, parsing, serde), so that a word
//! has exactly one spelling everywhere.

/// A word that is not on the closed list; the message names the list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {list} {word:?}, expected one of: {expected}")]
pub struct UnknownWord {
    /// What kind of word was expected.
    pub list: &'static str,
    /// The word that was given.
    pub word: String,
    /// The words that would have been right, separated by commas.
    pub expected: String,
}

/// Serialises a type as its `Display` and reads it back with its `FromStr`.
macro_rules! written_as_text {
    ($name:ident) => {
        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(
                    deserializer,
                )?;
                text.parse()
                    .map_err(<D::Error as ::serde::de::Error>::custom)
            }
        }
    };
}
pub(crate) use written_as_text;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident ($list:literal) { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// Every word of the list, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The one spelling of this word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::model::UnknownWord;
            fn from_str(word: &str) -> Result<Self, $crate::model::UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::model::UnknownWord {
                        list: $list,
                        word: word.to_owned(),
                        expected: Self::ALL.iter().map(|w| w.as_str()).collect::<Vec<_>>().join(", "),
                    }),
                }
            }
        }

        $crate::model::written_as_text!($name);
    };
}
pub(crate) use words;

words! {
    /// What sort of log an event comes from.
    Kind ("event kind") {
        /// A name was asked for.
        Dns = "dns",
        /// A TLS or QUIC handshake named a server.
        Tls = "tls",
        /// A connection was made; bytes at most.
        Flow = "flow",
        /// A proxy or HTTP log row.
        Proxy = "proxy",
    }
}

words! {
    /// What became of a request.
    Outcome ("outcome") {
        /// It went through.
        Allowed = "allowed",
        /// The log does not say (a DNS query log holds questions only).
        Unknown = "unknown",
        /// It failed for a reason that is no policy: a name that does not exist, an authentication challenge.
        Error = "error",
        /// Policy stopped it: an attempt, not a use.
        Blocked = "blocked",
    }
}

words! {
    /// How strong the evidence of use is; ordered from weak to strong.
    Grade ("grade") {
        /// The name was looked up; a browser's prefetch does this too.
        Resolved = "resolved",
        /// A connection was made.
        Connected = "connected",
        /// More than a handshake went over it.
        Exchanged = "exchanged",
        /// The client sent more than a question.
        Uploaded = "uploaded",
        /// A URL or the shape of the protocol shows the use itself.
        Confirmed = "confirmed",
    }
}

words! {
    /// What a host is to its service.
    Role ("role") {
        /// Where people use it. Defining.
        Ui = "ui",
        /// Where programs use it. Defining.
        Api = "api",
        /// Where the program or model comes from. Defining.
        Download = "download",
        /// Sign-in. Supports a finding.
        Auth = "auth",
        /// Static files. Supports a finding.
        Cdn = "cdn",
        /// Metrics. Supports a finding.
        Telemetry = "telemetry",
        /// Marketing and documentation: a visit, not a use.
        Site = "site",
        /// Shared with much that is no AI.
        Shared = "shared",
    }
}

impl Role {
    /// Whether this role alone makes a finding.
    #[must_use]
    pub const fn is_defining(self) -> bool {
        matches!(self, Self::Ui | Self::Api | Self::Download)
    }
}

words! {
    /// The account behind the use. Never guessed.
    Tier ("tier") {
        /// The log cannot tell.
        Unknown = "unknown",
        /// A contracted tenant.
        Enterprise = "enterprise",
        /// A contracted tenant that is not the enterprise's own.
        Foreign = "foreign",
        /// A personal or free account.
        Consumer = "consumer",
    }
}

words! {
    /// What spoke.
    Channel ("channel") {
        Unknown = "unknown",
        Browser = "browser",
        Sdk = "sdk",
        Cli = "cli",
        Ide = "ide",
        Agent = "agent",
        Server = "server",
    }
}

words! {
    /// The service model of the cloud, as NIST SP 800-145 names it.
    ServiceModel ("service model") {
        Saas = "saas",
        Paas = "paas",
        Iaas = "iaas",
    }
}

words! {
    /// What kind of application it is; decides which duties apply and which come first.
    Archetype ("archetype") {
        ConsumerChat = "consumer-chat",
        EnterpriseChat = "enterprise-chat",
        Embedded = "embedded",
        Api = "api",
        SelfHosted = "self-hosted",
        Agent = "agent",
        Voice = "voice",
        Router = "router",
    }
}

impl Archetype {
    /// The letter that the duty table uses for it.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::ConsumerChat => 'C',
            Self::EnterpriseChat => 'E',
            Self::Embedded => 'M',
            Self::Api => 'A',
            Self::SelfHosted => 'I',
            Self::Agent => 'G',
            Self::Voice => 'V',
            Self::Router => 'R',
        }
    }
}

words! {
    /// How sure a rule is that its host belongs to its service.
    Evidence ("evidence") {
        Definite = "definite",
        Probable = "probable",
        Weak = "weak",
    }
}

words! {
    /// What a URL shows the user doing.
    Activity ("activity") {
        Visit = "visit",
        Auth = "auth",
        Install = "install",
        Telemetry = "telemetry",
        Api = "api",
        Prompt = "prompt",
        Upload = "upload",
    }
}

impl Activity {
    /// Whether this is the service being used, beyond a look at it.
    #[must_use]
    pub const fn is_use(self) -> bool {
        matches!(self, Self::Api | Self::Prompt | Self::Upload)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_survives_its_spelling_and_a_wrong_one_names_the_list() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>(), Ok(*role));
        }
        let wrong = "gui".parse::<Role>().unwrap_err().to_string();
        assert!(wrong.contains("unknown role \"gui\"") && wrong.contains("telemetry"));
    }

    #[test]
    fn grades_are_ordered_from_weak_to_strong() {
        assert!(Grade::Resolved < Grade::Connected && Grade::Uploaded < Grade::Confirmed);
    }
}
