#!/usr/bin/env bash
# A dnstap file as BIND, Unbound, dnsdist or Knot Resolver write it (Debian: bind9 unbound dnsdist knot-resolver fstrm-bin).
#
#     tests/capture/dnstap.sh bind|unbound|dnsdist|knot [queries|responses|both] > FILE.fstrm
. "$(dirname "$0")/dns-lib.sh"
product=${1:?bind, unbound, dnsdist or knot}
kinds=${2:-both}
queries=yes responses=yes
[ "$kinds" = responses ] && queries=no
[ "$kinds" = queries ] && responses=no
serve_upstream

# Everyone but BIND writes to a socket only.
if [ "$product" != bind ]; then
    as_nobody fstrm_capture -t protobuf:dnstap.Dnstap -u "$work/tap.sock" -w "$work/tap.fstrm" & capture=$!
    pids+=($!)
    for _ in $(seq 50); do [ -S "$work/tap.sock" ] && break; sleep 0.1; done
fi

case $product in
bind)
    taps="resolver;"
    [ "$kinds" = both ] && taps+=" client;"
    [ "$kinds" = queries ] && taps+=" client query;"
    [ "$kinds" = responses ] && taps+=" client response;"
    cat > "$work/named.conf" <<CONF
options {
    directory "$work"; pid-file none; session-keyfile none;
    listen-on port $port { 127.0.0.1; }; listen-on-v6 port $port { ::1; };
    recursion yes; allow-recursion { any; }; dnssec-validation no; qname-minimization off;
    forward only; forwarders port $upstream { 127.0.0.1; };
    dnstap { $taps }; dnstap-output file "$work/tap.fstrm"; dnstap-identity "ns1.example.org";
    response-policy { zone "policy.local"; };
};
zone "policy.local" { type primary; file "policy.zone"; };
controls { };
CONF
    printf '$TTL 60\n@ SOA localhost. root.localhost. 1 3600 600 86400 60\n@ NS localhost.\nblocked.example.com CNAME .\n' \
        > "$work/policy.zone"
    as_nobody named -g -c "$work/named.conf" > "$work/out" 2>&1 & pids+=($!) server=$!
    ;;
unbound)
    cat > "$work/unbound.conf" <<CONF
server:
    directory: "$work"
    chroot: ""
    username: ""
    pidfile: ""
    interface: 127.0.0.1@$port
    interface: ::1@$port
    access-control: 0.0.0.0/0 allow
    access-control: ::/0 allow
    do-not-query-localhost: no
    module-config: "iterator"
    local-zone: "blocked.example.com" always_nxdomain
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@$upstream
dnstap:
    dnstap-enable: yes
    dnstap-socket-path: "$work/tap.sock"
    dnstap-send-identity: yes
    dnstap-identity: "ns1.example.org"
    dnstap-send-version: yes
    dnstap-log-client-query-messages: $queries
    dnstap-log-client-response-messages: $responses
    dnstap-log-forwarder-query-messages: yes
remote-control:
    control-enable: no
CONF
    as_nobody unbound -d -c "$work/unbound.conf" > "$work/out" 2>&1 & pids+=($!) server=$!
    ;;
dnsdist)
    {
        echo "setLocal('127.0.0.1:$port') addLocal('[::1]:$port') setACL({'127.0.0.0/8', '::1/128'})"
        echo "newServer({address='127.0.0.1:$upstream', healthCheckMode='up'})"
        echo "tap = newFrameStreamUnixLogger('$work/tap.sock')"
        if [ $queries = yes ]; then echo "addAction(AllRule(), DnstapLogAction('lb1.example.org', tap))"; fi
        if [ $responses = yes ]; then
            echo "addResponseAction(AllRule(), DnstapLogResponseAction('lb1.example.org', tap))"
        fi
    } > "$work/dnsdist.conf"
    as_nobody dnsdist --supervised --config "$work/dnsdist.conf" > "$work/out" 2>&1 & pids+=($!) server=$!
    ;;
knot)
    cat > "$work/kresd.conf" <<CONF
net.listen('127.0.0.1', $port)
net.listen('::1', $port)
modules.load('policy')
modules.load('dnstap')
dnstap.config({socket_path = '$work/tap.sock', identity = 'ns1.example.org', client = {
    log_queries = $([ $queries = yes ] && echo true || echo false),
    log_responses = $([ $responses = yes ] && echo true || echo false) }})
policy.add(policy.suffix(policy.DENY, {todname('blocked.example.com.')}))
policy.add(policy.all(policy.FORWARD('127.0.0.1@$upstream')))
trust_anchors.remove('.')
CONF
    as_nobody kresd -n -c "$work/kresd.conf" "$work" > "$work/out" 2>&1 & pids+=($!) server=$!
    ;;
esac
await_port "$port"
sleep 1
python3 "$here/dns.py" ask "$port"
# dnsdist flushes its buffer when it likes, and not when it ends.
sleep 7
# They write what they have gathered when they are asked to end.
kill -TERM "$server"
for _ in $(seq 100); do kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
if [ "$product" != bind ]; then
    kill -TERM "$capture"
    for _ in $(seq 100); do kill -0 "$capture" 2>/dev/null || break; sleep 0.1; done
fi
python3 "$here/dnstap_addresses.py" < "$work/tap.fstrm"
