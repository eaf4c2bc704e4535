#!/usr/bin/env bash
# What a dnsdist (Debian: dnsdist) logs with LogAction and LogResponseAction as text.
#
#     tests/capture/dnsdist.sh both|answers|untimed|verbose > LOG
. "$(dirname "$0")/dns-lib.sh"
mode=${1:?both, answers, untimed or verbose}
stamp=true
[ "$mode" = untimed ] && stamp=false
file="$work/queries.log"
[ "$mode" = verbose ] && file=""
serve_upstream
{
    echo "setLocal('127.0.0.1:$port') addLocal('[::1]:$port') setACL({'127.0.0.0/8', '::1/128'})"
    echo "newServer({address='127.0.0.1:$upstream', healthCheckMode='up'})"
    echo "getPool(''):setCache(newPacketCache(1000))"
    if [ "$mode" != answers ]; then
        echo "addAction(AllRule(), LogAction('$file', false, true, false, false, $stamp))"
    fi
    if [ "$mode" != verbose ]; then
        for rule in addResponseAction addCacheHitResponseAction addSelfAnsweredResponseAction; do
            echo "$rule(AllRule(), LogResponseAction('$file', true, false, false, $stamp))"
        done
    fi
    echo "addAction('blocked.example.com', RCodeAction(DNSRCode.REFUSED))"
} > "$work/dnsdist.conf"
as_nobody dnsdist --supervised --config "$work/dnsdist.conf" > "$work/out" 2>&1 & pids+=($!)
await_port "$port"
python3 "$here/dns.py" ask "$port"
python3 "$here/dns.py" ask "$port" api.openai.com A
sleep 1
[ "$mode" = verbose ] && file="$work/out"
documentation_addresses < "$file"
