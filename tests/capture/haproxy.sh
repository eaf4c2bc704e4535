#!/bin/sh
# Runs HAProxy on loopback with each of its layouts and prints what it logs: the origin of tests/formats/haproxy*.
# usage: haproxy.sh http|https|tcp|clf
set -eu
layout=$1
here=$(dirname "$0")
work=$(mktemp -d)
proxy='' origin='' tls=''
trap 'kill $proxy $origin $tls 2>/dev/null || true; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=example.org -keyout "$work/key" -out "$work/crt" 2>/dev/null
cat "$work/key" "$work/crt" > "$work/pem"
python3 "$here/web-origin.py" 18480 & origin=$!
openssl s_server -quiet -accept 127.0.0.1:18443 -key "$work/key" -cert "$work/crt" -www >/dev/null 2>&1 & tls=$!

case $layout in
http) option='option httplog' ;;
https) option='option httpslog' ;;
clf) option='option httplog clf' ;;
tcp) option='option tcplog' ;;
esac
cat > "$work/cfg" <<CFG
global
    log stdout format raw daemon
    log-tag haproxy
defaults
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    timeout http-request 1s
    log global
CFG
if [ "$layout" = tcp ]; then
cat >> "$work/cfg" <<CFG
frontend passthrough
    mode tcp
    bind 127.0.0.1:18481
    option tcplog
    tcp-request inspect-delay 1s
    tcp-request content accept if { req.ssl_hello_type 1 }
    default_backend tls
frontend passthrough_sni
    mode tcp
    bind 127.0.0.1:18482
    tcp-request inspect-delay 1s
    tcp-request content capture req.ssl_sni len 100
    tcp-request content reject if { req.ssl_sni -m end claude.ai }
    tcp-request content accept if { req.ssl_hello_type 1 }
    log-format "%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq %hr"
    default_backend tls
frontend down
    mode tcp
    bind 127.0.0.1:18483
    option tcplog
    default_backend down
backend tls
    mode tcp
    server s1 127.0.0.1:18443
backend down
    mode tcp
    server s1 127.0.0.1:1
CFG
else
cat >> "$work/cfg" <<CFG
frontend egress
    mode http
    bind 127.0.0.1:18481
    bind 127.0.0.1:18482 ssl crt $work/pem alpn h2,http/1.1
    $option
    capture request header Host len 64
    capture request header User-Agent len 128
    http-request deny if { path_beg /denied }
    http-request auth realm x if { path_beg /login }
    http-request redirect location https://login.example.org/ if { path_beg /redirected }
    http-request tarpit if { path_beg /tarpit }
    use_backend down if { path_beg /down }
    use_backend missing if { path_beg /missing }
    default_backend origin
frontend plain
    mode http
    bind 127.0.0.1:18483
    $option
    capture response header Server len 20
    default_backend origin
frontend bare
    mode http
    bind 127.0.0.1:18484
    $option
    default_backend origin
backend origin
    mode http
    server s1 127.0.0.1:18480
backend down
    mode http
    server s1 127.0.0.1:1
backend missing
    mode http
CFG
fi
haproxy -f "$work/cfg" > "$work/log" 2>"$work/err" & proxy=$!
sleep 1

get() { from=$1; shift; curl -s -m 4 -o /dev/null --interface "$from" "$@" || true; }
raw() { python3 - "$1" <<'PY' || true
import socket, sys
s = socket.create_connection(("127.0.0.1", 18481), 3, ("127.0.0.11", 0))
s.sendall(sys.argv[1].encode("latin-1").decode("unicode_escape").encode("latin-1"))
s.settimeout(3)
try: s.recv(9999)
except OSError: pass
PY
}
agent='Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0'
if [ "$layout" = tcp ]; then
    tls() { echo | timeout 3 openssl s_client -quiet -bind "$1:0" -connect "127.0.0.1:$2" ${3:+-servername "$3"} >/dev/null 2>&1 || true; }
    tls 127.0.0.7 18481 chatgpt.com
    tls 127.0.0.7 18482 chatgpt.com
    tls 127.0.0.8 18482 API.openai.com
    tls 127.0.0.9 18482 claude.ai
    tls 127.0.0.9 18482
    tls 127.0.0.10 18482 'x} 0/0 {forged.example'
    tls 127.0.0.8 18483 chatgpt.com
    get 127.0.0.8 http://127.0.0.1:18482/
else
    get 127.0.0.7 -A "$agent" -H 'Host: chatgpt.com' 'http://127.0.0.1:18481/backend-api/conversation?q=1' -d hello
    get 127.0.0.7 -A "$agent" -H 'Host: chatgpt.com:8080' http://127.0.0.1:18481/
    get 127.0.0.8 -A "$agent" -x http://127.0.0.1:18481 http://api.openai.com/v1/models
    get 127.0.0.8 -A "$agent" -p -x http://127.0.0.1:18481 http://claude.ai:443/
    get 127.0.0.8 -k -A "$agent" --http1.1 --resolve gemini.google.com:18482:127.0.0.1 https://gemini.google.com:18482/app
    get 127.0.0.8 -k -A "$agent" --http2 --resolve gemini.google.com:18482:127.0.0.1 https://gemini.google.com:18482/app?x=1
    get 127.0.0.8 -k -A "$agent" --http1.1 -H 'Host: gemini.google.com' https://127.0.0.1:18482/no-sni
    get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18481/denied
    get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18481/login
    get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18481/redirected
    get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18481/tarpit
    get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18481/down
    get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18481/missing
    get 127.0.0.9 -A "$agent" -H 'Host: www.example.com' http://127.0.0.1:18481/status/403
    get 127.0.0.9 -A "$agent" -H 'Host: www.example.com' http://127.0.0.1:18481/status/500
    get 127.0.0.9 -A '' -H 'Host: www.example.com' http://127.0.0.1:18481/no-agent
    get 127.0.0.10 -A "$agent" -H 'Host: www.example.com' http://127.0.0.1:18483/response-capture
    get 127.0.0.10 -A "$agent" -H 'Host: www.example.com' http://127.0.0.1:18484/no-capture
    get 127.0.0.11 -A 'a} {forged.example|x} "GET http://forged.example/ HTTP/1.1' -H 'Host: www.example.net' http://127.0.0.1:18481/forged
    get 127.0.0.11 -A 'forged.example' -H 'Host: www.example.net' http://127.0.0.1:18481/forged
    raw 'GET /q"uote|pipe#hash{x} HTTP/1.1\r\nHost: www.example.net\r\nUser-Agent: tab\there\xff\r\n\r\n'
    raw 'GET / HTTP/1.0\r\nUser-Agent: forged.example\r\n\r\n'
    raw 'GET http://a.example/x y HTTP/1.1\r\nHost: forged.example\r\n\r\n'
    raw '\x16\x03\x01\x02garbage\r\n\r\n'
    raw 'GET /slow HTTP/1.1\r\nHost: www.exa'
    raw ''
fi
sleep 2
sed -e 's/\b127\.0\.0\.\([0-9]*\):/192.0.2.\1:/g; s/^127\.0\.0\.\([0-9]*\) /192.0.2.\1 /' "$work/log"
cat "$work/err" >&2
