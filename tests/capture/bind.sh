#!/usr/bin/env bash
# BIND's query log (Debian: bind9), with a response policy.
#
#     tests/capture/bind.sh > LOG
. "$(dirname "$0")/dns-lib.sh"
serve_upstream
cat > "$work/named.conf" <<CONF
options {
    directory "$work"; pid-file none; session-keyfile none;
    listen-on port $port { 127.0.0.1; }; listen-on-v6 port $port { ::1; };
    recursion yes; allow-recursion { any; }; dnssec-validation no; qname-minimization off;
    forward only; forwarders port $upstream { 127.0.0.1; };
    response-policy { zone "policy.local"; };
};
logging {
    channel told { file "$work/queries.log"; print-time yes; print-category yes; print-severity yes; };
    category queries { told; }; category rpz { told; }; category query-errors { told; }; category security { told; };
};
zone "policy.local" { type primary; file "policy.zone"; };
controls { };
CONF
printf '$TTL 60\n@ SOA localhost. root.localhost. 1 3600 600 86400 60\n@ NS localhost.\nblocked.example.com CNAME .\n' \
    > "$work/policy.zone"
as_nobody named -f -c "$work/named.conf" > "$work/out" 2>&1 & pids+=($!)
await_port "$port"
python3 "$here/dns.py" ask "$port"
sleep 1
documentation_addresses < "$work/queries.log"
