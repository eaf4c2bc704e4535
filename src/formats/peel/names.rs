//! What shippers call the members in which they carry a record.
//!
//! A name is here because a product's documentation has it. That a member has such a name makes it no record: only what a
//! format recognises in it counts.

/// Members that hold a line as text.
pub(super) const TEXTS: [&[u8]; 33] = [
    b"message",
    b"log",
    b"MESSAGE",
    b"_raw",
    b"raw",
    b"rawEvent",
    b"textPayload",
    b"@message",
    b"msg",
    b"line",
    b"original",
    b"body",
    // Splunk's event collector, where the event is text; GELF; the table `Syslog` of an Azure workspace.
    b"event",
    b"full_message",
    b"short_message",
    b"SyslogMessage",
    // A custom table of such a workspace; ECS with the dots written out; rsyslog; NXLog; Wazuh's archive; OpenTelemetry.
    b"RawData",
    b"event.original",
    b"rawmsg",
    b"raw_event",
    b"Message",
    b"full_log",
    b"Body",
    b"stringValue",
    b"text",
    // Alibaba's log service; LogDNA; Kafka; QRadar; Google SecOps; LogScale; Sumo Logic and many others.
    b"content",
    b"_line",
    b"value",
    b"payload",
    b"log_text",
    b"@rawstring",
    b"rawLog",
    b"raw_log",
];
/// Members that hold an object or, in turn, one of the above.
pub(super) const OBJECTS: [&[u8]; 8] = [
    b"event",
    b"result",
    b"_source",
    b"jsonPayload",
    b"data",
    b"properties",
    b"body",
    b"attributes",
];
