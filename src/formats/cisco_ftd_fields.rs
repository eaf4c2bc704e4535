//! The `Key: value, Key: value` text of Threat Defense events, whose values may hold commas, colons and blanks.
//!
//! So a value ends where `, ` and a *known* key follow. Values that a client controls can imitate that: of a key told
//! twice the first counts, which saves addresses, action and user, as they come before all such values. The user agent
//! comes before the URL and ends at the *last* `, Client: `: what was found inside of it is forgotten. Blanks in keys
//! are ignored, because managers before 6.3 write `Access Control Rule Action`.

use memchr::memmem;

use super::cursor::{split_around, split_last};

/// What a connection event tells, as written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told<'a> {
    pub(super) action: Option<&'a [u8]>,
    pub(super) protocol: Option<&'a [u8]>,
    pub(super) source: Option<&'a [u8]>,
    pub(super) source_port: Option<&'a [u8]>,
    pub(super) destination: Option<&'a [u8]>,
    pub(super) destination_port: Option<&'a [u8]>,
    pub(super) user: Option<&'a [u8]>,
    pub(super) user_agent: Option<&'a [u8]>,
    pub(super) referer: Option<&'a [u8]>,
    pub(super) referenced_host: Option<&'a [u8]>,
    pub(super) server_name: Option<&'a [u8]>,
    pub(super) url: Option<&'a [u8]>,
    pub(super) response: Option<&'a [u8]>,
    pub(super) category: Option<&'a [u8]>,
    pub(super) query: Option<&'a [u8]>,
    pub(super) record_type: Option<&'a [u8]>,
    pub(super) response_type: Option<&'a [u8]>,
    pub(super) initiator_bytes: Option<&'a [u8]>,
    pub(super) responder_bytes: Option<&'a [u8]>,
    pub(super) duration_secs: Option<&'a [u8]>,
    pub(super) first_packet: Option<&'a [u8]>,
}

impl<'a> Told<'a> {
    pub(super) fn read(text: &'a [u8]) -> Self {
        let mut told = Self::default();
        let mut agent_from = None;
        let mut next = key_at(text, 0);
        while let Some(key) = next {
            next = next_key(text, key.value);
            let end = next.as_ref().map_or(text.len(), |next| next.begin);
            let value = text.get(key.value..end).unwrap_or_default().trim_ascii();
            if key.is(b"UserAgent") && agent_from.is_none() {
                agent_from = Some(key.value);
            }
            if key.is(b"Client")
                && let Some(from) = agent_from
            {
                told.forget_what_follows_the_agent();
                told.user_agent = text.get(from..key.begin).map(<[u8]>::trim_ascii);
            }
            told.set(&key, without_unknown_keys(&key, value));
        }
        told.addresses_in_braces(text);
        told
    }

    fn set(&mut self, key: &Key<'_>, value: &'a [u8]) {
        if let Some(at) = KEYS.iter().position(|(name, _)| key.is(name))
            && let Some((_, Some(field))) = KEYS.get(at)
        {
            field(self).get_or_insert(value);
        }
    }

    fn forget_what_follows_the_agent(&mut self) {
        *self = Self {
            referer: None,
            referenced_host: None,
            server_name: None,
            url: None,
            response: None,
            category: None,
            query: None,
            record_type: None,
            response_type: None,
            initiator_bytes: None,
            responder_bytes: None,
            duration_secs: None,
            ..std::mem::take(self)
        };
    }

    /// `{TCP} 192.0.2.7:5555 -> 203.0.113.5:443` at the end of what older managers write.
    fn addresses_in_braces(&mut self, text: &'a [u8]) {
        if self.source.is_some() {
            return;
        }
        let ends = memmem::rfind(text, b"} ").and_then(|at| text.get(at + 2..));
        let Some((source, destination)) = ends.and_then(|ends| split_around(ends, b" -> ")) else {
            return;
        };
        (self.source, self.source_port) = address_and_port(source);
        (self.destination, self.destination_port) = address_and_port(destination.trim_ascii());
    }
}

/// A version of tomorrow has keys that are not known today: where a value holds no blank, what follows one is theirs.
fn without_unknown_keys<'a>(key: &Key<'_>, value: &'a [u8]) -> &'a [u8] {
    const WORDS: [&[u8]; 5] = [
        b"URL",
        b"SSLServerName",
        b"TLSServerName",
        b"InitiatorBytes",
        b"ResponderBytes",
    ];
    let is_word = WORDS.iter().any(|word| key.is(word));
    match split_around(value, b", ") {
        Some((word, rest)) if is_word && looks_like_key(rest) => word,
        _ => value,
    }
}

