#!/usr/bin/env bash
# What a PowerDNS Recursor (Debian: pdns-recursor) logs of its clients' questions with `quiet=no`.
#
#     tests/capture/powerdns-recursor.sh structured|text > LOG
. "$(dirname "$0")/dns-lib.sh"
layout=${1:?structured or text}
[ "$layout" = structured ] && structured=yes || structured=no
serve_upstream
cat > "$work/recursor.conf" <<CONF
local-address=127.0.0.1, ::1
local-port=$port
forward-zones-recurse=.=127.0.0.1:$upstream
allow-from=127.0.0.0/8, ::1/128
dont-query=
dnssec=off
quiet=no
structured-logging=$structured
loglevel=6
log-common-errors=yes
disable-syslog=yes
socket-dir=$work
lua-config-file=$work/policy.lua
threads=2
webserver=no
CONF
cat > "$work/policy.zone" <<ZONE
\$TTL 60
@ SOA localhost. root.localhost. 1 3600 600 86400 60
@ NS localhost.
blocked.example.com CNAME .
ZONE
echo "rpzFile('$work/policy.zone', {policyName='policy.local'})" > "$work/policy.lua"
as_nobody pdns_recursor --config-dir="$work" --daemon=no > "$work/log" 2>&1 & pids+=($!)
await_port "$port"
python3 "$here/dns.py" ask "$port"
python3 "$here/dns.py" ask "$port" api.openai.com A
sleep 1
documentation_addresses < "$work/log"
