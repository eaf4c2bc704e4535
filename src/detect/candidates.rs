//! Hosts in no signature that look like GenAI, and why.
//!
//! Candidates are a list to look through, never an alert: a name proves nothing. `.ai` alone is no reason
//! (most of that zone is no AI); words count as whole labels or label parts, so that `claudetoto.example` and
//! `llamarpc.example` stay out. The strongest reason is the shape of a request (see `shape.rs`).

use super::shape;

/// Words that stand for generative AI wherever a label part is exactly one of them.
const WORDS: &[&str] = &[
    "aichat",
    "aichatbot",
    "aiwriter",
    "chatai",
    "chatbotai",
    "chatgpt",
    "claude",
    "comfyui",
    "deepseek",
    "diffusion",
    "genai",
    "gpt",
    "langchain",
    "langflow",
    "librechat",
    "litellm",
    "llm",
    "llms",
    "localai",
    "midjourney",
    "ollama",
    "openai",
    "openwebui",
    "promptflow",
    "qwen",
    "stablediffusion",
    "vllm",
];

/// Words that count only in the `.ai` zone.
const WORDS_IN_AI: &[&str] = &[
    "agent",
    "agents",
    "assistant",
    "bot",
    "chat",
    "chatbot",
    "copilot",
    "prompt",
    "voice",
    "write",
    "writer",
];

/// Why a host name looks like GenAI, in sentences; empty when it does not.
#[must_use]
pub fn host_reasons(host: &str) -> Vec<String> {
    let in_ai = host.ends_with(".ai");
    let mut reasons = Vec::new();
    for part in host.as_bytes().split(|b| matches!(b, b'.' | b'-' | b'_')) {
        if is_word(WORDS, part) || is_gpt_word(part) || (in_ai && is_word(WORDS_IN_AI, part)) {
            let part = String::from_utf8_lossy(part);
            reasons.push(format!("its name holds \"{part}\""));
        }
    }
    reasons.sort();
    reasons.dedup();
    reasons
}

/// Whether it is one of these. Nearly no part is as long as one of them and begins as it does.
fn is_word(words: &[&str], part: &[u8]) -> bool {
    let is_it = |word: &&str| {
        word.len() == part.len()
            && word.as_bytes().first() == part.first()
            && word.as_bytes() == part
    };
    words.iter().any(is_it)
}

/// Why a request to an unknown host looks like a model API.
#[must_use]
pub fn path_reason(path: &[u8], method: Option<&[u8]>) -> Option<String> {
    let shape = shape::of(path, method).filter(|shape| shape.hints)?;
    let (family, call) = (shape.family, shape.call);
    Some(format!("requests have the shape of {family} {call}"))
}

/// `mygpt`, `gpt4`, `autogpt`, but not `egpt` of three letters or a random string.
fn is_gpt_word(part: &[u8]) -> bool {
    let numbered = part.strip_prefix(b"gpt").is_some_and(|rest| {
        !rest.is_empty() && rest.len() <= 2 && rest.iter().all(u8::is_ascii_digit)
    });
    let suffixed = part.strip_suffix(b"gpt").is_some_and(|stem| {
        stem.len() >= 2 && stem.len() <= 12 && stem.iter().all(u8::is_ascii_lowercase)
    });
    numbered || suffixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_count_and_look_alikes_do_not() {
        assert_eq!(
            host_reasons("chat-gpt.example.org"),
            ["its name holds \"gpt\""]
        );
        assert_eq!(
            host_reasons("lawgpt.example"),
            ["its name holds \"lawgpt\""]
        );
        assert!(!host_reasons("ollama.lan.example").is_empty());
        for innocent in [
            "claudetoto.com",
            "llamarpc.com",
            "bard.edu",
            "vdo.ai",
            "copilot.markets",
            "chat.example.org",
            "egpt.example",
            "www.google.com",
            "hybrid.ai",
        ] {
            assert!(host_reasons(innocent).is_empty(), "{innocent}");
        }
    }

    #[test]
    fn only_a_posted_model_api_path_is_a_shape() {
        let post = Some(b"POST".as_slice());
        assert!(path_reason(b"/v1/chat/completions", post).is_some());
        assert!(path_reason(b"/openai/v1/chat/completions", post).is_some());
        assert!(path_reason(b"/v1/chat/completions", Some(b"GET")).is_none());
        assert!(path_reason(b"/v1/messages-archive", post).is_none());
        assert!(path_reason(b"/blog/a/b/c/v1/messages", post).is_none());
    }
}
