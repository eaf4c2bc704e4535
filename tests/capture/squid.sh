#!/bin/sh
# Runs Squid with the layouts that it knows by itself, with some of an administrator's own and with bumped TLS, sends
# ordinary and hostile requests through it and prints one log: the origin of tests/formats/squid*.
# usage: squid.sh squid|combined|common|custom FORMAT
set -eu
# shellcheck source=tests/capture/proxy-lab.sh
. "$(dirname "$0")/proxy-lab.sh"

# Knows alice, CORP\bob, carol white and m"üller, all with the password x.
cat >"$work/helper.py" <<'HELPER'
import sys, urllib.parse
for line in sys.stdin:
    user, _, password = line.strip().partition(" ")
    print("OK" if urllib.parse.unquote(password) == "x" else "ERR", flush=True)
HELPER
/usr/lib/squid/security_file_certgen -c -s "$work/certs" -M 4MB >/dev/null
cat "$work/key.pem" "$work/cert.pem" >"$work/ca.pem"
cat >"$work/squid.conf" <<CONF
http_port 203.0.113.1:3128
http_port [2001:db8::1]:3128
http_port 203.0.113.1:3129 ssl-bump tls-cert=$work/ca.pem generate-host-certificates=on
sslcrtd_program /usr/lib/squid/security_file_certgen -s $work/certs -M 4MB
acl spliced ssl::server_name gemini.google.com
acl begin at_step SslBump1
ssl_bump peek begin
ssl_bump splice spliced
ssl_bump bump all
sslproxy_cert_error allow all
tls_outgoing_options flags=DONT_VERIFY_PEER
hosts_file $work/hosts
dns_nameservers 127.0.0.1
dns_timeout 1 second
pinger_enable off
pid_filename $work/squid.pid
cache_log $work/cache.log
coredump_dir $work
shutdown_lifetime 0 seconds
uri_whitespace allow
auth_param basic program /usr/bin/python3 $work/helper.py
auth_param basic utf8 on
auth_param basic realm test
acl login proxy_auth REQUIRED
acl needs_login dstdomain api.openai.com
acl forbidden dstdomain claude.ai
acl redirected dstdomain www.perplexity.ai
deny_info 302:http://www.example.com/policy redirected
http_access deny forbidden
http_access deny redirected
http_access deny needs_login !login
http_access allow all
logformat custom ${2:-%ts.%03tu}
access_log stdio:$work/access.log logformat=$1
CONF
start squid -N -f "$work/squid.conf"
ready
sleep 0.3
: >"$work/access.log"

everyday_requests
get 192.0.2.8 'http://www.perplexity.ai/search?q=x'
get 192.0.2.9 http://api.openai.com/v1/chat/completions
get 192.0.2.9 -U alice:wrong http://api.openai.com/v1/chat/completions
get 192.0.2.9 -U alice:x -A 'OpenAI/Python 1.60.0' http://api.openai.com/v1/chat/completions -d hello
get 192.0.2.9 -U 'corp\bob:x' -A 'OpenAI/Python 1.60.0' https://api.openai.com/v1/models
get 192.0.2.9 -U 'carol white 100%:x' http://api.openai.com/v1/models
get 192.0.2.9 -U 'm"üller:x' http://api.openai.com/v1/models
hostile_requests
get 192.0.2.11 -U 'x forged HIER_DIRECT/192.0.2.99 text/html:x' http://api.openai.com/v1/forged
get 192.0.2.11 -U 'x [23/Nov/2026:00:00:00 +0000] "GET http://forged.example/ HTTP/1.1" 200 1 "-" "-" TCP_MISS:x' http://api.openai.com/v1/forged
proxy=http://203.0.113.1:3129
get 192.0.2.9 -A "$firefox" https://chatgpt.com/backend-api/conversation -d hello
get 192.0.2.9 -A "$firefox" https://claude.ai/bumped
get 192.0.2.9 -A "$firefox" https://gemini.google.com/spliced
sleep 0.5
cat "$work/access.log"
