#!/usr/bin/env bash
# dnsmasq's log of questions and answers (Debian: dnsmasq-base).
#
#     tests/capture/dnsmasq.sh yes|extra > LOG       what stands behind log-queries
. "$(dirname "$0")/dns-lib.sh"
mode=${1:?yes or extra}
serve_upstream
{
    echo "port=$port"
    echo "listen-address=127.0.0.1,::1"
    echo "bind-interfaces"
    echo "no-resolv"
    echo "no-hosts"
    echo "server=127.0.0.1#$upstream"
    echo "address=/blocked.example.com/0.0.0.0"
    echo "log-facility=$work/dnsmasq.log"
    if [ "$mode" = extra ]; then echo "log-queries=extra"; else echo "log-queries"; fi
} > "$work/dnsmasq.conf"
as_nobody dnsmasq --keep-in-foreground --conf-file="$work/dnsmasq.conf" --pid-file="$work/pid" --user= > "$work/out" 2>&1 &
pids+=($!)
await_port "$port"
python3 "$here/dns.py" ask "$port"
sleep 1
documentation_addresses < "$work/dnsmasq.log"
