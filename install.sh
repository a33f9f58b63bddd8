#!/usr/bin/env bash
# install.sh – build goparallel and set it up for this user. No question is asked; it is safe to run again.
#
#   ./install.sh               build, install the Jupyter kernels, warm the cache, run the first notebook
#   ./install.sh --uninstall   take all of it away again
#
# The binary goes to ~/.local/bin, or to $PREFIX/bin where PREFIX is set.
set -euo pipefail

self=$(readlink -f "${BASH_SOURCE[0]}")
repo=$(dirname "$self")
doing=starting
step() { doing=$*; printf '\n==> %s\n' "$*"; }
fail() { told=yes; printf 'install.sh: %s\n' "$*" >&2; exit 1; }
told=
# Whatever ends the script early is named, once.
trap 'if [ $? != 0 ] && [ -z "$told" ]; then echo "install.sh: failed at \"$doing\": the message above says why. Mend it and run install.sh again." >&2; fi' EXIT

[ -n "${HOME:-}" ] || fail "HOME is not set"
bin=${PREFIX:-$HOME/.local}/bin
binary=$bin/goparallel
sudo=''; [ "$(id -u)" = 0 ] || sudo='sudo '

usage() { sed -n '2,7p' "$self" | sed 's/^# \{0,1\}//'; }

uninstall() {
  step "Removing goparallel"
  if [ -x "$binary" ]; then
    "$binary" install --uninstall
    rm -f "$binary"
    echo "removed $binary"
  else
    echo "$binary is not there"
  fi
  echo "Left alone: Go's own module and build caches (go clean -cache -modcache empties them)."
}

find_go() {
  local candidate
  for candidate in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go/bin/go /snap/bin/go "$HOME/go/bin/go" "$HOME/.local/go/bin/go"; do
    if [ -x "$candidate" ]; then echo "$candidate"; return; fi
  done
}

# at_least A B: version A is B or newer.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

check_tools() {
  step "Looking for Go"
  toolchain=$(awk '$1 == "toolchain" { print $2 }' "$repo/go.mod")
  local how="curl -fsSL https://go.dev/dl/$toolchain.linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/').tar.gz | ${sudo}tar -C /usr/local -xz"
  go=$(find_go)
  [ -n "$go" ] || fail "Go 1.21 or newer is needed, which fetches $toolchain, and there is none. Install it with:  $how"
  local have
  have=$(cd / && GOTOOLCHAIN=local GOFLAGS='' "$go" env GOVERSION)
  at_least "${have#go}" 1.21 || fail "Go 1.21 or newer is needed, which fetches $toolchain; $go is ${have#go}. Install it with:  ${sudo}rm -rf /usr/local/go && $how"
  echo "$go: $have"
  if ! command -v gcc >/dev/null; then
    echo "gcc: not there, and only needed for packages with code in C. For those:  ${sudo}apt-get install -y gcc libc6-dev"
  elif printf '#include <dlfcn.h>\nint main(void) { return dlopen(0, RTLD_NOW) == 0; }\n' | gcc -x c -o /dev/null - -ldl 2>/dev/null; then
    echo "$(command -v gcc): $(gcc -dumpfullversion)"
  else
    fail "gcc cannot link a program. Install what it lacks with:  ${sudo}apt-get install -y gcc libc6-dev binutils"
  fi
}

# What a user's shell or "go env -w" may have set must not change how things are built.
gocmd() {
  env -u GOOS -u GOARCH -u GOROOT -u GOEXPERIMENT -u GODEBUG \
    GOTOOLCHAIN="$toolchain" GOFLAGS=-buildvcs=false GOWORK=off GO111MODULE=on CGO_ENABLED=0 "$go" "$@"
}

fetch_toolchain() {
  step "Getting $toolchain"
  (cd "$repo" && gocmd version) || fail "the go command could not fetch $toolchain through the module proxy: check the network, or GOPROXY ($("$go" env GOPROXY))"
}

build() {
  step "Building $binary"
  mkdir -p "$bin"
  (cd "$repo" && gocmd build -trimpath -o "$binary.new" ./cmd/goparallel)
  mv -f "$binary.new" "$binary"
  "$binary" version
}

warm() {
  step "Compiling what cells import (a minute or so, once)"
  "$binary" warm | progress
}

# progress shows lines in place on a terminal, and as they are elsewhere.
progress() {
  if [ -t 1 ]; then
    local line
    while IFS= read -r line; do printf '\r\033[K%.76s' "$line"; done
    printf '\n'
  else
    cat
  fi
}

# A few cells show whether they do what Go programs do: they rest on the inside of this Go release.
examine() {
  step "Looking whether all is there and right"
  "$binary" doctor || fail "something essential is missing or wrong: see above"
}

# The kernel gophernotes, extended: nobody who does without it is held up.
gophernotes() {
  step "Building gophernotes with views and plots (half a minute)"
  "$binary" install --gophernotes | progress || true
}

find_jupyter() {
  step "Looking for JupyterLab"
  if command -v jupyter-lab >/dev/null; then
    echo "$(command -v jupyter-lab): $(jupyter-lab --version 2>/dev/null || echo 'its version is unknown')"
    echo "Start it with:  jupyter-lab   and choose \"Go (goparallel)\"."
  else
    echo "JupyterLab is not installed. goparallel runs notebooks without it (goparallel run NOTEBOOK). To get it:"
    echo "  ${sudo}apt-get install -y pipx && pipx install jupyterlab && pipx ensurepath"
  fi
}

first_notebook() {
  local notebook result
  notebook=$(ls "$repo"/notebooks/01-*.ipynb)
  step "Running $(basename "$notebook"), without Jupyter"
  result=$(mktemp -d)
  "$binary" run "$notebook" -o "$result/01.ipynb" --print > "$result/text"
  echo
  # The table begins with its head and ends with the line before the next result.
  awk '/^way of calling/ { n = 1 } n && n <= 7 { print; n++ }' "$result/text"
  grep -q '^way of calling' "$result/text" || fail "the notebook ran, but shows no table"
  rm -rf "$result"
}

case ${1:-} in
  '') ;;
  --uninstall) uninstall; exit ;;
  -h | --help) usage; exit ;;
  *) usage >&2; fail "unknown argument: $1" ;;
esac

check_tools
fetch_toolchain
build
step "Installing the Jupyter kernel"
"$binary" install
warm
gophernotes
find_jupyter
examine
first_notebook
step "Done"
case :$PATH: in
  *":$bin:"*) echo "goparallel doctor says at any time what is there." ;;
  *) echo "$bin is not in your PATH. Add it:  export PATH=\"\$PATH:$bin\"" ;;
esac
