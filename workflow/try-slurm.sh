#!/bin/bash
# Tries the Slurm profile for real, on this machine: Debian's slurm-wlm with two nodes that share its file system.
#   sudo apt-get install -y slurm-wlm munge
#   sudo workflow/try-slurm.sh                                  # the overview table
#   sudo TABLE=main REFERENCE=results/cache TAKE="train views" workflow/try-slurm.sh
# The second takes a cache that `reproduce` has filled with the main table, and of it the steps of two kinds, so that
# only h's trainings and what follows is computed again.
# It computes the table through Slurm while it kills a training and takes a node down, compares all bytes with those of
# `reproduce`, starts a step on both nodes at once, changes a recipe, and says what ran again. The last line is
# "tried: all as it should be", or the script ends at the first difference with exit code 1.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
table=${TABLE:-overview}
place=${PLACE:-/var/tmp/fct-slurm}
reference=${REFERENCE:-}
take=${TAKE:-}
export FCT_CACHE=$place/cache FCT_RESULTS=$place/results
work=$FCT_CACHE/workflow/quick-$table-float32
node=$(command -v node)
fct=$root/lib/dist/cli/fct.js
mkdir -p "$place" "$FCT_CACHE" "$FCT_RESULTS"

say() { echo "$(date +%T) $*"; }
fail() { say "NOT AS IT SHOULD BE: $*"; exit 1; }

# --- two nodes of Slurm on this machine --------------------------------------------------------------------------------
start_slurm() {
  local host memory cpus
  host=$(hostname -s) cpus=$(nproc) memory=$(awk '/MemTotal/ { print int($2 / 1024 / 2) }' /proc/meminfo)
  mkdir -p "$place/slurm/state"
  cat > "$place/slurm/slurm.conf" <<CONF
# made by workflow/try-slurm.sh
ClusterName=try
SlurmctldHost=$host
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$place/slurm/state
SlurmdSpoolDir=$place/slurm/spool-%n
SlurmctldPidFile=$place/slurm/slurmctld.pid
SlurmdPidFile=$place/slurm/slurmd-%n.pid
SlurmctldLogFile=$place/slurm/slurmctld.log
SlurmdLogFile=$place/slurm/slurmd-%n.log
SlurmctldPort=16817
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
ReturnToService=1
MinJobAge=3600
NodeName=node1 NodeHostname=$host NodeAddr=127.0.0.1 Port=16821 CPUs=$cpus RealMemory=$memory
NodeName=node2 NodeHostname=$host NodeAddr=127.0.0.1 Port=16822 CPUs=$cpus RealMemory=$memory
PartitionName=one Nodes=node1 Default=YES MaxTime=INFINITE State=UP
PartitionName=two Nodes=node2 MaxTime=INFINITE State=UP
CONF
  if [[ -e /etc/slurm/slurm.conf && $(readlink /etc/slurm/slurm.conf) != "$place/slurm/slurm.conf" ]]; then
    fail "/etc/slurm/slurm.conf exists: this machine belongs to a cluster"
  fi
  mkdir -p /etc/slurm /run/munge
  ln -sfn "$place/slurm/slurm.conf" /etc/slurm/slurm.conf
  chown munge: /run/munge
  pgrep -x munged > /dev/null || runuser -u munge -- /usr/sbin/munged
  nice -n 19 slurmctld -i
  nice -n 19 slurmd -N node1
  nice -n 19 slurmd -N node2
  for _ in $(seq 30); do [[ $(sinfo -h -o %T | sort -u) == idle ]] && return; sleep 1; done
  fail "Slurm's nodes do not come up: $(sinfo)"
}

stop_slurm() {
  for name in slurmd-node1 slurmd-node2 slurmctld; do
    [[ -s $place/slurm/$name.pid ]] && kill "$(cat "$place/slurm/$name.pid")" || true
  done
  rm -f /etc/slurm/slurm.conf
}

