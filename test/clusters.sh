#!/usr/bin/env bash
# clusters.sh – tests of launchers with the real daemons: sshd and Slurm on machines that are network namespaces of this one,
# and Grid Engine here. A system that is not installed is left out.
#
#   test/clusters.sh [NAME [FLAG…]]   the tests whose names match; all take about four minutes, and with -long, which waits for Slurm's limits of
#                                     time, three more
#
# It needs root and what clusters/machines.sh and clusters/gridengine.sh name.
set -euo pipefail

repo=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
work=$(mktemp -d /tmp/goparallel-clusters-XXXXXX) # below /tmp, which all machines see
chmod 755 "$work"
machines=$work/machines-$((100000 + RANDOM))
finish() {
  [ ! -d "$machines" ] || "$repo/test/clusters/machines.sh" down "$machines"
  [ ! -d "$work/gridengine" ] || "$repo/test/clusters/gridengine.sh" down "$work/gridengine"
  rm -rf "$work"
}
trap finish EXIT

(cd "$repo" && go build -o "$work/goparallel" ./cmd/goparallel)
export GOPARALLEL=$work/goparallel
(cd "$repo" && go test -c -o "$work/clusters.test" ./test/clusters)
status=0 name=${1:-SSH|Slurm|CutOff|GridEngine}
shift || true
eval "$("$repo/test/clusters/machines.sh" up "$machines" 3)"
cd "$repo/test/clusters"
tests=("$work/clusters.test" -test.v -test.timeout=10m -test.run="$name" "$@")
$ON unshare --uts env -u SGE_ROOT bash -c 'hostname login; exec "$@"' -- "${tests[@]}" || status=1
if command -v sge_qmaster > /dev/null; then
  eval "$("$repo/test/clusters/gridengine.sh" up "$work/gridengine")"
  env -u MACHINES -u SLURM_CONF "${tests[@]}" || status=1
fi
exit $status
