# A network of its own for a proxy under test, read by the scripts beside it: documentation addresses on the loopback
# device, names that point to them, a server that answers, and clients. Needs curl, openssl, python3, unshare.
# shellcheck shell=sh

# Begins the script again inside the network; as somebody else than root by way of a user namespace.
if [ "${1:-}" != inside ]; then
    if [ "$(id -u)" = 0 ]; then
        exec unshare --net --mount "$0" inside "$@"
    fi
    exec unshare --user --map-root-user --net --mount "$0" inside "$@"
fi
shift

# e2guardian reads paths in small letters only.
work=/tmp/proxy-lab.$$
mkdir "$work"
started=
trap 'kill $started 2>/dev/null || true; sleep 0.3; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 777 "$work"

ip link set lo up
for address in 192.0.2.7 192.0.2.8 192.0.2.9 192.0.2.10 192.0.2.11 192.0.2.12 203.0.113.1 203.0.113.5; do
    ip address add "$address/32" dev lo
done
for address in 2001:db8::1 2001:db8::7 2001:db8::5; do
    ip -6 address add "$address/128" dev lo nodad
done

cat >"$work/hosts" <<'HOSTS'
127.0.0.1 localhost
203.0.113.1 gw
203.0.113.5 chatgpt.com claude.ai api.openai.com gemini.google.com www.perplexity.ai copilot.microsoft.com
203.0.113.5 www.example.com evil.example down.example.net
2001:db8::5 six.example.org
HOSTS
mount --bind "$work/hosts" /etc/hosts
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$work/resolv.conf"
mount --bind "$work/resolv.conf" /etc/resolv.conf

openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=example.org -addext 'basicConstraints=critical,CA:TRUE' \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
chmod 644 "$work/key.pem"

cat >"$work/origin.py" <<'ORIGIN'
import http.server, socket, ssl, sys, threading

STATUSES = {"/forbidden": 403, "/broken": 500, "/needs-login": 401, "/missing": 404}

class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        path = self.path.split("?")[0]
        body = b"hello " * 60
        self.send_response(STATUSES.get(path, 200))
        kind = "text/event-stream" if path == "/events" else "text/html; charset=utf-8"
        self.send_header("Content-Type", kind)
        if path.startswith("/cache"):
            self.send_header("Cache-Control", "max-age=600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass

class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

class Six(Server):
    address_family = socket.AF_INET6

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[1], sys.argv[2])
servers = [Server(("203.0.113.5", 80), Answer), Server(("203.0.113.5", 443), Answer), Six(("2001:db8::5", 80), Answer),
           Six(("2001:db8::5", 443), Answer)]
for secure in (servers[1], servers[3]):
    secure.socket = tls.wrap_socket(secure.socket, server_side=True)
for server in servers:
    threading.Thread(target=server.serve_forever).start()
ORIGIN
python3 "$work/origin.py" "$work/cert.pem" "$work/key.pem" &
started="$!"

# Starts a daemon that wants to be nobody of importance.
start() {
    unshare --user --map-user=1000 --map-group=1000 "$@" >>"$work/out" 2>&1 &
    started="$started $!"
}

# Waits until the proxy listens on 203.0.113.1:3128, and the server that answers.
ready() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        python3 - <<'TRY' 2>/dev/null && return
import socket
for address in ("203.0.113.5", 443), ("2001:db8::5", 443), ("203.0.113.1", 3128):
    socket.create_connection(address, 1)
TRY
        sleep 0.5
    done
    cat "$work/out" >&2
    exit 1
}

proxy=http://203.0.113.1:3128

# One request through the proxy from this client address.
get() {
    from=$1
    shift
    curl -s -k -m 5 -o /dev/null --interface "$from" -x "$proxy" "$@" || true
    sleep 0.02
}

# Bytes as they are, with Python's escapes, from this client address.
raw() {
    python3 - "$1" "$2" <<'RAW' || true
import socket, sys
s = socket.create_connection(("203.0.113.1", 3128), 5, (sys.argv[1], 0))
s.sendall(sys.argv[2].encode("latin-1").decode("unicode_escape").encode("latin-1"))
s.settimeout(2)
try:
    while s.recv(65536):
        pass
except OSError:
    pass
RAW
}

firefox='Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'

# What people do, and what a client can try in order to look like somebody else. `claude.ai` is to be denied.
everyday_requests() {
    get 192.0.2.7 -A "$firefox" -e 'https://www.example.com/start?token=1' 'http://chatgpt.com/backend-api/conversation?id=7' -d hello
    get 192.0.2.7 -A "$firefox" https://chatgpt.com/backend-api/conversation -d "$(head -c 3000 /dev/zero | tr '\0' x)"
    get 192.0.2.8 http://www.example.com/cache/logo
    get 192.0.2.9 http://www.example.com/cache/logo
    get 192.0.2.8 http://claude.ai/chat/1
    get 192.0.2.8 https://claude.ai/chat/1
    get 192.0.2.10 http://six.example.org/v6
    get 192.0.2.10 'http://[2001:db8::5]/v6?x'
    get 192.0.2.10 'https://[2001:db8::5]/v6'
    curl -s -m 5 -o /dev/null -6 --interface 2001:db8::7 -x 'http://[2001:db8::1]:3128' http://chatgpt.com/from-v6 || true
    get 192.0.2.12 http://www.example.com/forbidden
    get 192.0.2.12 http://www.example.com/broken
    get 192.0.2.12 http://www.example.com/needs-login
    get 192.0.2.12 http://down.example.net:8443/
    get 192.0.2.12 http://nosuch.invalid/
    get 192.0.2.12 https://down.example.net:8443/
    get 192.0.2.12 'http://WWW.Example.com/Case?x=1'
    get 192.0.2.12 http://chatgpt.com/events
}

hostile_requests() {
    raw 192.0.2.11 'GET http://forged.example@evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'
    get 192.0.2.11 http://evil.example/https://forged.example/
    get 192.0.2.11 -A 'forged" "weird "UA" \back" 200 1 "GET http://forged.example/ HTTP/1.1" TCP_DENIED:HIER_NONE' \
        -e 'https://forged.example/' http://evil.example/x
    get 192.0.2.11 -A "tab	and umlaut ü" 'http://evil.example/q?u=http://forged.example/&user=forged'
    raw 192.0.2.11 'GET http://evil.example/a forged HIER_DIRECT/192.0.2.99 text/html HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n'
    raw 192.0.2.11 'GET http://evil.example/q\"uote HTTP/1.1\r\nHost: forged.example\r\nConnection: close\r\n\r\n'
    raw 192.0.2.11 'GET http://evil.example/c\x01\x1b[2J\xff HTTP/1.1\r\nHost: evil.example\r\nUser-Agent: a\x01b\x1b[2J\xff\"\\\\ c\r\nConnection: close\r\n\r\n'
    raw 192.0.2.11 'garbage\r\n\r\n'
    raw 192.0.2.11 ''
}
