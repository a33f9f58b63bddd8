#!/bin/bash
# Measures what cells cost on this machine; about six minutes.
# Options, such as -gonb PATH or -cells 10, go to the program in this folder.
set -euo pipefail
cd "$(dirname "$0")/../.."
GOTOOLCHAIN=$(awk '$1 == "toolchain" { print $2 }' go.mod)
export GOTOOLCHAIN

if ! /usr/bin/python3 -c 'import jupyter_client' 2>/dev/null; then
	echo "bench: installing Debian's jupyter_client" >&2
	sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get install -y -q --no-install-recommends python3-jupyter-client >/dev/null
fi
exec go run ./bench/cells "$@"
