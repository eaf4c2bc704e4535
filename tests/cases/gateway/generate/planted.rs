//! The GenAI services that this company uses, with or without knowing it.
//!
//! What is use and how strong the evidence is, is written down here by hand, from DESIGN's words: a look-up is
//! resolved; a tunnel is connected or exchanged by its size; a request seen inside is exchanged, with a large body
//! uploaded, and confirmed where its URL is that of a prompt or a model's interface. Static files, telemetry, log-in
//! and marketing pages are no use.

use super::chance::Chance;
use super::company::{Kind, client, of_kind};
use super::habits::When;
use super::journal::Grade::{Confirmed, Exchanged, Uploaded};
use super::journal::{Call, Grade, Journal, Log, Mark};
use super::ordinary::{CHROME, FIREFOX};

pub(super) struct Service {
    pub(super) id: &'static str,
    pub(super) archetype: &'static str,
    pub(super) tier: &'static str,
}

const fn service(id: &'static str, archetype: &'static str, tier: &'static str) -> Service {
    Service {
        id,
        archetype,
        tier,
    }
}

pub(super) static SERVICES: &[Service] = &[
    service("amazon.alexa", "voice", "unknown"),
    service("amazon.bedrock", "api", "unknown"),
    service("anthropic.claude", "consumer-chat", "unknown"),
    service("cursor.cursor", "agent", "unknown"),
    service("deepl.translator", "consumer-chat", "unknown"),
    service("deepseek.chat", "consumer-chat", "unknown"),
    service("glean.glean", "enterprise-chat", "enterprise"),
    service("google.gemini", "consumer-chat", "unknown"),
    service("huggingface.hub", "self-hosted", "unknown"),
    service("microsoft.azure-openai", "api", "unknown"),
    service("microsoft.m365-copilot", "embedded", "enterprise"),
    service("notion.notion-ai", "embedded", "unknown"),
    service("ollama.ollama", "self-hosted", "unknown"),
    service("openai.api", "api", "unknown"),
    service("openai.chatgpt", "consumer-chat", "consumer"),
    service("openrouter.openrouter", "router", "unknown"),
    service("otter.otter", "consumer-chat", "unknown"),
    service("perplexity.perplexity", "consumer-chat", "unknown"),
    service("photoroom.photoroom", "consumer-chat", "unknown"),
    service("unlisted:gpu2.corp.example", "api", "unknown"),
];

/// Tunnels through the proxy. Each sitting opens all the hosts; those that are use say so.
struct Sitting {
    service: &'static str,
    clients: &'static [u8],
    when: When,
    hosts: &'static [(&'static str, bool)],
    down: (u64, u64),
}

static SITTINGS: &[Sitting] = &[
    Sitting {
        service: "openai.chatgpt",
        clients: &[17, 19, 33, 49, 65, 66, 67, 69],
        when: When::Office(1, 4),
        hosts: &[
            ("chatgpt.com", true),
            ("cdn.oaistatic.com", false),
            ("ab.chatgpt.com", false),
            ("auth.openai.com", false),
        ],
        down: (9_000, 900_000),
    },
    Sitting {
        service: "anthropic.claude",
        clients: &[21, 34, 35],
        when: When::Office(1, 3),
        hosts: &[("claude.ai", true)],
        down: (30_000, 700_000),
    },
    Sitting {
        service: "google.gemini",
        clients: &[51, 68, 70],
        when: When::Office(0, 2),
        hosts: &[("gemini.google.com", true), ("gemini.gstatic.com", false)],
        down: (40_000, 400_000),
    },
    Sitting {
        service: "microsoft.m365-copilot",
        clients: &[18, 20, 22, 50, 52, 66],
        when: When::Office(1, 5),
        hosts: &[("copilot.cloud.microsoft", true)],
        down: (20_000, 300_000),
    },
    Sitting {
        service: "glean.glean",
        clients: &[23, 24, 36, 65, 67, 69],
        when: When::Office(1, 3),
        hosts: &[("app.glean.com", true), ("meridian-be.glean.com", true)],
        down: (20_000, 500_000),
    },
    Sitting {
        service: "otter.otter",
        clients: &[52],
        when: When::Office(1, 2),
        hosts: &[("otter.ai", true), ("api.otter.ai", true)],
        down: (60_000, 2_000_000),
    },
    // It spread from HR to sales on Thursday.
    Sitting {
        service: "otter.otter",
        clients: &[70],
        when: When::Once(3, 14),
        hosts: &[("otter.ai", true), ("api.otter.ai", true)],
        down: (60_000, 2_000_000),
    },
    Sitting {
        service: "deepl.translator",
        clients: &[36, 37, 66, 68],
        when: When::Office(0, 3),
        hosts: &[("www.deepl.com", true), ("static.deepl.com", false)],
        down: (18_000, 90_000),
    },
];

