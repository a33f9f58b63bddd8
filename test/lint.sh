#!/usr/bin/env bash
# lint.sh – what staticcheck finds, and functions that nothing reaches.
#
#   test/lint.sh FOLDER   FOLDER is for what it builds
#
# The tools are pinned in test/tools, a module of its own, so that no user of this one has them in a go.sum.
set -euo pipefail

repo=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
folder=$(readlink -f "$1")
cd "$repo"
module=$(awk '$1 == "module" { print $2 }' go.mod)
release=$(awk '$1 == "toolchain" { sub("go", "", $2); print $2 }' go.mod)
export GOTOOLCHAIN=go$release GOFLAGS=-buildvcs=false GOWORK=off
status=0

mkdir -p "$folder/bin" "$folder/roots"
go build -C test/tools -o "$folder/bin/" tool ./roots

"$folder/bin/staticcheck" ./... || status=1
for nested in observe/prometheus parallel/kubernetes; do # modules of their own, for their users' sake
  (cd "$nested" && "$folder/bin/staticcheck" ./...) || status=1
done

# Reached is what a program of the repository calls, and what these packages export: people and generated code call it.
people=(parallel internal/parallel/launchers plots kernel/comms kernel/display kernel/widgets internal/kernel/gophernotes/parallel kernel/gophernotes/display)
cells=(internal/kernel/live internal/kernel/live/carry internal/kernel/command internal/kernel/command/overhead internal/parallel/poll internal/parallel/registry)
host=(internal/kernel/host internal/goabi/goruntime internal/kernel/host/native internal/goabi/loader internal/parallel/fetch)
extended=(internal/kernel/gophernotes/source) # its Close is for tests: the kernel keeps its compiler for as long as it lives
"$folder/bin/roots" "$folder/roots" $(printf "$module/%s " "${people[@]}" "${cells[@]}" "${host[@]}" "${extended[@]}")
printf 'go %s\n\nuse (\n\t%s\n\t%s\n)\n' "$release" "\"$repo\"" "\"$folder/roots\"" > "$folder/roots/go.work"
unreached=$(GOWORK=$folder/roots/go.work "$folder/bin/deadcode" -filter "^$module" ./... "$folder/roots")
# What only tests are made of is reached by tests.
unreached=$(grep -v '^internal/kernel/difftest/\|^test/\|^internal/parallel/plan/shapes/\|^internal/kernel/frontend/\|^internal/kernel/session/sessiontest/\|^internal/parallel/process/emulated/' <<< "$unreached" || true)
[ -z "$unreached" ] || { echo "$unreached"; status=1; }
exit $status
