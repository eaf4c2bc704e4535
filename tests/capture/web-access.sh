#!/bin/sh
# Runs nginx or Apache on loopback as forward proxy and as egress, and prints their access logs: the origin of
# tests/formats/web-access*. usage: web-access.sh nginx|apache
set -eu
product=$1
here=$(dirname "$0")
work=$(mktemp -d)
chmod 755 "$work"
server='' origin=''
trap 'kill $server $origin 2>/dev/null || true; sleep 1; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
python3 "$here/web-origin.py" 18580 & origin=$!
for user in alice 'CORP\bob' 'carol white' 'm"x'; do
    printf '%s:%s\n' "$user" "$(openssl passwd -apr1 secret)"
done > "$work/users"

if [ "$product" = nginx ]; then
cat > "$work/conf" <<CFG
daemon off;
pid $work/pid;
error_log $work/error.log;
events {}
http {
    access_log off;
    log_format common '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent';
    log_format main '\$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" "\$http_x_forwarded_for"';
    log_format vhost '\$host:\$server_port \$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" \$request_time';
    log_format sizes '\$host \$remote_addr - \$remote_user [\$time_local] "\$request" \$status \$body_bytes_sent "\$http_referer" "\$http_user_agent" \$request_length \$bytes_sent';
    client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
    client_header_timeout 1s;
    server {
        listen 127.0.0.1:18581;
        access_log $work/access.log main;
        location / { proxy_pass http://127.0.0.1:18580; }
        location /denied { deny all; }
        location /hangup { return 444; }
        location /down { proxy_pass http://127.0.0.1:1; }
    }
    server { listen 127.0.0.1:18582; access_log $work/access.log common; location / { proxy_pass http://127.0.0.1:18580; } }
    server { listen 127.0.0.1:18583; access_log $work/access.log vhost; location / { proxy_pass http://127.0.0.1:18580; auth_basic x; auth_basic_user_file $work/users; } }
    server { listen 127.0.0.1:18584; access_log $work/access.log sizes; location / { proxy_pass http://127.0.0.1:18580; } }
    server { listen 127.0.0.1:18585; access_log $work/access.log combined; location / { proxy_pass http://127.0.0.1:18580; } }
}
CFG
nginx -c "$work/conf" 2>"$work/err" & server=$!
else
modules=/usr/lib/apache2/modules
cat > "$work/conf" <<CFG
ServerRoot $work
ServerName proxy.example.org
PidFile $work/pid
ErrorLog $work/error.log
User www-data
Group www-data
LoadModule mpm_event_module $modules/mod_mpm_event.so
LoadModule authn_core_module $modules/mod_authn_core.so
LoadModule authn_file_module $modules/mod_authn_file.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule authz_user_module $modules/mod_authz_user.so
LoadModule auth_basic_module $modules/mod_auth_basic.so
LoadModule reqtimeout_module $modules/mod_reqtimeout.so
LoadModule proxy_module $modules/mod_proxy.so
LoadModule proxy_http_module $modules/mod_proxy_http.so
LoadModule proxy_connect_module $modules/mod_proxy_connect.so
RequestReadTimeout header=1
LogFormat "%h %l %u %t \"%r\" %>s %O" common
LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" combined
LogFormat "%v:%p %h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" vhost_combined
LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-Agent}i\" %I %O" combinedio
Listen 127.0.0.1:18581
Listen 127.0.0.1:18582
Listen 127.0.0.1:18583
Listen 127.0.0.1:18584
Listen 127.0.0.1:18585
ProxyRemote * http://127.0.0.1:18580
AllowCONNECT 443
<VirtualHost 127.0.0.1:18581>
    ProxyRequests On
    ProxyBlock claude.ai
    CustomLog $work/access.log combined
</VirtualHost>
<VirtualHost 127.0.0.1:18582>
    ProxyRequests On
    CustomLog $work/access.log common
</VirtualHost>
<VirtualHost 127.0.0.1:18583>
    ServerName proxy.example.org:3128
    UseCanonicalName On
    UseCanonicalPhysicalPort Off
    ProxyRequests On
    CustomLog $work/access.log vhost_combined
    <Proxy *>
        AuthType Basic
        AuthName x
        AuthBasicProvider file
        AuthUserFile $work/users
        Require valid-user
    </Proxy>
</VirtualHost>
<VirtualHost 127.0.0.1:18584>
    ProxyRequests On
    CustomLog $work/access.log combinedio
</VirtualHost>
<VirtualHost 127.0.0.1:18585>
    ServerName chatgpt.com
    UseCanonicalName On
    ProxyPass / http://127.0.0.1:18580/
    CustomLog $work/access.log vhost_combined
</VirtualHost>
CFG
sed -i 's/^LoadModule mpm_event/LoadModule logio_module \/usr\/lib\/apache2\/modules\/mod_logio.so\n&/' "$work/conf"
[ -e $modules/mod_logio.so ] || sed -i '/logio_module/d' "$work/conf"
apache2 -X -f "$work/conf" 2>"$work/err" & server=$!
fi
sleep 2

get() { from=$1; shift; curl -s -m 4 -o /dev/null --interface "$from" "$@" || true; }
raw() { python3 - "$1" "$2" <<'PY' || true
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 3, ("127.0.0.11", 0))
s.sendall(sys.argv[2].encode("latin-1").decode("unicode_escape").encode("latin-1"))
s.settimeout(3)
try: s.recv(9999)
except OSError: pass
PY
}
agent='Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/141.0'
for port in 18581 18582 18584; do
    get 127.0.0.7 -A "$agent" -x "http://127.0.0.1:$port" -e https://www.example.org/page 'http://chatgpt.com/backend-api/conversation?q=1' -d hello
    get 127.0.0.8 -A "$agent" -p -x "http://127.0.0.1:$port" http://api.openai.com:443/v1/models
    get 127.0.0.8 -A "$agent" -x "http://127.0.0.1:$port" http://www.example.com/status/403
    get 127.0.0.8 -A "$agent" "http://127.0.0.1:$port/path-only"
done
get 127.0.0.9 -A "$agent" -x http://127.0.0.1:18581 http://claude.ai/chat
get 127.0.0.9 -A "$agent" -p -x http://127.0.0.1:18581 http://claude.ai:443/
get 127.0.0.9 -A "$agent" -p -x http://127.0.0.1:18581 http://www.example.com:8443/
get 127.0.0.9 -A "$agent" -x http://127.0.0.1:18581 http://www.example.com/denied
get 127.0.0.9 -A "$agent" -x http://127.0.0.1:18581 http://www.example.com/hangup
get 127.0.0.9 -A "$agent" -x http://127.0.0.1:18581 http://www.example.com/down
auth() { if [ "$product" = nginx ]; then get "$1" -A "$agent" -u "$2" -x http://127.0.0.1:18583 "$3"; else get "$1" -A "$agent" -U "$2" -x http://127.0.0.1:18583 "$3"; fi; }
get 127.0.0.10 -A "$agent" -x http://127.0.0.1:18583 http://gemini.google.com/app
auth 127.0.0.10 alice:secret http://gemini.google.com/app
auth 127.0.0.10 'CORP\bob:secret' http://gemini.google.com/app
auth 127.0.0.10 'carol white:secret' http://gemini.google.com/app
auth 127.0.0.10 'm"x:secret' http://gemini.google.com/app
get 127.0.0.12 -A "$agent" -H 'Host: chatgpt.com' http://127.0.0.1:18583/vhost
get 127.0.0.12 -A "$agent" -H 'Host: chatgpt.com' http://127.0.0.1:18584/vhost
get 127.0.0.12 -A "$agent" -H 'Host: chatgpt.com' http://127.0.0.1:18585/vhost
get 127.0.0.11 -A 'x" 200 5 "-" "-"' -H 'X-Forwarded-For: 192.0.2.99", "forged.example' -x http://127.0.0.1:18581 'http://www.example.net/a"b'
get 127.0.0.11 -A 'back\slash é' -e '" "GET http://forged.example/ HTTP/1.1" 200 5' -x http://127.0.0.1:18581 'http://www.example.net/"%20200%205'
auth 127.0.0.11 'forged [02/Nov/2026] "GET http://forged.example/ HTTP/1.1" 200 5 "-" "-":x' http://www.example.net/forged-user
raw 18581 'GET /x" 200 5 "http://forged.example/ HTTP/1.1\r\nHost: www.example.net\r\nUser-Agent: tab\there\r\n\r\n'
raw 18581 '\x16\x03\x01\x02"garbage\r\n\r\n'
raw 18581 'GET http://www.example.net/slow HTTP/1.1\r\nHost: www.exa'
raw 18581 'GET /\r\n\r\n'
sleep 2
sed -e 's/\b127\.0\.0\.1:\(18[0-9]*\) 127/203.0.113.5:80 127/; s/127\.0\.0\.\([0-9]*\) -/192.0.2.\1 -/; s/\([^ ]*\):1858[0-9] /\1:8080 /' "$work/access.log"
if [ -n "${SHOW_ERRORS:-}" ]; then cat "$work/err" "$work/error.log" >&2; fi
