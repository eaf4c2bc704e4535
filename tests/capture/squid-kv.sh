#!/bin/sh
# Runs Squid in a network of its own with the log format that Splunk recommends for it, sends ordinary and hostile
# requests through it and prints the log. Needs squid, curl, python3 and unprivileged user namespaces.
set -eu

if [ "${1:-}" != inside ]; then
    exec unshare --user --map-root-user --net "$0" inside
fi

work=$(mktemp -d)
squid='' web=''
trap 'kill $squid $web 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"

ip link set lo up
for address in 192.0.2.7 192.0.2.8 192.0.2.9 203.0.113.5; do
    ip address add "$address/32" dev lo
done
ip -6 address add 2001:db8::7/128 dev lo nodad
ip -6 address add 2001:db8::5/128 dev lo nodad

cat >"$work/hosts" <<'HOSTS'
203.0.113.5 chatgpt.com api.openai.com claude.ai gemini.google.com www.example.com evil.example
2001:db8::5 six.example.org
HOSTS

cat >"$work/web.py" <<'WEB'
import http.server, socket, threading

class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b"hello\n"
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass

class Six(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

for server in (
    http.server.ThreadingHTTPServer(("203.0.113.5", 80), Answer),
    http.server.ThreadingHTTPServer(("203.0.113.5", 443), Answer),
    Six(("2001:db8::5", 80), Answer),
):
    threading.Thread(target=server.serve_forever).start()
WEB
python3 "$work/web.py" &
web=$!

cat >"$work/squid.conf" <<CONF
http_port 127.0.0.1:3128
http_port 203.0.113.5:3128
http_port [2001:db8::5]:3128
hosts_file $work/hosts
dns_nameservers 127.0.0.1
dns_timeout 1 second
pinger_enable off
pid_filename $work/squid.pid
cache_log $work/cache.log
coredump_dir $work
cache deny all
shutdown_lifetime 0 seconds
uri_whitespace encode
strip_query_terms off
auth_param basic program /usr/lib/squid/basic_fake_auth
auth_param basic realm test
acl login proxy_auth REQUIRED
acl needs_login dstdomain api.openai.com
acl forbidden dstdomain claude.ai
http_access deny forbidden
http_access deny needs_login !login
http_access allow all
logformat splunk_recommended_squid %ts.%03tu logformat=splunk_recommended_squid duration=%tr src_ip=%>a src_port=%>p dest_ip=%<a dest_port=%<p user_ident="%[ui" user="%[un" local_time=[%tl] http_method=%rm request_method_from_client=%<rm request_method_to_server=%>rm url="%ru" http_referrer="%{Referer}>h" http_user_agent="%{User-Agent}>h" status=%>Hs vendor_action=%Ss dest_status=%Sh total_time_milliseconds=%<tt http_content_type="%mt" bytes=%st bytes_in=%>st bytes_out=%<st sni="%ssl::>sni"
access_log stdio:$work/access.log logformat=splunk_recommended_squid
CONF
unshare --user --map-user=1000 --map-group=1000 squid -N -f "$work/squid.conf" >"$work/out" 2>&1 &
squid=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do
    curl -s -o /dev/null -x http://203.0.113.5:3128 http://203.0.113.5/ready && break
    sleep 0.5
done
: >"$work/access.log"

get() { from=$1; shift; curl -s -m 5 -o /dev/null --interface "$from" -x http://203.0.113.5:3128 "$@" || true; }

get 192.0.2.7 'http://chatgpt.com/backend-api/conversation?model=x' -A 'Mozilla/5.0 (X11; Linux x86_64)' -d 'prompt=hello'
get 192.0.2.7 -p 'http://chatgpt.com:443/' -A 'python-requests/2.31'
get 192.0.2.8 'http://claude.ai/chat/1' -A 'curl/7.88.1'
get 192.0.2.8 -p 'http://claude.ai:443/'
get 192.0.2.9 'http://api.openai.com/v1/models'
get 192.0.2.9 -U 'alice:x' 'http://api.openai.com/v1/models?limit=2' -e 'https://www.example.com/docs page'
get 192.0.2.9 -U 'CORP\bob:x' -p 'http://api.openai.com:443/'
get 192.0.2.9 -U 'carol white:x' 'http://api.openai.com/v1/files' -F file=@"$work/web.py"
get 192.0.2.9 -U 'm"üller 100%:x' 'http://api.openai.com/v1/models'
get 192.0.2.8 'http://www.example.com/missing'
get 192.0.2.8 'http://nosuch.example.net/'
curl -s -m 5 -o /dev/null -6 --interface 2001:db8::7 -x 'http://[2001:db8::5]:3128' 'http://six.example.org/v6' || true
get 192.0.2.8 'http://[2001:db8::5]/literal'
# Whatever a client can write, written so as to become another field.
get 192.0.2.8 'http://evil.example/b?user="forged"&url="http://forged.example/"'
get 192.0.2.8 'http://evil.example/c' -A 'x" status=200 user="forged" url="http://forged.example/" y="'
get 192.0.2.8 'http://evil.example/d' -A 'x\" user=\"forged\" url=\"http://forged.example/' -e 'a" user="forged" src_ip=192.0.2.66 url="http://forged.example/'
get 192.0.2.8 -U 'x" local_time=[a] http_method=GET url="forged.example/" status=200 user="forged:x' 'http://api.openai.com/e'
get 192.0.2.8 'http://evil.example/f' -A "tab	and umlaut ü" -X 'PURGE'
python3 - <<'RAW'
import socket

def raw(data):
    with socket.create_connection(("203.0.113.5", 3128), 5, ("192.0.2.8", 0)) as s:
        s.sendall(data)
        s.settimeout(5)
        try:
            while s.recv(65536):
                pass
        except OSError:
            pass

raw(b"GET http://evil.example/g HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\nUser-Agent: a\x01b\x1b[2J\xff\"\\ c\r\n\r\n")
raw(b"garbage\r\n\r\n")
raw(b"GET http://evil.example/h\" user=\"forged\" HTTP/1.1\r\nHost: forged.example\r\nConnection: close\r\n\r\n")
RAW
sleep 0.5
cat "$work/access.log"
