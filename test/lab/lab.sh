#!/usr/bin/env bash
# lab.sh – a real JupyterLab 4 for tests, from Debian's own packages of a newer release, in a folder of its own.
#
#   lab.sh setup             make the root folder once (a minute, 0.4 GB; needs root)
#   lab.sh kernel BINARY     let JupyterLab start this goparallel binary
#   lab.sh start             start JupyterLab, print "URL TOKEN"
#   lab.sh stop              stop it
#   lab.sh run COMMAND…      run a command among the packages of the root folder
#   lab.sh remove            delete the root folder
#
# Settings: LAB_ROOT  the root folder                          [/var/cache/goparallel/lab]
#           LAB_STATE a folder below /tmp for what a run writes [/tmp/goparallel-lab]
#           LAB_PORT  the port on loopback                     [8897]
#
# Debian 12 has no JupyterLab; Debian 13 has 4.0.11. Its package depends on the hundreds of node packages that it is built
# from, and needs none of them to run: it is unpacked without them. Inside the root folder, /host is the machine itself, where
# the kernel runs with its Go and gcc.
set -euo pipefail
self=$(readlink -f "$0")
suite=trixie
root=${LAB_ROOT:-/var/cache/goparallel/lab}
state=${LAB_STATE:-/tmp/goparallel-lab}
port=${LAB_PORT:-8897}

# inside COMMAND…: replaces this shell by the command, chrooted in a mount namespace of its own, so that nothing stays
# mounted and signals reach it.
inside() {
  exec unshare --mount --propagation private bash -c '
    set -e; root=$1; shift
    mkdir -p "$root/host"; mount --rbind / "$root/host"
    for d in /proc /dev /sys /tmp; do mkdir -p "$root$d"; mount --rbind "$d" "$root$d"; done
    dir=$PWD; [ -d "$root$dir" ] || dir=/
    exec chroot "$root" /usr/bin/env --chdir="$dir" "$@"' inside "$root" \
    HOME="$state/home" JUPYTER_CONFIG_DIR="$state/config" JUPYTER_DATA_DIR="$state/data" JUPYTER_RUNTIME_DIR="$state/runtime" \
    IPYTHONDIR="$state/ipython" PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 TMPDIR=/tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

folders() {
  mkdir -p "$state"/{home,config/labconfig,data/kernels/goparallel,runtime,ipython,notebooks}
  chmod 700 "$state"
  [ -s "$state/token" ] || (umask 077; od -An -tx1 -N16 /dev/urandom | tr -d ' \n' > "$state/token")
  # No question over the page whether news are welcome, no look-ups of updates.
  echo '{ "@jupyterlab/apputils-extension:notification": { "checkForUpdates": false, "doNotDisturbMode": true, "fetchNews": "false" } }' \
    > "$state/config/labconfig/default_setting_overrides.json"
}

setup() {
  if [ -e "$root/.ready" ]; then echo "ready: $root ($(cat "$root/.ready"))"; return; fi
  rm -rf --one-file-system "$root"
  mkdir -p "$(dirname "$root")"
  local mirror packages
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ' || true)
  packages="python3 python3-async-lru python3-httpx python3-ipykernel python3-jinja2 python3-jupyter-core python3-jupyter-server
    python3-jupyter-server-terminals python3-jupyterlab-server python3-notebook-shim python3-packaging python3-setuptools
    python3-tornado python3-traitlets python3-jupyter-events python3-rpds-py python3-typing-extensions jupyter-core
    jupyter-client jupyter-server python3-nbclient python3-nbconvert python3-jupyter-kernel-test python3-pytest"
  local hook
  hook=$(mktemp)
  cat > "$hook" <<'HOOK'
#!/bin/sh
set -eu
chroot "$1" sh -c 'cd /tmp && apt-get download jupyterlab'
dpkg-deb --fsys-tarfile "$1"/tmp/jupyterlab_*.deb | tar -x -C "$1" --exclude='./usr/share/nodejs/*' --exclude='./usr/share/man/*' --keep-directory-symlink
rm -f "$1"/tmp/jupyterlab_*.deb
cp -L /etc/hosts /etc/resolv.conf "$1/etc/"
HOOK
  chmod +x "$hook"
  mmdebstrap --quiet --mode=root --variant=apt --components=main \
    --aptopt='APT::Install-Recommends "0"' --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --include="$(echo $packages | tr ' ' ,)" --customize-hook="$hook" "$suite" "$root" "${mirror:-http://deb.debian.org/debian}"
  rm -f "$hook"
  (inside python3 -c 'import jupyterlab; print("JupyterLab", jupyterlab.__version__)') > "$root/.ready.new"
  mv "$root/.ready.new" "$root/.ready"
  echo "made $root: $(cat "$root/.ready"), $(du -sh "$root" | cut -f1)"
}

# The kernel runs on the machine itself with the environment of whoever called, not with that of the root folder.
kernel() {
  local binary name environment=
  binary=$(readlink -f "$1")
  for name in HOME PATH XDG_CACHE_HOME GOCACHE GOMODCACHE GOPROXY; do
    [ -z "${!name:-}" ] || environment+="\"$name=${!name}\", "
  done
  cat > "$state/data/kernels/goparallel/kernel.json" <<JSON
{ "argv": ["chroot", "/host", "/usr/bin/env", $environment"$binary", "kernel", "{connection_file}"],
  "display_name": "Go (goparallel)", "language": "go", "interrupt_mode": "message" }
JSON
}

running() { [ -s "$state/pid" ] && kill -0 "$(cat "$state/pid")" 2>/dev/null && tr '\0' ' ' < "/proc/$(cat "$state/pid")/cmdline" | grep -q -- "--port=$port"; }

start() {
  if ! running; then
    (cd "$state/notebooks"; exec </dev/null >"$state/lab.log" 2>&1; exec setsid "$self" serve) &
    echo $! > "$state/pid"
    for _ in $(seq 150); do
      curl -sf "http://127.0.0.1:$port/api" >/dev/null && break
      kill -0 "$(cat "$state/pid")" 2>/dev/null || break
      sleep 0.2
    done
    running || { echo "JupyterLab did not start:" >&2; tail -n 20 "$state/lab.log" >&2; exit 1; }
  fi
  echo "http://127.0.0.1:$port/lab $(cat "$state/token")"
}

serve() {
  inside JUPYTER_TOKEN="$(cat "$state/token")" jupyter lab --allow-root --no-browser --ip=127.0.0.1 --port="$port" --ServerApp.port_retries=0 \
    --ServerApp.root_dir="$state/notebooks" --LabApp.extension_manager=readonly --LabApp.expose_app_in_browser=True
}

stop() {
  running || return 0
  local pid
  pid=$(cat "$state/pid")
  kill -TERM "$pid"
  for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  ! kill -0 "$pid" 2>/dev/null || kill -KILL "$pid"
  rm -f "$state/pid"
}

remove() {
  stop
  ! grep -q " $root/" /proc/self/mounts || { echo "something is mounted below $root" >&2; exit 1; }
  rm -rf --one-file-system "$root"
}

case ${1:-} in
  setup | start | serve | stop | remove) folders; "$1" ;;
  kernel) folders; kernel "$2" ;;
  run) folders; shift; inside "$@" ;;
  *) sed -n '2,17p' "$self"; exit 2 ;;
esac