/// Whether a text begins as `TLS_Version: `.
fn looks_like_key(text: &[u8]) -> bool {
    let name = split_around(text, b": ").map_or(&b""[..], |(name, _)| name);
    name.first().is_some_and(u8::is_ascii_uppercase)
        && name
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b' '))
}

fn address_and_port(text: &[u8]) -> (Option<&[u8]>, Option<&[u8]>) {
    match split_last(text, b':') {
        Some((address, port)) => (Some(address), Some(port)),
        None => (Some(text), None),
    }
}

type Field = for<'t, 'a> fn(&'t mut Told<'a>) -> &'t mut Option<&'a [u8]>;

/// The keys of all five kinds of event, without blanks. Those without a field end the value before them.
const KEYS: &[(&[u8], Option<Field>)] = &[
    (b"AccessControlRuleAction", Some(|told| &mut told.action)),
    (b"SrcIP", Some(|told| &mut told.source)),
    (b"SrcPort", Some(|told| &mut told.source_port)),
    (b"DstIP", Some(|told| &mut told.destination)),
    (b"DstPort", Some(|told| &mut told.destination_port)),
    (b"User", Some(|told| &mut told.user)),
    (b"UserName", Some(|told| &mut told.user)),
    (b"UserAgent", Some(|told| &mut told.user_agent)),
    (b"HTTPReferer", Some(|told| &mut told.referer)),
    (b"ReferencedHost", Some(|told| &mut told.referenced_host)),
    (b"SSLServerName", Some(|told| &mut told.server_name)),
    (b"URL", Some(|told| &mut told.url)),
    (b"URLCategory", Some(|told| &mut told.category)),
    (b"DNSQuery", Some(|told| &mut told.query)),
    (b"DNSRecordType", Some(|told| &mut told.record_type)),
    (b"DNSResponseType", Some(|told| &mut told.response_type)),
    (b"InitiatorBytes", Some(|told| &mut told.initiator_bytes)),
    (b"ResponderBytes", Some(|told| &mut told.responder_bytes)),
    (b"ConnectionDuration", Some(|told| &mut told.duration_secs)),
    (b"FirstPacketSecond", Some(|told| &mut told.first_packet)),
    (b"ACPolicy", None),
    (b"AccessControlRuleName", None),
    (b"AccessControlRuleReason", None),
    (b"AccessControlRuleReasons", None),
    (b"ApplicationProtocol", None),
    (b"Client", None),
    (b"ClientAppDetector", None),
    (b"ClientVersion", None),
    (b"ConnectType", None),
    (b"ConnectionID", None),
    (b"ConnectionType", None),
    (b"Context", None),
    (b"DE", None),
    (b"DNSSICategory", None),
    (b"DNS_Sinkhole", None),
    (b"DNS_TTL", None),
    (b"DestIPDynamicAttribute", None),
    (b"DestinationSecurityGroup", None),
    (b"DestinationSecurityGroupTag", None),
    (b"DestinationSecurityGroupType", None),
    (b"DeviceUUID", None),
    (b"EgressInterface", None),
    (b"EgressVRF", None),
    (b"EgressZone", None),
    (b"EncryptedVisibilityConfidenceScore", None),
    (b"EncryptedVisibilityFingerprint", None),
    (b"EncryptedVisibilityProcessName", None),
    (b"EncryptedVisibilityThreatConfidence", None),
    (b"EncryptedVisibilityThreatConfidenceScore", None),
    (b"EndpointProfile", None),
    (b"EventPriority", None),
    (b"FileCount", None),
    (b"HTTPResponse", Some(|told| &mut told.response)),
    (b"HTTP_Hostname", None),
    (b"HTTP_URI", None),
    (b"ICMPCode", None),
    (b"ICMPType", None),
    (b"IPReputationSICategory", None),
    (b"IPSCount", None),
    (b"IngressInterface", None),
    (b"IngressVRF", None),
    (b"IngressZone", None),
    (b"InitiatorPackets", None),
    (b"InstanceID", None),
    (b"InterfaceEgress", None),
    (b"InterfaceIngress", None),
    (b"NAPPolicy", None),
    (b"NAT_InitiatorIP", None),
    (b"NAT_InitiatorPort", None),
    (b"NAT_ResponderIP", None),
    (b"NAT_ResponderPort", None),
    (b"NetBIOSDomain", None),
    (b"NumberofFileEvents", None),
    (b"NumberofIPSEvents", None),
    (b"OriginalClientIP", None),
    (b"OriginalClientSrcIP", None),
    (b"Policy", None),
    (b"PrefilterPolicy", None),
    (b"Priority", None),
    (b"Protocol", Some(|told| &mut told.protocol)),
    (b"ResponderPackets", None),
    (b"SSLActualAction", None),
    (b"SSLCertificate", None),
    (b"SSLCipherSuite", None),
    (b"SSLExpectedAction", None),
    (b"SSLFlowStatus", None),
    (b"SSLPolicy", None),
    (b"SSLRuleName", None),
    (b"SSLServerCertStatus", None),
    (b"SSLSessionID", None),
    (b"SSLTicketID", None),
    (b"SSLURLCategory", None),
    (b"SSLVersion", None),
    (b"SecIntMatchingIP", None),
    (b"SecurityIntelligenceCategory", None),
    (b"SecurityIntelligenceMatchingIP", None),
    (b"SecurityZoneEgress", None),
    (b"SecurityZoneIngress", None),
    (b"Sinkhole", None),
    (b"SourceIPDynamicAttribute", None),
    (b"SourceSecurityGroup", None),
    (b"SourceSecurityGroupTag", None),
    (b"SourceSecurityGroupType", None),
    (b"TCPFlags", None),
    (b"TLSServerName", Some(|told| &mut told.server_name)),
    (b"TunnelorPrefilterRule", None),
    (b"URLReputation", None),
    (b"URLSICategory", None),
    (b"VLAN_ID", None),
    (b"WebApp", None),
    (b"WebApplication", None),
];