# --- the workflow --------------------------------------------------------------------------------------------------------
# Notebooks run in the kernel that Jupyter finds first: that of this clone, not of another that shares its .venv.
kernel_of() {
  mkdir -p "$place/jupyter/kernels/fct"
  cat > "$place/jupyter/kernels/fct/kernel.json" <<JSON
{ "argv": ["$node", "$1/lib/cli/kernel/kernel.cjs", "{connection_file}"], "display_name": "TypeScript (FCT)",
  "language": "typescript", "interrupt_mode": "signal" }
JSON
  export JUPYTER_PATH=$place/jupyter
}
# As many seconds between two looks at the queue as suit steps of seconds, and no accounting, which this Slurm lacks.
site=(--slurm-no-account --slurm-status-command squeue --slurm-init-seconds-before-status-checks 5
      --seconds-between-status-checks 5 --default-resources "slurm_partition=one,two")
cluster() { # the clone, and what else Snakemake is told
  nice -n 19 "$node" "$1/lib/dist/cli/fct.js" cluster --profile slurm --table "$table" --seeds 1 -- "${site[@]}" "${@:2}"
}
# The artifacts that are being made: "pid kind-key" of every lock.
running() {
  for lock in "$FCT_CACHE"/*.lock; do
    [[ -e $lock ]] && echo "$(cut -d' ' -f2 "$lock") $(basename "$lock" .lock)" 2> /dev/null
  done
  true
}
# How many times a step began, or went on from a checkpoint.
times() { grep -cs -e "step [0-9a-f]* $1.*, process" "$FCT_CACHE/$2.log" || true; }
wait_until() { # words, then a command
  for _ in $(seq 3600); do "${@:2}" && return; kill -0 "$workflow" 2> /dev/null || fail "the workflow ended before $1"; sleep 0.5; done
  fail "$1 did not come"
}

if [[ -n $take ]]; then
  "$node" "$fct" plan --table "$table" --seeds 1 --out "$place/plan.json" 2> /dev/null
  "$node" -p "const taken = '$take'.split(' '); const { steps } = require('$place/plan.json');
    steps.filter(({ kind }) => taken.includes(kind)).map(({ artifact }) => artifact).join('\n')" > "$place/taken.txt"
  while read -r artifact; do
    cp -p "$reference/$artifact" "$reference/${artifact%.safetensors}.json" "$FCT_CACHE"
  done < "$place/taken.txt"
  say "$(wc -l < "$place/taken.txt") artifacts are taken over: $take"
fi
say "Slurm: two nodes on $(hostname -s), $(nproc) cores each that are the same $(nproc)"
trap stop_slurm EXIT
start_slurm
kernel_of "$root"
cluster "$root" > "$place/run.log" 2>&1 & workflow=$!

# --- a training is killed in the middle ------------------------------------------------------------------------------------
victim=
find_victim() {
  while read -r pid name; do [[ -e $FCT_CACHE/$name.partial ]] && { victim=$name; killed=$pid; return 0; }; done < <(running)
  return 1
}
wait_until "a training has a checkpoint" find_victim
began=$(times "" "$victim") resumed=$(times "goes on from its checkpoint" "$victim")
kill -9 "$killed"
say "killed process $killed, which made $victim, after its first checkpoint"
went_on() {
  [[ $(times "" "$victim") -gt $began ]] || return 1
  [[ $(times "goes on from its checkpoint" "$victim") -gt $resumed ]] || fail "the killed training began anew"
}
wait_until "the killed training goes on" went_on
say "it goes on from its checkpoint, in another job"

# --- a node is taken down ----------------------------------------------------------------------------------------------------
lost=()
on_node2() { # what runs on the second node now
  lost=()
  while read -r pid name; do
    grep -qs "process $pid on node2" "$FCT_CACHE/$name.log" && lost+=("$name")
  done < <(running)
  [[ ${#lost[@]} -ge 1 && $(running | wc -l) -ge 2 ]]
}
wait_until "both nodes are at work" on_node2
declare -A before=()
for log in "$FCT_CACHE"/*.log; do name=$(basename "$log" .log); before[$name]=$(times "" "$name"); done
scontrol update nodename=node2 state=down reason=try
say "node2 is down; it was making ${lost[*]}"
again() { for name in "${lost[@]}"; do [[ $(times "" "$name") -gt ${before[$name]} ]] || return 1; done; }
wait_until "the lost steps run again" again
for name in "${!before[@]}"; do
  [[ " ${lost[*]} " == *" $name "* || $(times "" "$name") -eq ${before[$name]} ]] || fail "$name, which node2 had not, ran again"
done
for name in "${lost[@]}"; do grep -e "step [0-9a-f]* .*, process" "$FCT_CACHE/$name.log" | tail -1; done
say "only its steps run again, on node1"
scontrol update nodename=node2 state=resume

wait "$workflow" || { tail -30 "$place/run.log"; fail "the workflow failed"; }
say "table $table is done: $(ls "$FCT_CACHE"/*.safetensors | wc -l) artifacts"

# --- beside reproduce --------------------------------------------------------------------------------------------------------
reference=${reference:-$place/reference}
say "the same table by reproduce"
FCT_CACHE=$reference FCT_RESULTS=$place/reference-results nice -n 19 "$node" "$fct" reproduce --table "$table" --seeds 1 \
  > "$place/reproduce.log" 2>&1 || { tail -30 "$place/reproduce.log"; fail "reproduce failed"; }
"$node" "$root/workflow/compare-runs.mjs" "$work/plan.json" "$FCT_CACHE" "$reference"
"$node" "$root/workflow/compare-runs.mjs" --results "$FCT_RESULTS/quick/$table.json" "$place/reference-results/quick/$table.json"

# --- two nodes begin the same step ------------------------------------------------------------------------------------------
read -r key artifact < <("$node" -p "const { steps } = require('$work/plan.json');
  const step = steps.findLast(({ kind }) => kind === 'views'); [step.key, step.artifact].join(' ')")
cp "$FCT_CACHE/$artifact" "$place/once.safetensors"
rm "$FCT_CACHE/$artifact" "$FCT_CACHE/${artifact%.safetensors}.json"
both=()
for partition in one two; do
  srun -p $partition "$node" "$fct" step "$key" --plan "$work/plan.json" > "$place/both-$partition.log" 2>&1 & both+=($!)
done
for job in "${both[@]}"; do wait "$job" || fail "a step that two nodes began failed"; done
cmp "$FCT_CACHE/$artifact" "$place/once.safetensors"
grep -h "waits for" "$place"/both-*.log || fail "none of two nodes waited for the other"
say "two nodes began one step: one waited, the bytes are the same"

# --- a recipe changes --------------------------------------------------------------------------------------------------------
changed=$place/changed
rm -rf "$changed" && mkdir -p "$changed"
cp -r "$root/lib" "$root/notebooks" "$root/workflow" "$root/package.json" "$changed"
for name in node_modules .venv .venv-workflow data results; do ln -s "$root/$name" "$changed/$name"; done
# One epoch less for h: at the quick scale, and in the overview.
sed -i 's/epochs: 30, warmup: 5/epochs: 29, warmup: 5/' "$changed/lib/dist/experiments/model/usual-transformation.js"
sed -i 's/epochs: 10, warmup: 2/epochs: 9, warmup: 2/' "$changed/lib/dist/tables/overview.js"
cp "$work/plan.json" "$place/plan-before.json"
kernel_of "$changed"
touch "$place/changed-at"
cluster "$changed" > "$place/changed.log" 2>&1 || { tail -30 "$place/changed.log"; fail "the changed workflow failed"; }
mapfile -t ran < <(find "$FCT_CACHE" -maxdepth 1 -name '*.log' -newer "$place/changed-at" -printf '%f\n')
"$node" "$root/workflow/compare-runs.mjs" --changed "$place/plan-before.json" "$work/plan.json" "${ran[@]}"

# --- a program that changes without its recipes -----------------------------------------------------------------------------
echo "// A comment changes the program." >> "$changed/lib/dist/core/hash.js"
touch "$place/changed-at"
cluster "$changed" > "$place/program.log" 2>&1 || fail "the workflow of a changed program failed"
[[ -z $(find "$FCT_CACHE" -maxdepth 1 -name '*.log' -newer "$place/changed-at") ]] || fail "a changed program ran steps again"
[[ $FCT_RESULTS/quick/$table.json -nt $place/changed-at ]] || fail "a changed program did not assemble the table again"
say "a changed program without a changed recipe assembles the table again and runs no step"

say "tried: all as it should be"
