#!/usr/bin/env bash
# machines.sh – a login node and N others on this machine: network namespaces with their own address, host name, shared
# memory and scratch, joined by a bridge. Each has an sshd and, where Slurm is installed, a slurmd.
#
#   eval "$(machines.sh up FOLDER [N])"   FOLDER must not exist, and be below /tmp; sets what follows
#   $ON COMMAND…                          runs a command on the login node
#   machines.sh down FOLDER               ends all of it
#
# It needs root, iproute2 and openssh-server; slurm-wlm and munge for Slurm.
set -euo pipefail

folder=$2
id=$(basename "$folder")
id=${id: -6} # names of interfaces are short
login=c$id
count=${3:-3}

# host I COMMAND: runs a shell line on a machine, in its own mount and host name space.
host() {
  nsenter --net="/run/netns/h$1$id" unshare --uts --mount bash -c "hostname n$1; mount -t tmpfs none /dev/shm; mount -t tmpfs none $folder/scratch; $2"
}

network() {
  ip netns add "$login"
  ip -n "$login" link set lo up
  ip -n "$login" link add br0 type bridge
  ip -n "$login" addr add 10.77.0.1/24 dev br0
  ip -n "$login" addr add 10.78.0.1/24 dev br0 # leads nowhere from the others
  ip -n "$login" link set br0 up
  for i in $(seq "$count"); do
    ip netns add "h$i$id"
    ip -n "h$i$id" link set lo up
    ip -n "$login" link add "v$i" type veth peer name eth0 netns "h$i$id"
    ip -n "$login" link set "v$i" master br0 up
    ip -n "h$i$id" addr add "10.77.0.$((10 + i))/24" dev eth0
    ip -n "h$i$id" link set eth0 up
    ip -n "h$i$id" route add blackhole 10.78.0.0/24
  done
}

sshd() {
  mkdir -p /run/sshd
  ssh-keygen -q -t ed25519 -N '' -f "$folder/id"
  for i in $(seq "$count"); do
    local dir=$folder/n$i
    mkdir -p -m 700 "$dir" "$dir/home"
    ssh-keygen -q -t ed25519 -N '' -f "$dir/hostkey"
    cp "$folder/id.pub" "$dir/authorized_keys"
    cat > "$dir/sshd_config" <<X
ListenAddress 10.77.0.$((10 + i))
HostKey $dir/hostkey
PidFile $dir/sshd.pid
AuthorizedKeysFile $dir/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
MaxStartups 10:30:100
SetEnv HOME=$dir/home XDG_CACHE_HOME=$dir/home/.cache
X
    printf '10.77.0.%d %s\n' $((10 + i)) "$(cut -d' ' -f1,2 "$dir/hostkey.pub")" >> "$folder/known_hosts"
    printf 'Host n%d\n HostName 10.77.0.%d\n' "$i" $((10 + i)) >> "$folder/ssh_config"
    host "$i" "exec /usr/sbin/sshd -f $dir/sshd_config -E $dir/sshd.log"
  done
  printf 'Host stranger\n HostName 10.77.0.11\n UserKnownHostsFile /dev/null\n' >> "$folder/ssh_config"
  printf 'Host *\n User %s\n IdentityFile %s\n IdentitiesOnly yes\n UserKnownHostsFile %s\n' "$(id -un)" "$folder/id" "$folder/known_hosts" >> "$folder/ssh_config"
}

slurm() {
  mkdir -p "$folder/munge" "$folder/state"
  (umask 077 && head -c 1024 /dev/urandom > "$folder/munge.key")
  munged --force --key-file="$folder/munge.key" --socket="$folder/munge/sock" --pid-file="$folder/munge/pid" \
    --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"
  local task=task/none
  if mkdir "/sys/fs/cgroup/memory/probe$id" 2> /dev/null && [ -e "/sys/fs/cgroup/memory/probe$id/memory.limit_in_bytes" ]; then # jobs get the memory that they ask for, and no more
    task=task/cgroup
    printf '%s\n' CgroupPlugin=cgroup/v1 CgroupMountpoint=/sys/fs/cgroup ConstrainRAMSpace=yes ConstrainSwapSpace=no AllowedRAMSpace=100 MinRAMSpace=20 > "$folder/cgroup.conf"
  fi
  rmdir "/sys/fs/cgroup/memory/probe$id" 2> /dev/null || true
  cat > "$folder/slurm.conf" <<X
ClusterName=test
SlurmctldHost=login(10.77.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/sock,cred_expire=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=$task
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=bf_interval=1
DefMemPerCPU=200
ReturnToService=2
KillWait=5
MinJobAge=10
SlurmdTimeout=10
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
X
  for i in $(seq "$count"); do
    mkdir "$folder/spool-n$i"
    echo "NodeName=n$i NodeHostname=n$i NodeAddr=10.77.0.$((10 + i)) Port=6818 CPUs=2 RealMemory=2000 State=UNKNOWN" >> "$folder/slurm.conf"
  done
  cat >> "$folder/slurm.conf" <<X
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10
X
  export SLURM_CONF=$folder/slurm.conf
  nsenter --net="/run/netns/$login" unshare --uts bash -c "hostname login; exec slurmctld -f $SLURM_CONF"
  # Nodes keep programs that are brought to them in a folder of their own, which the login node does not see. It is in the home of the user as
  # jobs know it; HOME may be another one here.
  programs=$(getent passwd "$(id -u)" | cut -d: -f6)/.cache/goparallel/programs
  (umask 077 && mkdir -p "$programs")
  for i in $(seq "$count"); do host "$i" "mount -t tmpfs -o mode=700 none '$programs'; exec slurmd -f $SLURM_CONF -N n$i"; done
  for _ in $(seq 200); do
    [ "$(nsenter --net="/run/netns/$login" sinfo -h -N -p debug -t idle -o %N | wc -l)" != "$count" ] || break
    sleep 0.1
  done
}

up() {
  mkdir -m 755 "$folder" "$folder/scratch"
  network
  sshd
  if command -v slurmctld > /dev/null; then slurm; fi
}

# down ends what up has started, by the numbers of the processes and by the namespaces that they are in.
down() {
  local pid name
  for pid in "$folder"/slurmctld.pid "$folder"/slurmd-*.pid "$folder"/munge/pid "$folder"/n*/sshd.pid; do
    [ ! -f "$pid" ] || kill "$(cat "$pid")" || true
  done
  for name in $(ip netns list | awk -v id="$id" '{ if (index($1, id) > 1) print $1 }'); do
    ip netns pids "$name" | xargs -r kill -9 || true
    ip netns del "$name"
  done
  for name in /sys/fs/cgroup/*/slurm_n[0-9]*; do # what Slurm has made for jobs
    [ ! -d "$name" ] || find "$name" -depth -type d -exec rmdir {} + 2> /dev/null || true
  done
  rm -rf "$folder"
}

case $1 in
  up)
    up > "$folder.log" 2>&1 || { cat "$folder.log" >&2; exit 1; }
    mv "$folder.log" "$folder/up.log"
    echo "export MACHINES=$folder MACHINES_ID=$id ON='nsenter --net=/run/netns/$login' SLURM_CONF=$folder/slurm.conf"
    ;;
  down) down ;;
  *) sed -n '2,10p' "$0" >&2; exit 2 ;;
esac