struct Key<'a> {
    /// As written, blanks included.
    name: &'a [u8],
    /// Where the value before it ends.
    begin: usize,
    /// Where its value begins.
    value: usize,
}

impl Key<'_> {
    fn is(&self, name: &[u8]) -> bool {
        self.name.iter().filter(|b| **b != b' ').eq(name)
    }
}

/// The next known key behind a `, `.
fn next_key(text: &[u8], from: usize) -> Option<Key<'_>> {
    memmem::find_iter(text.get(from..)?, b", ").find_map(|at| {
        Some(Key {
            begin: from + at,
            ..key_at(text, from + at + 2)?
        })
    })
}

/// A known key and its `: ` here.
fn key_at(text: &[u8], at: usize) -> Option<Key<'_>> {
    const LONGEST: usize = 48;
    let rest = text.get(at..)?;
    let end = memchr::memchr(b':', rest.get(..LONGEST).unwrap_or(rest))?;
    let key = Key {
        name: rest.get(..end)?,
        begin: at,
        value: at + end + 1,
    };
    // An empty value at the end of a line lost its blank.
    let is_followed = matches!(rest.get(end + 1), None | Some(b' ' | b','));
    (is_followed && KEYS.iter().any(|(name, _)| key.is(name))).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: &str = "AccessControlRuleAction: Allow, SrcIP: 192.0.2.7, DstIP: 203.0.113.5, User: CORP\\alice, UserAgent: AGENT, Client: Web browser, ApplicationProtocol: HTTP, InitiatorBytes: 5, ResponderBytes: 6, URLCategory: Computers, Internet, URL: http://a.example/b, c";

    fn check(agent: &str) {
        let text = END.replace("AGENT", agent);
        let told = Told::read(text.as_bytes());
        assert_eq!(told.user, Some(&b"CORP\\alice"[..]), "{text}");
        assert_eq!(told.url, Some(&b"http://a.example/b, c"[..]), "{text}");
        assert_eq!(told.initiator_bytes, Some(&b"5"[..]), "{text}");
        assert_eq!(told.category, Some(&b"Computers, Internet"[..]));
        assert_eq!(told.user_agent, Some(agent.as_bytes()));
    }

    #[test]
    fn a_user_agent_cannot_forge_other_fields() {
        check("Mozilla/5.0 (X11, like: Gecko)");
        check("x, User: forged, URL: http://forged.example/, InitiatorBytes: 9");
        check("x, Client: y, URL: http://forged.example/, InitiatorBytes: 9, URLCategory: z");
    }

    #[test]
    fn a_key_that_is_not_known_yet_ends_a_value_without_blanks() {
        let told = Told::read(b"ResponderBytes: 6, TLS_Version: 1.3, URL: https://a.example/b, TLS_Curve: x, User: bob");
        assert_eq!(told.url, Some(&b"https://a.example/b"[..]));
        assert_eq!(told.responder_bytes, Some(&b"6"[..]));
    }

    #[test]
    fn keys_with_blanks_are_the_same_keys() {
        let told = Told::read(b"Connection Type: End, User: Unknown, Access Control Rule Action: Allow, Initiator Bytes: 7, URL: , {TCP} 192.0.2.7:5555 -> 203.0.113.5:443");
        assert_eq!(told.action, Some(&b"Allow"[..]));
        assert_eq!(
            (told.source, told.source_port),
            (Some(&b"192.0.2.7"[..]), Some(&b"5555"[..]))
        );
        assert_eq!(told.initiator_bytes, Some(&b"7"[..]));
    }
}
