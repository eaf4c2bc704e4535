#!/usr/bin/env bash
# Unbound's log of questions and replies (Debian: unbound).
#
#     tests/capture/unbound.sh queries|replies|both [yes|no: log-tag-queryreply] > LOG
. "$(dirname "$0")/dns-lib.sh"
kinds=${1:?queries, replies or both}
tag=${2:-no}
queries=yes replies=yes
[ "$kinds" = queries ] && replies=no
[ "$kinds" = replies ] && queries=no
serve_upstream
cat > "$work/unbound.conf" <<CONF
server:
    directory: "$work"
    chroot: ""
    username: ""
    pidfile: ""
    logfile: "$work/unbound.log"
    use-syslog: no
    log-queries: $queries
    log-replies: $replies
    log-tag-queryreply: $tag
    log-local-actions: yes
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
remote-control:
    control-enable: no
CONF
as_nobody unbound -d -c "$work/unbound.conf" > "$work/out" 2>&1 & pids+=($!)
await_port "$port"
python3 "$here/dns.py" ask "$port"
sleep 1
documentation_addresses < "$work/unbound.log"
