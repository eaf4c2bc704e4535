#!/usr/bin/env bash
# Measures the whole job of the release build, and checks it against what is known to be in the logs.
#
#   benches/whole.sh                      8 million lines, five rounds: many minutes, and 8 GB under target/
#   benches/whole.sh --quick              1 million lines, three rounds: a few minutes
#   benches/whole.sh --only formats       one part of the table: squid, everything, formats, packed,
#                                         year, service, sample, other
#   benches/whole.sh --generator PROGRAM  also on the logs of another generator (benches/whole/stock/other.rs)
#   benches/whole.sh --lines N --rounds N --directory DIR
#   benches/whole.sh --profile NAME …     first: the program built in that profile of Cargo.toml and not as released
#
# Times fail nothing, because machines differ; a result that is not the truth does. docs/PERFORMANCE.md says what
# the figures mean. The logs are kept, so that a second run starts at once; rg, gzip and zstd are compared with
# where they are installed.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=bench
if [[ ${1:-} == --profile ]]; then
    profile=${2:?--profile needs the name of a profile}
    shift 2
fi
exec cargo bench --locked --quiet --profile "$profile" --bench whole -- measure "$@"
