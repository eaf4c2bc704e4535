//! What the shape of a request says of a host in no signature: does it speak the language of models?
//!
//! The paths are those of the published SDKs and servers: OpenAI (openai-python), Anthropic (anthropic-sdk-python), Google
//! (Gemini API and Vertex AI), Amazon Bedrock's runtime, Ollama, and the streamable HTTP transport of the Model Context
//! Protocol. Many servers imitate them. A path alone proves nothing: `/v1/models` may list cars, `/v1/messages` may be a
//! chat between people. So a shape says how telling it is, and what follows from all of them is judged elsewhere.

use std::net::IpAddr;

use crate::model::{Event, Kind, Outcome, Untrusted};

/// How telling a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Hardly anything but a model is asked this way.
    Specific,
    /// Other services are asked this way too.
    Generic,
    /// A list of models or what is like it: supports the others, says nothing alone.
    Supporting,
}

/// The shape of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Whose interface it is like.
    pub(super) family: &'static str,
    /// What was called.
    pub(super) call: &'static str,
    pub(super) sign: Sign,
    /// Whether one such request makes its host a candidate.
    pub(super) hints: bool,
}

impl Shape {
    /// Whether it is a request of the Model Context Protocol.
    pub(super) fn is_mcp(&self) -> bool {
        self.family == MCP
    }

    /// The shape in words, as a mark has it.
    pub(super) fn text(&self) -> String {
        let word = match self.sign {
            Sign::Specific => "specific",
            Sign::Generic => "generic",
            Sign::Supporting => "supporting",
        };
        format!("{word}: {} {}", self.family, self.call)
    }
}

const MCP: &str = "MCP";

/// The most segments of a mount point before the shape, and the most that a shape looks at.
const MOUNT: usize = 2;
const SEGMENTS: usize = 12;

const fn shape(family: &'static str, call: &'static str, sign: Sign, hints: bool) -> Shape {
    Shape {
        family,
        call,
        sign,
        hints,
    }
}

/// The shape of a request with this method and path, if it has one.
pub(super) fn of(path: &[u8], method: Option<&[u8]>) -> Option<Shape> {
    let path = path.strip_prefix(b"/")?;
    let mut cut: [&[u8]; SEGMENTS] = [b""; SEGMENTS];
    let mut count = 0;
    for (segment, place) in path.split(|byte| *byte == b'/').zip(&mut cut) {
        *place = segment;
        count += 1;
    }
    let segments = cut.get(..count)?;
    let by_method: fn(&[&[u8]]) -> Option<Shape> = match method? {
        b"POST" => posted,
        b"GET" => got,
        b"DELETE" => deleted,
        _ => return None,
    };
    (0..=MOUNT.min(count)).find_map(|mount| by_method(segments.get(mount..)?))
}

fn posted(segments: &[&[u8]]) -> Option<Shape> {
    use Sign::{Generic, Specific};
    Some(match segments {
        [b"v1", b"chat", b"completions", ..] => shape("OpenAI", "chat completions", Specific, true),
        [b"v1", b"completions"] => shape("OpenAI", "completions", Specific, true),
        [b"v1", b"responses", ..] => shape("OpenAI", "responses", Generic, true),
        [b"v1", b"embeddings", ..] => shape("OpenAI", "embeddings", Generic, true),
        [b"v1", b"images", b"generations", ..] => {
            shape("OpenAI", "image generation", Specific, true)
        }
        [b"v1", b"audio", b"transcriptions" | b"speech", ..] => {
            shape("OpenAI", "transcription", Specific, true)
        }
        [b"v1", b"messages", ..] => shape("Anthropic", "messages", Generic, true),
        [b"openai", b"deployments", _, ..] => shape("Azure OpenAI", "deployments", Specific, true),
        [b"v1" | b"v1beta", b"models", model] if is_gemini(model) => {
            shape("Gemini", "generate content", Specific, true)
        }
        [b"publishers", _, b"models", model] if is_gemini(model) || is_predict(model) => {
            shape("Vertex AI", "publisher models", Specific, true)
        }
        [
            b"model",
            _,
            b"invoke" | b"invoke-with-response-stream" | b"converse" | b"converse-stream",
        ] => shape("Bedrock", "model invocation", Specific, true),
        [b"api", b"generate"] => shape("Ollama", "generate", Generic, true),
        [b"api", b"chat"] => shape("Ollama", "chat", Generic, false),
        [b"api", b"embed" | b"embeddings"] => shape("Ollama", "embed", Generic, false),
        [b"api", b"pull"] => shape("Ollama", "pull", Sign::Supporting, false),
        [b"mcp"] | [b"mcp", b""] => shape(MCP, "a message to the endpoint", Generic, false),
        _ => return None,
    })
}

fn got(segments: &[&[u8]]) -> Option<Shape> {
    use Sign::Supporting;
    Some(match segments {
        [b"v1", b"models", ..] => shape("OpenAI", "list of models", Supporting, false),
        [b"api", b"tags" | b"ps" | b"version"] => {
            shape("Ollama", "list of models", Supporting, false)
        }
        [b"mcp"] | [b"mcp", b""] => shape(MCP, "a stream of the endpoint", Supporting, false),
        [b".well-known", b"oauth-protected-resource", ..] => {
            shape(MCP, "the question for its authorisation", Supporting, false)
        }
        _ => return None,
    })
}

