#!/bin/bash
# Builds the image, looks at it with `fct doctor`, and computes a table in it, whose numbers must be those computed here.
#   workflow/try-image.sh              # the target for the CPU
#   TARGET=cuda workflow/try-image.sh  # the one for CUDA
# It takes Docker, Podman or, where no engine can run, Buildah (as root); OPTIONS are added to the build's, such as
# --pull=never. The last line is "tried: all as it should be", or the script ends at the first difference with exit code 1.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
target=${TARGET:-cpu}
table=${TABLE:-overview}
image=localhost/fct:$target
read -ra options <<< "${OPTIONS:-}"
# The first that answers: Docker's client may be installed without an engine.
answers() { "$1" info > /dev/null 2>&1; }
for tool in ${TOOL:-docker podman buildah}; do if answers "$tool"; then break; fi; done
answers "$tool" || { echo "no engine answers: of ${TOOL:-docker, podman and buildah}, install or start one"; exit 1; }
# The image's user writes there.
place=$(mktemp -d /var/tmp/fct-image-XXXXXX)
mkdir "$place/there" "$place/here" && chmod 777 "$place/there"

say() { echo "$(date +%T) $*"; }

mounts=(--volume "$place/there:/there" --env FCT_CACHE=/there/cache --env FCT_RESULTS=/there/results)
case $tool in
  buildah)
    "$tool" build "${options[@]}" --isolation chroot --format docker --target "$target" --tag "$image" --file "$root/workflow/Dockerfile" "$root"
    container=$("$tool" from --pull=never "$image")
    trap '"$tool" rm "$container" > /dev/null' EXIT
    inside() { "$tool" run --isolation chroot "${mounts[@]}" "$container" -- "$@"; }
    ;;
  *)
    "$tool" build "${options[@]}" --target "$target" --tag "$image" --file "$root/workflow/Dockerfile" "$root"
    inside() { "$tool" run --rm "${mounts[@]}" "$image" "$@"; }
    ;;
esac
say "built $image with $tool"

inside node lib/dist/cli/fct.js doctor
inside snakemake --version
say "computing table $table in the image"
inside node lib/dist/cli/fct.js reproduce --table "$table" --numbers > "$place/there.log"
say "computing it here"
FCT_CACHE=$place/here/cache FCT_RESULTS=$place/here/results \
  node "$root/lib/dist/cli/fct.js" reproduce --table "$table" --numbers > "$place/here.log"
node "$root/workflow/compare-runs.mjs" --results "$place/there/results/quick/$table.json" "$place/here/results/quick/$table.json"
cmp "$place/there/results/quick/$table-queries.safetensors" "$place/here/results/quick/$table-queries.safetensors"
rm -rf "$place" || true
say "tried: all as it should be"
