#!/bin/sh
# Runs Caddy on loopback and prints its access log: the origin of tests/formats/caddy.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
server='' origin=''
trap 'kill $server $origin 2>/dev/null || true; sleep 1; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
python3 "$here/web-origin.py" 18680 & origin=$!
hash=$(caddy hash-password --plaintext secret)
cat > "$work/Caddyfile" <<CFG
{
    admin off
    auto_https disable_redirects
    skip_install_trust
    log default {
        output file $work/own.log
        exclude http.log.access
    }
    log access {
        output file $work/access.log
        include http.log.access
    }
}
http://:18681 {
    log
    respond /denied 403
    redir /moved https://www.example.org/
    basicauth /login* {
        alice $hash
        CORP\\bob $hash
    }
    reverse_proxy /down* 127.0.0.1:1
    reverse_proxy 127.0.0.1:18680
}
https://chatgpt.com:18682 {
    log
    tls internal
    reverse_proxy 127.0.0.1:18680
}
CFG
HOME=$work XDG_DATA_HOME=$work caddy run --config "$work/Caddyfile" --adapter caddyfile 2>"$work/err" & server=$!
sleep 4
get() { from=$1; shift; curl -s -m 4 -o /dev/null --interface "$from" "$@" || true; }
raw() { python3 - "$1" <<'PY' || true
import socket, sys
s = socket.create_connection(("127.0.0.1", 18681), 3, ("127.0.0.11", 0))
s.sendall(sys.argv[1].encode("latin-1").decode("unicode_escape").encode("latin-1"))
s.settimeout(2)
try: s.recv(9999)
except OSError: pass
PY
}
agent='Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0'
get 127.0.0.7 -A "$agent" -e https://www.example.org/ -H 'Host: chatgpt.com' 'http://127.0.0.1:18681/backend-api/conversation?q=1' -d hello
get 127.0.0.7 -A "$agent" -H 'Host: api.openai.com:8080' http://127.0.0.1:18681/v1/models
get 127.0.0.8 -A "$agent" -x http://127.0.0.1:18681 http://claude.ai/chat
get 127.0.0.8 -A "$agent" -p -x http://127.0.0.1:18681 http://claude.ai:443/
get 127.0.0.8 -k -A "$agent" --http2 --resolve chatgpt.com:18682:127.0.0.1 https://chatgpt.com:18682/app
get 127.0.0.8 -k -A "$agent" --http1.1 --resolve chatgpt.com:18682:127.0.0.1 https://chatgpt.com:18682/app
get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18681/denied
get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18681/moved
get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18681/down
get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18681/status/403
get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' http://127.0.0.1:18681/login
get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' -u alice:secret http://127.0.0.1:18681/login
get 127.0.0.9 -A "$agent" -H 'Host: claude.ai' -u 'CORP\bob:secret' http://127.0.0.1:18681/login
get 127.0.0.9 -A '' -H 'Host: claude.ai' http://127.0.0.1:18681/no-agent
get 127.0.0.11 -A '"},"request":{"host":"forged.example"},"user_id":"forged","x":{"a":"' -H 'Host: www.example.net' 'http://127.0.0.1:18681/a"b'
get 127.0.0.11 -A x -H 'User-Agent: y' -H 'X-Forwarded-For: 192.0.2.99' -H 'Host: www.example.net' http://127.0.0.1:18681/two-agents
raw 'GET /x HTTP/1.1\r\nHost: www.example.net\r\nHost: forged.example\r\n\r\n'
raw 'GET / HTTP/1.0\r\nUser-Agent: tab\there\xff\r\n\r\n'
raw '\x16\x03\x01garbage\r\n\r\n'
sleep 2
sed -e 's/127\.0\.0\.\([0-9]*\)/192.0.2.\1/g' "$work/access.log"
head -3 "$work/own.log" | sed -e 's/127\.0\.0\.\([0-9]*\)/192.0.2.\1/g'
if [ -n "${SHOW_ERRORS:-}" ]; then cat "$work/err" >&2; fi