/// Requests in the inspected network. Each round makes all the steps.
struct Round {
    clients: &'static [u8],
    when: When,
    agent: &'static str,
    steps: &'static [Step],
}

struct Step {
    method: &'static str,
    host: &'static str,
    uri: &'static str,
    up: (u64, u64),
    down: (u64, u64),
    used: Option<(&'static str, Grade)>,
    /// Whose use it is to ask for the host's name.
    named: Option<&'static str>,
}

const GET: (u64, u64) = (0, 0);

static ROUNDS: &[Round] = &[
    Round {
        clients: &[99, 100, 103],
        when: When::Office(1, 4),
        agent: FIREFOX,
        steps: &[
            Step {
                method: "GET",
                host: "chatgpt.com",
                uri: "/",
                up: GET,
                down: (40_000, 60_000),
                used: Some(("openai.chatgpt", Exchanged)),
                named: Some("openai.chatgpt"),
            },
            Step {
                method: "POST",
                host: "chatgpt.com",
                uri: "/backend-api/conversation",
                up: (900, 24_000),
                down: (4_000, 90_000),
                used: Some(("openai.chatgpt", Confirmed)),
                named: Some("openai.chatgpt"),
            },
            Step {
                method: "POST",
                host: "ab.chatgpt.com",
                uri: "/v1/rgstr",
                up: (400, 2_000),
                down: (16, 60),
                used: None,
                named: None,
            },
        ],
    },
    // Without logging in: nobody's contract covers this.
    Round {
        clients: &[101],
        when: When::Office(0, 2),
        agent: CHROME,
        steps: &[Step {
            method: "POST",
            host: "chatgpt.com",
            uri: "/backend-anon/conversation",
            up: (900, 6_000),
            down: (4_000, 30_000),
            used: Some(("openai.chatgpt", Confirmed)),
            named: Some("openai.chatgpt"),
        }],
    },
    Round {
        clients: &[97, 98, 99],
        when: When::Office(4, 12),
        agent: "connect-es/1.6.1",
        steps: &[
            Step {
                method: "POST",
                host: "api2.cursor.sh",
                uri: "/aiserver.v1.ChatService/StreamUnifiedChatWithTools",
                up: (8_000, 60_000),
                down: (2_000, 80_000),
                used: Some(("cursor.cursor", Confirmed)),
                named: Some("cursor.cursor"),
            },
            Step {
                method: "POST",
                host: "metrics.cursor.sh",
                uri: "/rum",
                up: (200, 900),
                down: (2, 20),
                used: None,
                named: None,
            },
        ],
    },
    Round {
        clients: &[97, 103],
        when: When::Office(0, 3),
        agent: CHROME,
        steps: &[Step {
            method: "POST",
            host: "www.notion.so",
            uri: "/api/v3/runInferenceTranscript",
            up: (2_000, 30_000),
            down: (2_000, 40_000),
            used: Some(("notion.notion-ai", Confirmed)),
            named: None,
        }],
    },
    Round {
        clients: &[100],
        when: When::Office(1, 6),
        agent: "OpenAI/JS 6.9.0",
        steps: &[Step {
            method: "POST",
            host: "openrouter.ai",
            uri: "/api/v1/chat/completions",
            up: (1_000, 40_000),
            down: (1_000, 20_000),
            used: Some(("openrouter.openrouter", Confirmed)),
            named: Some("openrouter.openrouter"),
        }],
    },
    Round {
        clients: &[102],
        when: When::Office(0, 2),
        agent: FIREFOX,
        steps: &[
            Step {
                method: "GET",
                host: "app.photoroom.com",
                uri: "/create",
                up: GET,
                down: (60_000, 90_000),
                used: Some(("photoroom.photoroom", Exchanged)),
                named: Some("photoroom.photoroom"),
            },
            Step {
                method: "POST",
                host: "image-api.photoroom.com",
                uri: "/v2/edit",
                up: (900_000, 6_000_000),
                down: (700_000, 4_000_000),
                used: Some(("photoroom.photoroom", Uploaded)),
                named: Some("photoroom.photoroom"),
            },
        ],
    },
    // A model is fetched on Tuesday afternoon …
    Round {
        clients: &[105],
        when: When::Once(1, 15),
        agent: "hf_hub/1.1.4; python/3.13.5; torch/2.9.1",
        steps: &[
            Step {
                method: "GET",
                host: "huggingface.co",
                uri: "/api/models/Qwen/Qwen3-8B/revision/main",
                up: GET,
                down: (8_000, 9_000),
                used: Some(("huggingface.hub", Confirmed)),
                named: Some("huggingface.hub"),
            },
            Step {
                method: "GET",
                host: "huggingface.co",
                uri: "/Qwen/Qwen3-8B/resolve/main/model-00001-of-00005.safetensors",
                up: GET,
                down: (1_100, 1_400),
                used: Some(("huggingface.hub", Exchanged)),
                named: Some("huggingface.hub"),
            },
            Step {
                method: "GET",
                host: "cas-bridge.xethub.hf.co",
                uri: "/xet-bridge-us/680f5d1a",
                up: GET,
                down: (3_990_000_000, 3_999_000_000),
                used: Some(("huggingface.hub", Exchanged)),
                named: Some("huggingface.hub"),
            },
        ],
    },
    // … and two more on Wednesday, for a model that runs on the engineer's own computer.
    Round {
        clients: &[106],
        when: When::Once(2, 10),
        agent: "ollama/0.12.11 (amd64 linux) Go/go1.24.1",
        steps: &[
            Step {
                method: "GET",
                host: "registry.ollama.ai",
                uri: "/v2/library/llama3.2/manifests/latest",
                up: GET,
                down: (800, 1_000),
                used: Some(("ollama.ollama", Exchanged)),
                named: Some("ollama.ollama"),
            },
            Step {
                method: "GET",
                host: "registry.ollama.ai",
                uri: "/v2/library/llama3.2/blobs/sha256:dde5aa3fc5ffc17176b5e8bdc82f587b24b2678c6c66101bf7da77af9f7ccdff",
                up: GET,
                down: (2_019_377_376, 2_019_377_376),
                used: Some(("ollama.ollama", Exchanged)),
                named: Some("ollama.ollama"),
            },
        ],
    },
    // Machines: a report each night, a helpdesk around the clock, contracts in the background.
    Round {
        clients: &[129],
        when: When::Nightly(24),
        agent: "OpenAI/Python 2.8.1",
        steps: &[
            Step {
                method: "POST",
                host: "api.openai.com",
                uri: "/v1/embeddings",
                up: (9_000, 50_000),
                down: (30_000, 90_000),
                used: Some(("openai.api", Confirmed)),
                named: Some("openai.api"),
            },
            Step {
                method: "POST",
                host: "api.openai.com",
                uri: "/v1/chat/completions",
                up: (6_000, 40_000),
                down: (1_000, 9_000),
                used: Some(("openai.api", Confirmed)),
                named: Some("openai.api"),
            },
        ],
    },
    Round {
        clients: &[130],
        when: When::Office(20, 40),
        agent: "Boto3/1.41.2 md/Botocore#1.41.2 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.11.2",
        steps: &[Step {
            method: "POST",
            host: "bedrock-runtime.eu-central-1.amazonaws.com",
            uri: "/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse",
            up: (4_000, 60_000),
            down: (900, 8_000),
            used: Some(("amazon.bedrock", Confirmed)),
            named: Some("amazon.bedrock"),
        }],
    },
    Round {
        clients: &[131],
        when: When::Always(45),
        agent: "AzureOpenAI/Python 2.8.1",
        steps: &[Step {
            method: "POST",
            host: "meridian-helpdesk.openai.azure.com",
            uri: "/openai/deployments/helpdesk/chat/completions?api-version=2025-04-01-preview",
            up: (2_000, 20_000),
            down: (900, 6_000),
            used: Some(("microsoft.azure-openai", Confirmed)),
            named: Some("microsoft.azure-openai"),
        }],
    },
];

pub(super) fn write(journal: &mut Journal) {
    SITTINGS.iter().for_each(|sitting| sit(journal, sitting));
    ROUNDS.iter().for_each(|round| go(journal, round));
    refused(journal);
    names_only(journal);
    unknown_to_the_catalogue(journal);
}

fn sit(journal: &mut Journal, sitting: &Sitting) {
    for number in sitting.clients {
        let mut chance = Chance::of(&format!("{} {number}", sitting.service));
        for moment in sitting.when.moments(&mut chance) {
            for (at, (host, is_use)) in (0..).zip(sitting.hosts) {
                let down = chance.within(&(sitting.down.0..=sitting.down.1));
                let service = is_use.then_some(sitting.service);
                journal.tunnel(moment + at * 140, client(*number), host, down, service);
            }
        }
    }
}

fn go(journal: &mut Journal, round: &Round) {
    for number in round.clients {
        let mut chance = Chance::of(&format!("{} {number}", round.steps[0].uri));
        for moment in round.when.moments(&mut chance) {
            let mut moment = moment;
            for step in round.steps {
                let call = Call {
                    moment,
                    client: *number,
                    method: step.method,
                    host: step.host,
                    uri: step.uri,
                    referrer: "-",
                    agent: round.agent,
                    up: chance.within(&(step.up.0..=step.up.1)),
                    down: chance.within(&(step.down.0..=step.down.1)),
                    status: 200,
                };
                let mark = Mark {
                    used: step.used,
                    named: step.named,
                };
                journal.call(&call, mark);
                moment += 900 + chance.next() % 20_000;
            }
        }
    }
}

/// The proxy has a rule against DeepSeek, and people try all the same.
fn refused(journal: &mut Journal) {
    for number in [21, 67, 70] {
        let mut chance = Chance::of(&format!("refused {number}"));
        for moment in When::Office(0, 2).moments(&mut chance) {
            let service = Some("deepseek.chat");
            journal.refused(moment, client(number), "chat.deepseek.com", service);
        }
    }
}

/// Names that were asked for and of which no log shows more.
fn names_only(journal: &mut Journal) {
    // Chrome resolves what a page of search results links to, whether anybody follows or not.
    for workstation in of_kind(Kind::Workstation).filter(|client| client.number % 3 == 2) {
        let mut chance = Chance::of(&format!("prefetch {}", workstation.number));
        for moment in When::Office(0, 2).moments(&mut chance) {
            for qtype in ["A", "HTTPS"] {
                let service = Some("perplexity.perplexity");
                let (number, name) = (workstation.number, "www.perplexity.ai");
                journal.ask(Log::Unbound, moment, number, name, qtype, service);
            }
        }
    }
    // The telephones of two sellers go around the proxy.
    for number in [72, 73] {
        let mut chance = Chance::of(&format!("telephone {number}"));
        for moment in When::Always(2).moments(&mut chance) {
            for (name, qtype) in [("chatgpt.com", "HTTPS"), ("ios.chat.openai.com", "A")] {
                let service = Some("openai.chatgpt");
                journal.ask(Log::Named, moment, number, name, qtype, service);
            }
        }
    }
    let mut chance = Chance::of("speaker");
    for moment in When::Always(12).moments(&mut chance) {
        let service = Some("amazon.alexa");
        journal.ask(Log::Named, moment, 90, "alexa.com", "A", service);
        // Shared with what is no assistant: not counted.
        let name = "avs-alexa-eu.amazon.com";
        journal.ask(Log::Named, moment + 4, 90, name, "A", None);
    }
}

/// What no signature has: a model server, told by the shape of its requests, and the candidates.
fn unknown_to_the_catalogue(journal: &mut Journal) {
    let mut chance = Chance::of("own model server");
    for moment in When::Office(3, 9).moments(&mut chance) {
        let call = Call {
            moment,
            client: 104,
            method: "POST",
            host: "gpu2.corp.example",
            uri: "/v1/chat/completions",
            referrer: "-",
            agent: "python-requests/2.32.5",
            up: chance.within(&(500..=9_000)),
            down: chance.within(&(500..=9_000)),
            status: 200,
        };
        let mark = Mark {
            used: Some(("unlisted:gpu2.corp.example", Confirmed)),
            named: None,
        };
        journal.call(&call, mark);
    }
    let mut chance = Chance::of("small vendor");
    for moment in When::Office(0, 2).moments(&mut chance) {
        let down = chance.within(&(20_000..=90_000));
        journal.tunnel(moment, client(35), "app.briefgpt.example", down, None);
    }
    // A look at a product page is no use of the product.
    let mut chance = Chance::of("product page");
    for moment in When::Once(2, 11).moments(&mut chance) {
        journal.tunnel(moment, client(51), "www.grammarly.com", 310_000, None);
    }
}
