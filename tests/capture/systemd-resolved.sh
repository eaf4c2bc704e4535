#!/bin/sh
# Runs systemd-resolved in mount and network namespaces of its own, asks it for names and prints what
# `resolvectl monitor --json=short` shows. Needs root, dbus-daemon, dnsmasq (as upstream) and dig.
# RESOLVED and RESOLVECTL name the programs where Debian's package `systemd-resolved` is unpacked, not installed.
# Usage: unshare --mount --net tests/capture/systemd-resolved.sh > sample.log
set -eu
resolved=${RESOLVED:-/lib/systemd/systemd-resolved}
resolvectl=${RESOLVECTL:-/usr/bin/resolvectl}
dir=$(mktemp -d); chmod 755 "$dir"
pids=
trap 'kill $pids 2>/dev/null || true; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# A user and directories that only this namespace sees.
cp /etc/passwd "$dir/passwd"; cp /etc/group "$dir/group"
grep -q '^systemd-resolve:' "$dir/passwd" || echo 'systemd-resolve:x:996:996::/:/usr/sbin/nologin' >> "$dir/passwd"
grep -q '^systemd-resolve:' "$dir/group" || echo 'systemd-resolve:x:996:' >> "$dir/group"
mount --bind "$dir/passwd" /etc/passwd; mount --bind "$dir/group" /etc/group
mkdir -p "$dir/etc" /run/systemd /run/dbus
mount -t tmpfs tmpfs /run/systemd; mount -t tmpfs tmpfs /run/dbus
mkdir -p /run/systemd/resolve /run/systemd/system; chown systemd-resolve:systemd-resolve /run/systemd/resolve
printf '[Resolve]\nDNS=127.0.0.1:5399\nLLMNR=no\nMulticastDNS=no\n' > "$dir/etc/resolved.conf"
mount --bind "$dir/etc" /etc/systemd

# resolved answers only while some link is up.
ip link set lo up
ip link add gate type veth peer name peer
ip address add 192.0.2.1/24 dev gate; ip link set peer up; ip link set gate up

cat > "$dir/bus.conf" <<'X'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_destination="*"/><allow receive_sender="*"/></policy></busconfig>
X
dbus-daemon --config-file="$dir/bus.conf" --nofork 2>/dev/null & pids="$pids $!"
dnsmasq --keep-in-foreground --port=5399 --listen-address=127.0.0.1 --bind-interfaces --no-resolv --no-hosts --user=root \
    --pid-file= --address=/chatgpt.com/203.0.113.10 --address=/chatgpt.com/2001:db8::10 --address=/blocked.example.com/0.0.0.0 \
    --cname=www.example.org,api.openai.com --host-record=api.openai.com,203.0.113.11 --local=/example.net/ 2>/dev/null & pids="$pids $!"
sleep 1
"$resolved" 2>/dev/null & pids="$pids $!"
sleep 2
"$resolvectl" monitor --json=short & pids="$pids $!"
sleep 1
ask() { dig +time=12 +tries=1 @127.0.0.53 "$@" > /dev/null || true; }
ask chatgpt.com A
ask ChatGPT.com AAAA
ask www.example.org A
ask nosuch.example.net A
ask blocked.example.com A
ask api.openai.com HTTPS
"$resolvectl" query claude.ai > /dev/null 2>&1 || true
"$resolvectl" query chatgpt.com > /dev/null 2>&1 || true
"$resolvectl" query --type=TXT api.openai.com > /dev/null 2>&1 || true
ask 'a\"b\,c\:\032x.example.org' A
ask '\"},{\"class\":1,\"type\":1,\"name\":\"forged.example\"}],\"x\":\".example.net' A
ask 'forged.example\010.example.net' A
ask 'caf\195\169.example.net' A
ask 10.2.0.192.in-addr.arpa PTR
ask localhost A
sleep 1
