#!/usr/bin/env bash
# clusters.sh – tests of launchers with the real daemons, on machines that are network namespaces of this one.
#
#   test/clusters.sh [FLAG…]   FLAGs are those of a test binary, such as -test.run=SSH
#
# It needs root and what clusters/machines.sh names.
set -euo pipefail

repo=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
cd "$repo"
work=$(mktemp -d /tmp/goparallel-clusters-XXXXXX) # below /tmp, which all machines see
chmod 755 "$work"
machines=$work/machines-$((100000 + RANDOM))
trap '"$repo"/test/clusters/machines.sh down "$machines"; rm -rf "$work"' EXIT

go test -c -o "$work/clusters.test" ./test/clusters
eval "$("$repo"/test/clusters/machines.sh up "$machines" 3)"
cd "$work"
$ON unshare --uts bash -c 'hostname login; exec "$@"' -- "$work/clusters.test" -test.v -test.timeout=10m "$@"
