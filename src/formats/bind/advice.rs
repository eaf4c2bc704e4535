//! What to change on BIND and NIOS to see more. From the reference manuals of BIND 9.18 and 9.20 and of NIOS.

use crate::model::Field;

pub(super) const BIND: &[(Field, &str)] = &[
    // `print-time yes` would write local times without a zone.
    (
        Field::Host,
        "log the questions, in the options block of named.conf:
    querylog yes;
and in its logging block, with times that need no zone:
    channel gnomon { file \"queries.log\" versions 5 size 100m; print-time iso8601-utc; print-category yes; };
    category queries { gnomon; };",
    ),
    (
        Field::Outcome,
        "log what a response policy stops beside the questions, in the logging block of named.conf:
    category rpz { gnomon; };
where gnomon is the channel of the questions; and since 9.20.9 answers instead of questions, in the options block:
    querylog no; responselog yes;",
    ),
];

pub(super) const INFOBLOX: &[(Field, &str)] = &[(
    Field::Outcome,
    "log responses: Data Management > DNS > Grid DNS Properties > Logging, category `responses`",
)];
