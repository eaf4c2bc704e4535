#!/bin/sh
# Runs Apache Traffic Server as a forward proxy, sends ordinary and hostile requests through it and prints one of its
# logs: the origin of tests/formats/squid-trafficserver.
# usage: trafficserver.sh squid|extended2|welf
set -eu
# shellcheck source=tests/capture/proxy-lab.sh
. "$(dirname "$0")/proxy-lab.sh"

for name in etc log cache run; do mkdir -m 777 "$work/$name"; done
cp /etc/trafficserver/* "$work/etc" 2>/dev/null || true
cat >"$work/etc/records.config" <<CONF
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.http.server_ports STRING 3128:ip-in=203.0.113.1 3128:ipv6:ip-in=[2001:db8::1]
CONFIG proxy.config.reverse_proxy.enabled INT 0
CONFIG proxy.config.url_remap.remap_required INT 0
CONFIG proxy.config.http.connect_ports STRING 443 8443
CONFIG proxy.config.hostdb.host_file.path STRING $work/hosts
CONFIG proxy.config.dns.nameservers STRING 127.0.0.1
CONFIG proxy.config.hostdb.lookup_timeout INT 2
CONFIG proxy.config.http.connect_attempts_timeout INT 2
CONFIG proxy.config.http.connect_attempts_max_retries INT 0
CONFIG proxy.config.http.cache.required_headers INT 0
CONFIG proxy.config.log.logging_enabled INT 3
CONFIG proxy.config.log.logfile_dir STRING $work/log
CONFIG proxy.config.log.max_secs_per_buffer INT 1
CONFIG proxy.config.local_state_dir STRING $work/run
CONFIG proxy.config.cache.ram_cache.size INT 1048576
CONF
echo "$work/cache 32M" >"$work/etc/storage.config"
sed -n '/^logging:/,/^  logs:/p' /etc/trafficserver/logging.yaml >"$work/etc/logging.yaml"
printf '    - filename: out\n      format: %s\n      mode: ascii\n' "$1" >>"$work/etc/logging.yaml"
cat >"$work/etc/ip_allow.yaml" <<ALLOW
ip_allow:
  - apply: in
    ip_addrs: 192.0.2.9
    action: deny
    methods: PUT
  - apply: in
    ip_addrs: [0/0, ::/0]
    action: allow
    methods: ALL
ALLOW
TS_ROOT=$work start env "PROXY_CONFIG_CONFIG_DIR=$work/etc" traffic_server
ready
sleep 1
everyday_requests
get 192.0.2.9 -X PUT http://claude.ai/denied -d x
get 192.0.2.9 -U alice:x http://api.openai.com/v1/models
hostile_requests
sleep 3
cat "$work/log/out.log" || { cat "$work/out" >&2; ls -lR "$work" >&2; }
