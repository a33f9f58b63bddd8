#!/usr/bin/env bash
# gridengine.sh – Grid Engine with one execution host, this machine.
#
#   eval "$(gridengine.sh up FOLDER)"   FOLDER must not exist, and be below /tmp; sets SGE_ROOT and others
#   gridengine.sh down FOLDER           ends it
#
# It needs root and gridengine-master, gridengine-exec and gridengine-client.
set -euo pipefail

root=$2
common=$root/default/common
host=localhost

# admin COMMAND…: as the user that the qmaster runs as.
admin() { setpriv --reuid=sgeadmin --regid=sgeadmin --clear-groups env HOME="$root" "$@"; }

folder() {
  mkdir -m 755 "$root"
  for part in bin lib util utilbin; do ln -s "/var/lib/gridengine/$part" "$root/$part"; done
  mkdir -p "$common" "$root/spool/qmaster/job_scripts" "$root/spool/execd"
  echo "$host" > "$common/act_qmaster"
  echo "$host $(hostname)" > "$common/host_aliases" # both are this machine
  cat > "$common/bootstrap" <<X
admin_user              sgeadmin
default_domain          none
ignore_fqdn             true
spooling_method         classic
spooling_lib            libspoolc
spooling_params         $common;$root/spool/qmaster
binary_path             /usr/lib/gridengine
qmaster_spool_dir       $root/spool/qmaster
security_mode           none
listener_threads        2
worker_threads          2
scheduler_threads       1
X
  sed "s#^execd_spool_dir .*#execd_spool_dir $root/spool/execd#; s#^gid_range .*#gid_range 20000-20100#; s#^min_uid .*#min_uid 0#; s#^min_gid .*#min_gid 0#
    s#^reporting_params .*#reporting_params accounting=true reporting=false flush_time=00:00:01 joblog=false sharelog=00:00:00#" \
    /usr/share/gridengine/default-configuration > "$root/configuration"
  chown -R sgeadmin:sgeadmin "$root"
  admin /usr/lib/gridengine/spoolinit classic libspoolc "$common;$root/spool/qmaster" init
  admin /usr/lib/gridengine/spooldefaults configuration "$root/configuration"
  admin /usr/lib/gridengine/spooldefaults complexes /usr/share/gridengine/util/resources/centry
  admin /usr/lib/gridengine/spooldefaults usersets /usr/share/gridengine/util/resources/usersets
  admin /usr/lib/gridengine/spooldefaults managers sgeadmin root
}

queue() {
  qconf -ah "$host" || true
  qconf -as "$host" || true
  printf 'group_name @allhosts\nhostlist %s\n' "$host" > "$root/hosts"
  qconf -Ahgrp "$root/hosts"
  printf '%s\n' 'pe_name smp' 'slots 99' 'user_lists NONE' 'xuser_lists NONE' 'start_proc_args NONE' 'stop_proc_args NONE' 'allocation_rule $pe_slots' \
    'control_slaves FALSE' 'job_is_first_task TRUE' 'urgency_slots min' 'accounting_summary FALSE' 'qsort_args NONE' > "$root/environment"
  qconf -Ap "$root/environment"
  # A busy machine starts nothing otherwise.
  qconf -sq | sed -E 's/^qname .*/qname all.q/; s/^hostlist .*/hostlist @allhosts/; s/^slots .*/slots 8/; s/^load_thresholds .*/load_thresholds NONE/
    s/^pe_list .*/pe_list smp/; s#^shell .*#shell /bin/bash#; s/^notify .*/notify 00:00:05/' > "$root/queue"
  qconf -Aq "$root/queue"
  qconf -ssconf | sed 's/^schedule_interval .*/schedule_interval 0:0:1/; s/^flush_submit_sec .*/flush_submit_sec 1/; s/^flush_finish_sec .*/flush_finish_sec 1/' > "$root/scheduler"
  qconf -Msconf "$root/scheduler"
}

up() {
  folder
  sge_qmaster
  for _ in $(seq 50); do
    timeout 5 qconf -sh && break
    sleep 0.1
  done
  queue
  sge_execd
  for _ in $(seq 100); do
    qhost | awk 'NR > 3 && $5 != "-"' | grep -q . && break
    sleep 0.2
  done
}

case $1 in
  up)
    SGE_QMASTER_PORT=$((6500 + RANDOM % 200))
    export SGE_ROOT=$root SGE_CELL=default SGE_QMASTER_PORT SGE_EXECD_PORT=$((SGE_QMASTER_PORT + 200))
    up > "$root.log" 2>&1 || { cat "$root.log" >&2; exit 1; }
    mv "$root.log" "$root/up.log"
    echo "export SGE_ROOT=$root SGE_CELL=default SGE_QMASTER_PORT=$SGE_QMASTER_PORT SGE_EXECD_PORT=$SGE_EXECD_PORT"
    ;;
  down)
    for file in "$root"/spool/execd/*/execd.pid "$root"/spool/qmaster/qmaster.pid; do
      [ -f "$file" ] || continue
      pid=$(cat "$file")
      kill "$pid" || continue
      for _ in $(seq 100); do
        kill -0 "$pid" 2> /dev/null || break
        sleep 0.1
      done
    done
    rm -rf "$root"
    ;;
  *) sed -n '2,8p' "$0" >&2; exit 2 ;;
esac
