#!/usr/bin/env bash
# test.sh – install what only tests need, then run every test. Safe to run again; needs no terminal.
#
#   ./test.sh           everything; about twenty minutes on two idle cores, more the first time
#   ./test.sh --go      the Go tests alone, nothing is installed
#   ./test.sh --long    everything, all Go tests under the race detector, and with root engines on other machines, whose daemons
#                       are installed (./test.sh runs these too where the daemons are there), and the steps of the container
#
# Packages are installed with apt-get as root or by sudo without a password; where neither works, what is missing must be there
# already. The last line counts: "N passed, N failed". What a failed set printed is kept in the folder that is named then.
set -euo pipefail

repo=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
cd "$repo"
sets=all race=some
for arg; do
  case $arg in
    --go) sets=go ;;
    --long) sets=long race=all ;;
    *) sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
  esac
done

toolchain=$(awk '$1 == "toolchain" { print $2 }' go.mod)
export GOTOOLCHAIN=$toolchain GOFLAGS=-buildvcs=false GOWORK=off
command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin
work=$(mktemp -d /tmp/goparallel-test-XXXXXX) # below /tmp, which the lab sees
export LAB_STATE=$work/lab
passed=0 failed=0 failures=
sudo=

finish() {
  local status=$?
  [ ! -d "$LAB_STATE" ] || $sudo env LAB_STATE="$LAB_STATE" LAB_PORT="${LAB_PORT:-}" "$repo/test/lab/lab.sh" stop || true
  if [ "$status" = 0 ] && [ "$failed" = 0 ]; then
    $sudo rm -rf "$work"
  else
    echo "what was printed is in $work"
  fi
}
trap finish EXIT

say() { printf '\n==> %s\n' "$*"; }

# check NAME COMMAND…: one set of tests, which passes or fails as a whole.
check() {
  local name=$1 began=$SECONDS
  shift
  if "$@" > "$work/$name.log" 2>&1; then
    passed=$((passed + 1))
    echo "ok    $name  ($((SECONDS - began)) s)"
  else
    failed=$((failed + 1))
    failures+="  $name"$'\n'
    tail -n 60 "$work/$name.log"
    echo "FAIL  $name  ($((SECONDS - began)) s)"
  fi
}

can_install() {
  [ "$(id -u)" != 0 ] || return 0
  sudo -n true 2>/dev/null && sudo=sudo
}

# need COMMAND-OR-FILE PACKAGE…: installs the packages unless the first argument is there.
need() {
  local what=$1
  shift
  if [ -e "$what" ] || command -v "$what" >/dev/null; then return; fi
  if ! can_install; then
    echo "test.sh: $what is missing, and this user cannot install it: apt-get install $*" >&2
    exit 1
  fi
  [ -e "$work/updated" ] || $sudo apt-get update -q > "$work/apt.log" 2>&1 || true
  touch "$work/updated"
  echo "installing $*"
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >> "$work/apt.log" 2>&1 ||
    { tail -n 20 "$work/apt.log" >&2; echo "test.sh: apt-get could not install $*" >&2; exit 1; }
}

formatted() {
  local files
  files=$(gofmt -l bench cmd internal kernel parallel plots test ./*.go)
  [ -z "$files" ] || { echo "not formatted: $files"; return 1; }
}

# gotests NAME FOLDER ARGUMENT…: runs go test in a folder and counts each test.
gotests() {
  local name=$1 folder=$2 began=$SECONDS log=$work/$1.log status=0 ok bad
  shift 2
  go test -C "$folder" -count=1 -timeout 15m -v "$@" > "$log" 2>&1 || status=$?
  ok=$(grep -c '^ *--- PASS' "$log" || true)
  bad=$(grep -c '^ *--- FAIL' "$log" || true)
  if [ "$status" != 0 ]; then
    [ "$bad" != 0 ] || bad=1 # it did not compile, or a process died
    awk -f test/failed.awk "$log" | tail -n 200
    failures+=$(awk -v set="$name" '$2 == "FAIL:" { print "  " set ": " $3 }' "$log")$'\n'
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  echo "$([ "$status" = 0 ] && echo 'ok  ' || echo FAIL)  $name: $ok passed, $bad failed  ($((SECONDS - began)) s)"
}

# Where several goroutines meet, the race detector looks on. The planner has one, and would take minutes.
mapfile -t concurrent < <(go list ./internal/kernel ./internal/kernel/jupyter ./parallel/... ./internal/parallel/... | grep -v '/internal/parallel/plan')

summary() {
  echo
  [ "$failed" = 0 ] || printf 'failed:\n%s' "$failures"
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}

say "Go: format, vet, tests"
go version
check format formatted
check vet go vet ./...
check lint test/lint.sh "$work"
# Elsewhere package parallel has no engines, so its tests do not compile there.
elsewhere() { CGO_ENABLED=0 GOOS=${1%/*} GOARCH=${1#*/} go build ./parallel ./plots; }
for system in darwin/arm64 windows/amd64 freebsd/amd64; do check "build-${system%/*}" elsewhere "$system"; done
check vet-arm64 env CGO_ENABLED=0 GOARCH=arm64 go vet ./parallel/... ./internal/... ./kernel/... ./cmd/... ./plots/...
gotests go . ./...
# These are modules of their own.
gotests prometheus observe/prometheus ./...
gotests kubernetes parallel/kubernetes ./...
if [ "$race" = all ]; then gotests race . -race ./...; else gotests race . -race "${concurrent[@]}"; fi
[ "$sets" != go ] || { summary; exit; }

