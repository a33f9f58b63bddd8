#!/bin/bash
# Measures goparallel against its peers on this machine, in one run: a table is
# printed, and kept with all figures in bench/results. It takes up to 20 minutes;
# with -quick, five. -only NAMES takes some measures alone.
# Peers that are not installed are named and left out. Debian has them:
#   apt-get install python3-ipyparallel python3-ipykernel python3-distributed python3-joblib python3-numpy
set -euo pipefail
cd "$(dirname "$0")/.."
GOTOOLCHAIN=$(awk '$1 == "toolchain" { print $2 }' go.mod)
export GOTOOLCHAIN

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
go build -o "$built/peers" ./bench/peers
gopeer=()
if go build -C bench/peers/gopeer -o "$built/gopeer" .; then
	gopeer=(-gopeer "$built/gopeer")
fi
"$built/peers" "${gopeer[@]}" "$@"
