#!/bin/sh
# Runs e2guardian as an explicit proxy, sends ordinary and hostile requests through it and prints its log: the origin of
# tests/formats/e2guardian*.
# usage: e2guardian.sh LOGFILEFORMAT   (1 space delimited … 6 Protex, 8 E2G in later versions)
set -eu
# shellcheck source=tests/capture/proxy-lab.sh
. "$(dirname "$0")/proxy-lab.sh"

cp -r /etc/e2guardian "$work/e2"
mkdir -m 777 "$work/log" "$work/run"
find "$work/e2" -type f -exec sed -i "s#/etc/e2guardian#$work/e2#g; s#^\.Include</etc#.Include<$work#" {} +
echo claude.ai >>"$work/e2/lists/localbannedsitelist"
sed -i -e "s/^logfileformat *=.*/logfileformat = $1/" -e "s/^loglocation *=.*//" -e 's/^filterports = 8080/filterports = 3128/' \
    -e 's/^filterip *=.*/filterip = 203.0.113.1/' -e 's/^loguseragent *=.*/loguseragent = on/' -e 's/^nodaemon *=.*/nodaemon = on/' \
    "$work/e2/e2guardian.conf"
cat >>"$work/e2/e2guardian.conf" <<CONF
loglocation = '$work/log/access.log'
pidfilename = '$work/run/pid'
daemonuser = 'root'
daemongroup = 'root'
CONF
e2guardian -N -c "$work/e2/e2guardian.conf" >>"$work/out" 2>&1 &
started="$started $!"
ready
everyday_requests
get 192.0.2.9 -U alice:x http://api.openai.com/v1/models
hostile_requests
sleep 1
cat "$work"/log/access.log || { cat "$work/out" >&2; }
