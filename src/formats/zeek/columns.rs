//! The columns of Zeek's logs that we read, by name, and the logs they occur in.
//!
//! Names and meanings as in the `Info` records of Zeek 4.0 to 8.2 (`scripts/base/protocols/*/main.zeek`);
//! which of them a file has, and in which order, only its `#fields` line knows.

use crate::model::{Field, Fields, Kind};

macro_rules! columns {
    ($($variant:ident = $name:literal,)+) => {
        /// One column that we read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Column { $($variant,)+ }

        impl Column {
            pub(super) const ALL: &'static [Self] = &[$(Self::$variant,)+];
            pub(super) const COUNT: usize = Self::ALL.len();

            /// The column of this name; shippers that cannot write dots write `id_orig_h`.
            pub(super) fn named(name: &[u8]) -> Option<Self> {
                $(if name == $name { return Some(Self::$variant); })+
                match name {
                    b"id_orig_h" => Some(Self::OrigHost),
                    b"id_orig_p" => Some(Self::OrigPort),
                    b"id_resp_h" => Some(Self::RespHost),
                    b"id_resp_p" => Some(Self::RespPort),
                    _ => None,
                }
            }
        }
    };
}

columns! {
    Time = b"ts",
    Path = b"_path",
    OrigHost = b"id.orig_h",
    OrigPort = b"id.orig_p",
    RespHost = b"id.resp_h",
    RespPort = b"id.resp_p",
    Transport = b"proto",
    // dns
    Query = b"query",
    QtypeName = b"qtype_name",
    Rcode = b"rcode",
    Opcode = b"opcode",
    RoundTrip = b"rtt",
    Answers = b"answers",
    // http
    Method = b"method",
    Host = b"host",
    Uri = b"uri",
    Referrer = b"referrer",
    UserAgent = b"user_agent",
    RequestLength = b"request_body_len",
    ResponseLength = b"response_body_len",
    Status = b"status_code",
    UserName = b"username",
    ResponseType = b"resp_mime_types",
    // ssl, quic
    ServerName = b"server_name",
    Established = b"established",
    LastAlert = b"last_alert",
    // conn
    Duration = b"duration",
    OrigBytes = b"orig_bytes",
    RespBytes = b"resp_bytes",
    ConnState = b"conn_state",
}

impl Column {
    /// The fields of an event that this column of this log fills.
    const fn fields(self, log: Log) -> Fields {
        use Field as F;
        match (self, log) {
            (Self::OrigHost, _) => Fields::of(&[F::Client]),
            (Self::OrigPort, _) => Fields::of(&[F::ClientPort]),
            (Self::RespHost, _) => Fields::of(&[F::Server]),
            // The port of a DNS server says nothing about the name that was asked for.
            (Self::RespPort, Log::Http | Log::Ssl | Log::Quic | Log::Conn) => {
                Fields::of(&[F::Port])
            }
            (Self::Query, Log::Dns) | (Self::ServerName, Log::Ssl | Log::Quic) => {
                Fields::of(&[F::Host])
            }
            (Self::QtypeName, Log::Dns) => Fields::of(&[F::Qtype]),
            (Self::Answers, Log::Dns) => Fields::of(&[F::Answers]),
            (Self::RoundTrip, Log::Dns) | (Self::Duration, Log::Conn) => {
                Fields::of(&[F::DurationMs])
            }
            (Self::Rcode, Log::Dns)
            | (Self::Established | Self::LastAlert, Log::Ssl)
            | (Self::ConnState, Log::Conn) => Fields::of(&[F::Outcome]),
            (Self::Method, Log::Http) => Fields::of(&[F::Method]),
            (Self::Host, Log::Http) => Fields::of(&[F::Host, F::Port]),
            (Self::Uri, Log::Http) => Fields::of(&[F::Host, F::Port, F::Path]),
            (Self::Referrer, Log::Http) => Fields::of(&[F::RefererHost]),
            (Self::UserAgent, Log::Http) => Fields::of(&[F::UserAgent]),
            (Self::RequestLength, Log::Http) | (Self::OrigBytes, Log::Conn) => {
                Fields::of(&[F::BytesUp])
            }
            (Self::ResponseLength, Log::Http) | (Self::RespBytes, Log::Conn) => {
                Fields::of(&[F::BytesDown])
            }
            (Self::Status, Log::Http) => Fields::of(&[F::Status, F::Outcome]),
            (Self::UserName, Log::Http) => Fields::of(&[F::User]),
            (Self::ResponseType, Log::Http) => Fields::of(&[F::ContentType]),
            _ => Fields::NONE,
        }
    }
}

/// One of Zeek's logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Log {
    Dns,
    Http,
    Ssl,
    Quic,
    Conn,
}

impl Log {
    pub(super) const ALL: [Self; 5] = [Self::Dns, Self::Http, Self::Ssl, Self::Quic, Self::Conn];

    /// Its name in `#path` and `_path`.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Http => "http",
            Self::Ssl => "ssl",
            Self::Quic => "quic",
            Self::Conn => "conn",
        }
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Dns => Kind::Dns,
            Self::Http => Kind::Proxy,
            Self::Ssl | Self::Quic => Kind::Tls,
            Self::Conn => Kind::Flow,
        }
    }

    /// What a file with all of Zeek's default columns can tell.
    pub(super) const fn tells(self) -> Fields {
        let mut fields = Fields::NONE;
        let mut i = 0;
        while i < Column::COUNT {
            fields = fields.union(Column::ALL[i].fields(self));
            i += 1;
        }
        fields
    }

    /// What a file with these columns can tell.
    pub(super) fn tells_with(self, has: impl Fn(Column) -> bool) -> Fields {
        Column::ALL
            .iter()
            .filter(|column| has(**column))
            .fold(Fields::NONE, |fields, column| {
                fields.union(column.fields(self))
            })
    }

    /// Why a file with these columns is of no use, if it is not.
    pub(super) fn lacks(self, has: impl Fn(Column) -> bool) -> Option<&'static str> {
        if !has(Column::Time) {
            return Some("no ts column");
        }
        match self {
            Self::Dns if !has(Column::Query) => Some("no query column"),
            Self::Http if !has(Column::Host) && !has(Column::Uri) => {
                Some("no host and no uri column")
            }
            Self::Ssl | Self::Quic if !has(Column::ServerName) => Some("no server_name column"),
            _ => None,
        }
    }
}
