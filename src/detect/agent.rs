//! AI agents that name themselves in the user agent of an ordinary tool.
//!
//! Command-line tools of ordinary services have begun to say which agent runs them: GitLab's `glab` appends
//! `Coding-Agent/claude-code`, Slack's CLI `AI-Agent (name: claude-code, …)`, the Databricks SDKs `agent/claude-code`.
//! Where such a request goes is no AI; that an agent made it is worth knowing. The name is what the client says: it is
//! shown as such, and it changes nothing but its own row.

use memchr::memmem;

/// The longest name that is kept.
const LONGEST: usize = 40;

/// The agent that a user agent names beside the tool.
pub(super) fn named(user_agent: &[u8]) -> Option<&str> {
    // In all three, and in hardly any other.
    memmem::find(user_agent, b"gent")?;
    after(user_agent, b"Coding-Agent/")
        .or_else(|| after(user_agent, b"AI-Agent (name: "))
        .or_else(|| after(user_agent, b" agent/"))
}

fn after<'a>(user_agent: &'a [u8], sign: &[u8]) -> Option<&'a str> {
    let at = memmem::find(user_agent, sign)?;
    let rest = user_agent.get(at + sign.len()..)?;
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let length = rest.iter().take_while(|byte| is_of_name(byte)).count();
    let name = std::str::from_utf8(rest.get(..length.min(LONGEST))?).ok()?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_behind_an_ordinary_tool_is_named() {
        for user_agent in [
            "glab/v1.90.0 (linux, amd64) Coding-Agent/claude-code",
            "slack-cli/4.1.0 (os: linux) AI-Agent (name: claude-code, version: 2)",
            "databricks-sdk-go/0.99.0 go/1.25.0 os/linux agent/claude-code",
        ] {
            assert_eq!(
                named(user_agent.as_bytes()),
                Some("claude-code"),
                "{user_agent}"
            );
        }
        for user_agent in [
            "glab/v1.90.0 (linux, amd64)",
            "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
            "user-agent/5",
            "x Coding-Agent/",
            "x AI-Agent (name: \u{1b}[31m)",
        ] {
            assert_eq!(named(user_agent.as_bytes()), None, "{user_agent}");
        }
        let long = format!("x agent/{}", "a".repeat(500));
        assert_eq!(named(long.as_bytes()).map(str::len), Some(LONGEST));
    }
}
