#!/bin/bash
# Tries the Kubernetes profile without a cluster: Snakemake's executor talks to a stand-in for the API server, which
# checks every manifest by the API's schema and runs its command on this machine (see kubernetes-stand-in.py). A real
# cluster, its images and its volumes stay untried.
#   workflow/try-kubernetes.sh            # the overview table; FCT_CACHE may name a cache that holds much of it
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
table=${TABLE:-overview}
place=${PLACE:-$(mktemp -d)}
version=1.32
port=18001
python=$root/.venv-workflow/bin/python
export FCT_CACHE=${FCT_CACHE:-$place/cache} FCT_RESULTS=${FCT_RESULTS:-$place/results}
mkdir -p "$place/sent"
command -v rsync > /dev/null || { echo "rsync is needed, by which a job keeps its output: the image has it"; exit 1; }

# The environment of Snakemake, the API's schemas, and what a job installs, as the image has it.
node "$root/lib/dist/cli/fct.js" cluster --table "$table" -- --dry-run --quiet all > /dev/null
pip() { "$python" -m pip "$1" --quiet "${@:2}" 2> /dev/null; }
pip install --no-deps --upgrade --target "$place/packages" kubernetes-validate==1.37.0 importlib-resources==7.1.0
[[ -d $place/wheels ]] || pip download --no-deps --dest "$place/wheels" --requirement "$root/workflow/requirements.txt"

cat > "$place/config" <<CONF
apiVersion: v1
kind: Config
current-context: here
clusters: [{name: here, cluster: {server: "http://127.0.0.1:$port"}}]
users: [{name: me, user: {}}]
contexts: [{name: here, context: {cluster: here, user: me}}]
CONF
# Notebooks run in the kernel of this clone, not of another that shares its .venv.
mkdir -p "$place/jupyter/kernels/fct"
cat > "$place/jupyter/kernels/fct/kernel.json" <<JSON
{ "argv": ["$(command -v node)", "$root/lib/cli/kernel/kernel.cjs", "{connection_file}"],
  "display_name": "TypeScript (FCT)", "language": "typescript", "interrupt_mode": "signal" }
JSON
export JUPYTER_PATH=$place/jupyter
PATH=$(dirname "$python"):$PATH PIP_NO_INDEX=1 PIP_FIND_LINKS=$place/wheels PYTHONPATH=$place/packages \
  "$python" "$root/workflow/kubernetes-stand-in.py" $port $version "$place/sent" & server=$!
trap 'kill $server' EXIT
sleep 2

run() { # GPUs of a step, and what else Snakemake is told
  KUBECONFIG=$place/config node "$root/lib/dist/cli/fct.js" cluster --profile kubernetes --table "$table" --gpus "$1" -- \
    --kubernetes-persistent-volumes "fct:$place" --jobs 2 --seconds-between-status-checks 2 "${@:2}"
}
run 0 > "$place/run.log" 2>&1 || { tail -30 "$place/run.log"; exit 1; }
jobs=$(find "$place/sent" -name '*.json' | wc -l)
[[ $jobs -gt 0 && -s $FCT_RESULTS/quick/$table.json ]]
echo "$jobs jobs were valid manifests of Kubernetes $version, ran, and made the table:"
"$python" - "$place"/sent/*.json <<'PY'
import json, sys
job = json.load(open(sys.argv[1]))
container = job["spec"]["template"]["spec"]["containers"][0]
print(json.dumps({key: container[key] for key in ("image", "resources", "volumeMounts")}))
PY

# With a GPU a step is another job, though not another artifact; here the manifest counts.
rm -rf "$FCT_RESULTS/quick/$table.json" "$place"/sent/*
run 1 > "$place/gpu.log" 2>&1 || { tail -30 "$place/gpu.log"; exit 1; }
grep -h -A1 '"limits"' "$place"/sent/*.json > /dev/null
grep -qs 'nvidia.com/gpu' "$place"/sent/*.json
echo "a job that asks for a GPU is a valid manifest, too, with a limit that equals the request"
