#!/bin/sh
# Runs Tinyproxy, sends ordinary and hostile requests through it and prints its log: the origin of
# tests/formats/tinyproxy*.
# usage: tinyproxy.sh [LEVEL]   (Connect, Info, Notice …)
set -eu
# shellcheck source=tests/capture/proxy-lab.sh
. "$(dirname "$0")/proxy-lab.sh"

printf '^claude\\.ai$\n' >"$work/filter"
cat >"$work/tinyproxy.conf" <<CONF
Port 3128
Listen 203.0.113.1
Listen 2001:db8::1
Timeout 20
LogFile "$work/log"
LogLevel ${1:-Info}
MaxClients 20
Allow 192.0.2.0/24
Allow 2001:db8::/32
Deny 192.0.2.99
ConnectPort 443
ConnectPort 8443
Filter "$work/filter"
FilterExtended On
ViaProxyName "gw"
CONF
start tinyproxy -d -c "$work/tinyproxy.conf"
ready
everyday_requests
get 192.0.2.9 https://gemini.google.com:444/
get 192.0.2.9 -H 'Connection: keep-alive' http://chatgpt.com/one http://chatgpt.com/two
hostile_requests
# Two at once: their lines interleave.
get 192.0.2.7 http://chatgpt.com/left &
get 192.0.2.8 http://www.example.com/right
sleep 1
sed -i 's/^Filter /BasicAuth alice x\nFilter /' "$work/tinyproxy.conf"
kill "${started##* }"
sleep 0.5
start tinyproxy -d -c "$work/tinyproxy.conf"
ready
get 192.0.2.9 http://api.openai.com/v1/models
get 192.0.2.9 -U alice:x http://api.openai.com/v1/models
get 192.0.2.9 -U forged:x http://api.openai.com/v1/models
sleep 0.5
cat "$work/log"
