#!/bin/sh
# Runs Privoxy, sends ordinary and hostile requests through it and prints its log: the origin of tests/formats/privoxy*.
# usage: privoxy.sh [DEBUG…]   (1 requests, 512 common log format, 1024 why they are blocked, 4096, 8192 errors)
set -eu
# shellcheck source=tests/capture/proxy-lab.sh
. "$(dirname "$0")/proxy-lab.sh"

printf '{+block{Policy: no AI.}}\n.claude.ai\n{+redirect{https://www.example.com/}}\n.perplexity.ai\n' >"$work/user.action"
cat >"$work/config" <<CONF
confdir $work
templdir /etc/privoxy/templates
logdir $work
logfile log
actionsfile user.action
listen-address 203.0.113.1:3128
listen-address [2001:db8::1]:3128
permit-access 192.0.2.0/24
permit-access [2001:db8::]/32
toggle 1
enforce-blocks 1
CONF
[ $# -gt 0 ] || set -- 1 512 1024 4096 8192
for bit in "$@"; do echo "debug $bit" >>"$work/config"; done
start privoxy --no-daemon "$work/config"
ready
everyday_requests
get 192.0.2.8 http://www.perplexity.ai/search?q=x
get 192.0.2.9 -U alice:x https://api.openai.com/v1/models
get 192.0.2.9 http://user:secret@www.example.com/
hostile_requests
raw 192.0.2.11 'GET / HTTP/1.1\r\nHost: forged.example\r\nConnection: close\r\n\r\n'
sleep 0.5
cat "$work/log" 2>/dev/null || cat "$work/out"
