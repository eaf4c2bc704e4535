#!/bin/sh
# Runs mitmdump as an explicit proxy, sends ordinary and hostile requests through it and prints what it says on the
# console: the origin of tests/formats/mitmproxy.
# usage: mitmproxy.sh [OPTIONS…]
set -eu
# shellcheck source=tests/capture/proxy-lab.sh
. "$(dirname "$0")/proxy-lab.sh"

cat >"$work/block.py" <<'ADDON'
from mitmproxy import http

def request(flow):
    if flow.request.pretty_host == "claude.ai":
        flow.response = http.Response.make(403, b"no AI", {"Content-Type": "text/plain"})
ADDON
HOME=$work start env "HOME=$work" mitmdump --listen-host 203.0.113.1 --listen-port 3128 --ssl-insecure \
    --set "confdir=$work/conf" -s "$work/block.py" "$@"
ready
everyday_requests
get 192.0.2.9 -U alice:x http://api.openai.com/v1/models
hostile_requests
sleep 1
cat "$work/out"
