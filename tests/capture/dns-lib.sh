# shellcheck shell=bash
# Sourced by the DNS captures: a directory that goes away, processes that end with the script, addresses of the
# documentation ranges for those of loopback.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
chmod 755 "$work"
port=${PORT:-5300}
upstream=$((port + 1))
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# Becomes a program, as nobody if we may choose; to be put into the background.
as_nobody() {
    if [ "$(id -u)" = 0 ]; then
        chown -R nobody "$work"
        exec setpriv --reuid=nobody --regid=nogroup --clear-groups "$@"
    else
        exec "$@"
    fi
}

# Waits until something listens on a UDP port of loopback.
await_port() {
    for _ in $(seq 100); do
        if grep -qi ":$(printf '%04X' "$1") " /proc/net/udp; then return; fi
        sleep 0.1
    done
    echo "nothing listens on port $1" >&2
    return 1
}

serve_upstream() {
    python3 "$here/dns.py" serve "$upstream" & pids+=($!)
    await_port "$upstream"
}

# Clients 127.0.0.N become 192.0.2.N, the forged 127.0.0.99 with them; the server becomes 203.0.113.5; days without a year
# become 23 November, so that no fixture lies ahead of the time that tests think it is.
documentation_addresses() {
    sed -E -e 's/^[A-Z][a-z]{2} [ 0-9][0-9] ([0-9:]{8})/Nov 23 \1/' -e 's/\b127\.0\.0\.1\b/203.0.113.5/g' -e 's/\b127\.0\.0\.([0-9]+)\b/192.0.2.\1/g' -e 's/::1\b/2001:db8::1/g'
}
