#!/bin/sh
# Runs Varnish on loopback and prints what varnishncsa logs: the origin of tests/formats/web-access-varnish.
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
chmod 777 "$work"
ncsa='' server='' origin=''
trap 'kill $ncsa $server $origin 2>/dev/null || true; sleep 1; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
python3 "$here/web-origin.py" 18780 & origin=$!
cat > "$work/vcl" <<'VCL'
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "18780"; }
sub vcl_recv { if (req.url ~ "^/denied") { return (synth(403)); } }
VCL
varnishd -F -n "$work/v" -a 127.0.0.1:18781 -f "$work/vcl" -s malloc,16m >"$work/err" 2>&1 & server=$!
sleep 3
varnishncsa -n "$work/v" > "$work/log" 2>>"$work/err" & ncsa=$!
sleep 1
get() { from=$1; shift; curl -s -m 4 -o /dev/null --interface "$from" "$@" || true; }
agent='Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0'
get 127.0.0.7 -A "$agent" -e https://www.example.org/ -H 'Host: chatgpt.com' 'http://127.0.0.1:18781/backend-api/models?x=1'
get 127.0.0.7 -A "$agent" -H 'Host: chatgpt.com' -d hello http://127.0.0.1:18781/backend-api/conversation
get 127.0.0.7 -A "$agent" -u 'v.rossi:secret' -H 'Host: claude.ai' http://127.0.0.1:18781/login
get 127.0.0.7 -A "$agent" -x http://127.0.0.1:18781 http://claude.ai/chat
get 127.0.0.8 -A "$agent" -H 'Host: claude.ai:8080' http://127.0.0.1:18781/denied
get 127.0.0.11 -A 'x" 200 5 "http://forged.example/" "y' -H 'Host: www.example.net' 'http://127.0.0.1:18781/a"b'
get 127.0.0.11 -A 'back\slash é' -u 'forged [02/Nov/2026] "GET http://forged.example/ HTTP/1.1" 200 5:x' -H 'Host: www.example.net' http://127.0.0.1:18781/
sleep 2
sed -e 's/^127\.0\.0\.\([0-9]*\) /192.0.2.\1 /; s/127\.0\.0\.1:18781/203.0.113.5/' "$work/log"
if [ -n "${SHOW_ERRORS:-}" ]; then cat "$work/err" >&2; fi