say "What the other tests need"
need /usr/lib/python3/dist-packages/nbclient python3 python3-nbclient python3-jupyter-client python3-nbformat
need chromium chromium
need node nodejs
need npm npm
need curl curl
need mmdebstrap mmdebstrap
can_install || { echo "test.sh: JupyterLab's folder needs root: run test.sh as root, or ./test.sh --go" >&2; exit 1; }

say "Set-up"
# A home of its own, with a space in its name, and the settings that a shell may have.
home="$work/home of a user"
mkdir -p "$home"
gocache=$(go env GOCACHE) gomodcache=$(go env GOMODCACHE)
installed() {
  env HOME="$home" GOCACHE="$gocache" GOMODCACHE="$gomodcache" GOTOOLCHAIN=local GOFLAGS=-mod=vendor "$@" </dev/null
}
own_settings=
export JUPYTER_DATA_DIR=$work/data
binary=$home/.local/bin/goparallel
check install installed ./install.sh
sed -n '/^way of calling/,/^$/p' "$work/install.log"
check install-again installed ./install.sh
check doctor installed "$binary" doctor

say "Jupyter's own clients"
notebook=$(ls notebooks/01-*.ipynb)
python() { installed env ${own_settings:+-u GOTOOLCHAIN -u GOFLAGS} PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -W ignore "$@"; }
check client-session python test/client/session.py -v
for each in notebooks/*.ipynb; do
  [[ $each != */02-* ]] || own_settings=1 # a cell builds a program, by the user's go command and settings
  check "client-$(basename "$each" | cut -d- -f1)" python test/client/notebook.py -v "$each"
  own_settings=
done
lab() { installed $sudo env HOME="$home" GOCACHE="$gocache" GOMODCACHE="$gomodcache" PATH="$PATH" LAB_STATE="$LAB_STATE" LAB_PORT="${LAB_PORT:-}" JUPYTER_DATA_DIR= "$repo/test/lab/lab.sh" "$@"; }
check lab-setup lab setup
check lab-kernel lab kernel "$binary"
$sudo cp test/client/conformance.py "$LAB_STATE/"
check jupyter-kernel-test lab run python3 -m pytest -q -p no:cacheprovider "$LAB_STATE/conformance.py"

say "JupyterLab in a browser"
LAB_PORT=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export LAB_PORT
browser() {
  local url token
  mkdir -p "$work/playwright"
  (cd "$work/playwright" && npm install --no-audit --no-fund --no-save --silent playwright-core@1)
  $sudo cp "$notebook" "$LAB_STATE/notebooks/01.ipynb"
  read -r url token < <(lab start)
  LAB_URL=$url LAB_TOKEN=$token NOTEBOOK=01.ipynb SHOT=$work/plot.png PLAYWRIGHT=$work/playwright node test/lab/browser.mjs
}
check jupyterlab browser
# The picture of README.md, docs/jupyterlab.png, is this one.
screenshot() {
  local url token
  read -r url token < <(lab start)
  LAB_URL=$url LAB_TOKEN=$token NOTEBOOKS=$LAB_STATE/notebooks SHOT=$work/first.png PLAYWRIGHT=$work/playwright node test/lab/screenshot.mjs
}
check screenshot screenshot
if [ -s "$work/first.png" ]; then
  cp "$work/first.png" "${TMPDIR:-/tmp}/goparallel-jupyterlab.png"
  echo "screenshot: ${TMPDIR:-/tmp}/goparallel-jupyterlab.png"
fi

say "Taking it away"
uninstalled() {
  installed ./install.sh --uninstall
  [ ! -e "$binary" ] && [ -z "$(ls "$JUPYTER_DATA_DIR/kernels")" ] && [ ! -e "$home/.cache/goparallel" ]
}
check uninstall uninstalled
# Last, because its packages start daemons, and one of them cannot be installed where the machine's own name has no address.
daemons() { command -v ip && command -v slurmctld && command -v munged && [ -x /usr/sbin/sshd ]; } > /dev/null
if [ "$sets" = long ] && [ "$(id -u)" = 0 ] && ! daemons; then
  need ip iproute2
  need /usr/sbin/sshd openssh-server openssh-client
  need slurmctld slurm-wlm munge
  need sge_qmaster gridengine-master gridengine-exec gridengine-client
fi
if [ "$sets" = long ] && [ "$(id -u)" = 0 ]; then
  say "A container"
  check container go test ./test -run TestTheContainerWorks -container -timeout 60m
fi
if [ "$(id -u)" = 0 ] && daemons; then
  say "Engines on other machines"
  check clusters test/clusters.sh
else
  echo "left out: test/clusters.sh, which needs root, sshd and Slurm; ./test.sh --long installs them"
fi
summary
