#!/bin/bash
# batch.sh – stands for the commands of a batch system, by whose names it is called: it takes scripts, runs their elements on
# this machine and lists them. Its state is in $BATCH; each call is noted in $BATCH/calls.
set -u
name=$(basename "$0")
echo "$name $*" >> "$BATCH/calls"

# submit FIRST LAST VARIABLE: runs the script for each index.
submit() {
  for i in $(seq "$1" "$2"); do
    out=$(sed -n 's/^#[A-Z$]* -o \(.*\)$/\1/p' "$dir/script" | sed "s/%I/$i/; s/\$TASK_ID/$i/")
    env "$3=$i" setsid bash "$dir/script" >> "${out:-/dev/null}" 2>&1 < /dev/null &
    echo $! > "$dir/pid.$i"
  done
}

# list FORMAT RUNNING ENDED: a line for each element: job, index, state.
list() {
  for pid in "$BATCH"/job*/pid.*; do
    [ -e "$pid" ] || continue
    job=${pid#"$BATCH"/job}
    job=${job%%/*}
    state=$3
    if kill -0 "$(cat "$pid")" 2> /dev/null; then state=$2; fi
    [ -e "$BATCH/state" ] && state=$(cat "$BATCH/state")
    if [ "$state" = gone ]; then continue; fi
    printf "$1" "$job" "${pid##*.}" "$state"
  done
}

# cancel JOB [INDEX]
cancel() {
  for pid in "$BATCH/job$1"/pid.${2:-*}; do kill -TERM -"$(cat "$pid")" 2> /dev/null; done
}

id=$((100 + $(ls -d "$BATCH"/job* 2> /dev/null | wc -l)))
dir=$BATCH/job$id
case $name in
  qsub | bsub | condor_submit)
    if [ -e "$BATCH/refuse" ]; then cat "$BATCH/refuse" >&2; exit 1; fi
    mkdir "$dir"
    cat > "$dir/script"
    ;;
  *) if [ -e "$BATCH/silent" ]; then echo "$name: the server does not answer" >&2; exit 1; fi ;;
esac
case $name in
  qsub)
    range=$(sed -n 's/^#PBS -J 0-//p' "$dir/script")
    if [ -n "$range" ]; then submit 0 "$range" PBS_ARRAY_INDEX; echo "$id[].server"; else submit 0 0 NONE; echo "$id.server"; fi
    ;;
  qstat)
    echo 'Job id            Name             User              Time Use S Queue'
    echo '----------------  ---------------- ----------------  -------- - -----'
    list '%s[%s].server       goparallel       me                00:00:00 %s workq\n' R F
    ;;
  qdel) cancel "${1%%[*}" "$(sed -n 's/.*\[\([0-9]*\)\].*/\1/p' <<< "$1")" ;;
  bsub)
    submit 1 "$(sed -n 's/^#BSUB -J ".*\[1-\([0-9]*\)\]"$/\1/p' "$dir/script")" LSB_JOBINDEX
    echo "Job <$id> is submitted to queue <normal>."
    ;;
  bjobs) list '%s|%s|%s|here\n' RUN EXIT ;;
  bkill) cancel "${1%%[*}" "$(sed -n 's/.*\[\([0-9]*\)\].*/\1/p' <<< "$1")" ;;
  condor_submit)
    value() { sed -n "s/^$1 = //p" "$dir/script" | sed "s/\$(Process)/$2/"; }
    for i in $(seq 0 $(($(sed -n 's/^queue //p' "$dir/script") - 1))); do
      variable=$(value environment "$i")
      env "${variable//\"/}" setsid "$(value executable "$i")" < "$(value input "$i")" >> "$(value output "$i")" 2>&1 &
      echo $! > "$dir/pid.$i"
    done
    echo "$id.0 - $id.$i"
    ;;
  condor_q) list '%s %s %s slot1@here undefined\n' 2 4 ;;
  condor_rm) cancel "${1%%.*}" "$(sed -n 's/.*\.//p' <<< "$1")" ;;
esac
