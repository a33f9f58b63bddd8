#!/bin/bash
# Measures goparallel against ipyparallel on this machine; about four minutes.
# Options, such as -rounds 3, go to the program in this folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
GOTOOLCHAIN=$(awk '$1 == "toolchain" { print $2 }' go.mod)
export GOTOOLCHAIN

if ! /usr/bin/python3 -c 'import ipyparallel, ipykernel' 2>/dev/null; then
	echo "bench: installing Debian's ipyparallel" >&2
	sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get install -y -q --no-install-recommends python3-ipyparallel python3-ipykernel >/dev/null
fi
exec go run ./bench/views "$@"