fn deleted(segments: &[&[u8]]) -> Option<Shape> {
    matches!(segments, [b"mcp"] | [b"mcp", b""])
        .then(|| shape(MCP, "the end of a session", Sign::Supporting, false))
}

/// `gemini-2.5-pro:generateContent`
fn is_gemini(model: &[u8]) -> bool {
    const CALLS: &[&[u8]] = &[
        b":generateContent",
        b":streamGenerateContent",
        b":embedContent",
        b":batchEmbedContents",
        b":countTokens",
    ];
    CALLS.iter().any(|call| model.ends_with(call))
}

fn is_predict(model: &[u8]) -> bool {
    const CALLS: &[&[u8]] = &[b":rawPredict", b":streamRawPredict", b":predict"];
    CALLS.iter().any(|call| model.ends_with(call))
}

/// Whether the answer came bit by bit, as that of a model does.
pub(super) fn is_stream(event: &Event<'_>) -> bool {
    event.content_type.as_ref().is_some_and(|kind| {
        kind.bytes()
            .get(..17)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"text/event-stream"))
    })
}

/// How long an answer takes that somebody or something had to think about, in milliseconds.
const LONG_MS: u64 = 3_000;

/// Whether the answer took long.
pub(super) fn is_long(event: &Event<'_>) -> bool {
    event.duration_ms.is_some_and(|took| took >= LONG_MS)
}

/// Whether a request went through, as far as the log tells: who is refused speaks to nobody.
pub(super) fn went_through(event: &Event<'_>) -> bool {
    event.kind == Kind::Proxy
        && matches!(event.outcome, Outcome::Allowed | Outcome::Unknown)
        && event
            .status
            .is_none_or(|status| (200..300).contains(&status))
}

/// Whether a host is of the own network: a private address, or a name that the public DNS does not have.
pub(super) fn is_private(host: &str, server: Option<IpAddr>) -> bool {
    const ENDINGS: &[&str] = &[
        ".local",
        ".lan",
        ".internal",
        ".intranet",
        ".home.arpa",
        ".localdomain",
        ".corp",
    ];
    if let Ok(address) = host.parse() {
        return is_own(address);
    }
    !host.contains('.')
        || ENDINGS.iter().any(|ending| host.ends_with(ending))
        || server.is_some_and(is_own)
}

/// Whether an address is of the own network, as far as addresses tell.
pub(super) fn is_own(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// The address that stands where a host name would, `192.168.1.20`.
pub(super) fn address_of(host: &Untrusted<'_>) -> Option<IpAddr> {
    std::str::from_utf8(host.bytes()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: &str, path: &str) -> Option<(&'static str, Sign)> {
        of(path.as_bytes(), Some(method.as_bytes())).map(|shape| (shape.family, shape.sign))
    }

    #[test]
    fn requests_of_the_published_interfaces_are_told_apart() {
        use Sign::{Generic, Specific, Supporting};
        for (method, path, family, sign) in [
            ("POST", "/v1/chat/completions", "OpenAI", Specific),
            ("POST", "/openai/v1/chat/completions", "OpenAI", Specific),
            ("POST", "/v1/messages", "Anthropic", Generic),
            ("POST", "/v1/messages/count_tokens", "Anthropic", Generic),
            (
                "POST",
                "/openai/deployments/x/embeddings",
                "Azure OpenAI",
                Specific,
            ),
            (
                "POST",
                "/v1beta/models/gemini-x:streamGenerateContent",
                "Gemini",
                Specific,
            ),
            ("POST", "/model/some.model-v1/invoke", "Bedrock", Specific),
            ("POST", "/api/chat", "Ollama", Generic),
            ("GET", "/api/tags", "Ollama", Supporting),
            ("GET", "/v1/models", "OpenAI", Supporting),
            ("POST", "/mcp", "MCP", Generic),
            ("DELETE", "/team/mcp", "MCP", Supporting),
        ] {
            assert_eq!(found(method, path), Some((family, sign)), "{method} {path}");
        }
    }

    #[test]
    fn longer_words_deeper_places_and_other_methods_are_no_shape() {
        for (method, path) in [
            ("POST", "/v1/messages-archive"),
            ("POST", "/blog/a/b/c/v1/messages"),
            ("GET", "/v1/chat/completions"),
            ("POST", "/v1/models"),
            ("POST", "/model/golf/invoice"),
            ("POST", "/v1beta/models/golf"),
            ("PUT", "/mcp"),
            ("POST", "/mcp-notes"),
            ("POST", "v1/messages"),
            ("POST", ""),
        ] {
            assert_eq!(found(method, path), None, "{method} {path}");
        }
        let deep = "/x".repeat(10_000);
        assert_eq!(found("POST", &deep), None);
    }

    #[test]
    fn own_networks_are_known_by_address_and_by_name() {
        let server = |text: &str| text.parse().ok();
        assert!(is_private("192.168.1.20", None) && is_private("gpu01", None));
        assert!(is_private("llm.lan", None) && is_private("llm.example.org", server("10.0.0.5")));
        assert!(!is_private("llm.example.org", server("203.0.113.5")));
        assert!(!is_private("203.0.113.5", None));
    }
}
