#!/bin/sh
# A gallery of many items through the local profile: made up, mapped shard by shard, evaluated shard by shard, and merged.
#   workflow/many-items.sh FOLDER [ITEMS=10000000] [SHARDS=20] [QUERIES=500]
# Ten million items of 128 dimensions take 11 GB. `npm run cluster` once installs Snakemake; PYTHON names another one's.
# The last lines are items per second, and whether one process gives the same numbers (only if ONCE=1: it takes as long).
set -eu
folder=$1 items=${2:-10000000} shards=${3:-20} queries=${4:-500}
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$root/.venv-workflow/bin/python}
fct="node $root/lib/dist/cli/fct.js"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
now() { date +%s; }
[ -f "$folder/pairs-new.npy" ] || node "$root/workflow/make-items.mjs" "$folder" "$items" "$shards" 128 "$queries"
h=$folder/h.safetensors
[ -f "$h" ] || $fct learn --kind linear --old "$folder/pairs-old.npy" --new "$folder/pairs-new.npy" --out "$h"

mkdir -p "$folder/run"
workflow() {
  (cd "$folder/run" && "$python" -m snakemake --snakefile "$root/workflow/shards.smk" \
    --workflow-profile "$root/workflow/profiles/local" --quiet progress rules \
    --config "root=$root" "node=$(command -v node)" "shards=$shards" "weights=$h" "old=$folder/old" \
    "labels=$folder/labels" "query=$folder/query.npy" "query_labels=$folder/query-labels.npy" \
    "mapped=$folder/mapped" "work=$folder/work" "cores=$(nproc)" -- "$@")
}
list() { for i in $(seq "$shards"); do printf '%s-%s ' "$1" "$i"; done; }
for step in map measure count; do
  start=$(now)
  # shellcheck disable=SC2046
  workflow $(list $step)
  seconds=$(($(now) - start))
  echo "$step: $items items in $seconds s, $((items / (seconds + 1))) items/s"
done
workflow merged.json
cat "$folder/run/merged.json"
[ "${ONCE:-0}" = 1 ] || exit 0
start=$(now)
$fct evaluate --query "$folder/query.npy" --query-labels "$folder/query-labels.npy" --gallery "$folder/mapped" \
  --labels "$folder/labels" --json > "$folder/once.json"
echo "in one process: $(($(now) - start)) s"
cmp "$folder/run/merged.json" "$folder/once.json" && echo "the same bytes as in one process"
