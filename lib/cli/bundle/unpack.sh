#!/bin/sh
# Unpacks the bundle beside this script, without a network:
#
#   sh unpack.sh FOLDER [FOLDER WITH CUDA LIBRARIES...]
#
# FOLDER is empty or new. CUDA's libraries are looked for beneath the other folders, or else in the usual places. Afterwards FOLDER/bin/fct is the command, and ". FOLDER/env.sh" sets what else may be run there.
set -eu
glibc=@glibc@
build=@build@
kibibytes=@kibibytes@

stop() {
  echo "unpack stopped: $1" >&2
  exit 1
}

check_machine() {
  machine="$(uname -s) $(uname -m)"
  [ "$machine" = "Linux x86_64" ] || stop "this machine is $machine: the bundle is for Linux x86_64"
  for program in tar gzip sha256sum; do
    command -v "$program" > /dev/null || stop "the program $program is missing"
  done
  found=$(found_glibc)
  [ -n "$found" ] || stop "this machine has no glibc (Alpine and others have musl): glibc $glibc or later is needed"
  [ "${found%%.*}" -eq 2 ] && minor=${found#*.} && [ "${minor%%.*}" -ge "${glibc#*.}" ] ||
    stop "glibc is $found: $glibc or later is needed; pack on a machine as old as this one"
}

# Such as 2.36; nothing if there is none.
found_glibc() {
  version=$(getconf GNU_LIBC_VERSION 2> /dev/null || /lib64/ld-linux-x86-64.so.2 --version 2> /dev/null || true)
  echo "$version" | sed -n '1s/.*[^0-9]\(2\.[0-9][0-9]*\).*/\1/p'
}

check_parts() {
  [ -f "$here/SHA256SUMS" ] || stop "$here/SHA256SUMS is missing: copy it again"
  parts=""
  missing=""
  damaged=""
  while read -r sum name; do
    parts="$parts $name"
    if [ ! -f "$here/$name" ]; then
      missing="$missing $name"
    elif [ "$(sha256sum < "$here/$name" | cut -d ' ' -f 1)" != "$sum" ]; then
      damaged="$damaged $name"
    fi
  done < "$here/SHA256SUMS"
  [ -n "$parts" ] || stop "$here/SHA256SUMS is empty: copy it again"
  [ -z "$missing" ] || stop "missing in $here:$missing; copy them again"
  [ -z "$damaged" ] || stop "damaged in $here (not the bytes that SHA256SUMS lists):$damaged; copy them again"
}

make_folder() {
  mkdir -p "$1" || stop "$1 cannot be made"
  folder=$(cd "$1" && pwd)
  case $folder in *[:\'\"\$\`]*) stop "$folder: a name without : ' \" \$ and \` is needed" ;; esac
  [ -z "$(ls -A "$folder")" ] || stop "$folder is not empty: name an empty or a new folder"
  [ -w "$folder" ] || stop "$folder cannot be written"
  free=$(df -Pk "$folder" | tail -n 1 | tr -s ' ' | cut -d ' ' -f 4)
  [ "$free" -ge "$kibibytes" ] ||
    stop "$folder has $((free / 1024)) MiB free, $((kibibytes / 1024 + 1)) are needed: name a folder on another disk"
}

unpack() {
  echo "unpacking $((kibibytes / 1024)) MiB ..."
  for name in $parts; do cat "$here/$name"; done | gzip -dc | tar -xf - -C "$folder" ||
    stop "the archive could not be unpacked; see the message above"
  cat > "$folder/bin/fct" << END
#!/bin/sh
. '$folder/env.sh'
exec '$folder/bin/node' '$folder/project/lib/dist/cli/fct.js' "\$@"
END
  chmod 755 "$folder/bin/fct"
}

# The libraries that TensorFlow's CUDA build opens, as name and version.
cuda_libraries="cublas.12 cublasLt.12 cudnn.9 cufft.11 curand.10 cusolver.11 cusparse.12 nvJitLink.12 nvrtc.12 cupti.12 nccl.2"
# What it calls of cuBLAS. A later cuBLAS that has all of it may stand in.
cublas_functions="cublasCreate_v2 cublasDestroy_v2 cublasSetStream_v2 cublasSetWorkspace_v2 cublasSetMathMode cublasGetMathMode
  cublasSetPointerMode_v2 cublasGetPointerMode_v2 cublasSgemm_v2 cublasDgemm_v2 cublasGemmEx cublasGemmBatchedEx
  cublasGemmStridedBatchedEx cublasSgemmBatched cublasSgemmStridedBatched"
cublasLt_functions="cublasLtCreate cublasLtDestroy cublasLtMatmul cublasLtMatmulAlgoGetHeuristic cublasLtMatmulDescCreate
  cublasLtMatrixLayoutCreate cublasLtMatmulPreferenceCreate"

# Every library with a CUDA library's name, in the folders that are given or else where they usually are.
list_libraries() {
  [ $# -gt 0 ] || set -- "${CUDA_HOME:-}" "${CUDA_PATH:-}" "${VIRTUAL_ENV:-}" "${CONDA_PREFIX:-}" "${HOME:-}/.local/lib" \
    /usr/local/cuda* /opt/cuda* /usr/lib/x86_64-linux-gnu /usr/lib64 /usr/local/lib /usr/lib/python3* /usr/local/nvidia/lib64 \
    $(echo "${LD_LIBRARY_PATH:-}" | tr ':' ' ')
  for place in "$@"; do
    if [ -d "$place" ]; then
      find -L "$place" -maxdepth 8 \( -name 'libcu*.so.*' -o -name 'libnv*.so.*' -o -name 'libnccl.so.*' \) -type f 2> /dev/null || true
    fi
  done
}

find_cuda() {
  mkdir -p "$folder/cuda"
  beside=""
  candidates=$(list_libraries "$@")
  for library in $cuda_libraries; do
    name=lib${library%.*}.so
    version=${library##*.}
    found=$(echo "$candidates" | grep "/$name\.$version\$" | head -n 1)
    [ -n "$found" ] || found=$(echo "$candidates" | grep "/$name\.[0-9]*\$" | sort | tail -n 1)
    if [ -z "$found" ]; then
      echo "  $name.$version: not found"
      continue
    fi
    case ${found##*/} in
      *.so.12) ;;
      libcublas.so.*) offers "$found" "$cublas_functions" || continue ;;
      libcublasLt.so.*) offers "$found" "$cublasLt_functions" || continue ;;
    esac
    ln -sf "$found" "$folder/cuda/$name.$version"
    case ":$beside:" in *:"${found%/*}":*) ;; *) beside="$beside:${found%/*}" ;; esac
    echo "  $name.$version: $found"
  done
}

# Whether a library has these functions: their names stand in its table of symbols.
offers() {
  for function in $2; do
    grep -qw "$function" "$1" && continue
    echo "  $1 has no $function: that of CUDA 12 is needed"
    return 1
  done
}

write_environment() {
  cat > "$folder/env.sh" << END
# What programs of this bundle need; made by unpack.sh.
export PATH='$folder/bin':"\$PATH"
export LD_LIBRARY_PATH='$folder/tensorflow$1:$folder/cuda$beside'"\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
END
}

# Whether Node and the binding can be loaded, with the machine's C++ library or with the bundle's own.
loads() {
  (. "$folder/env.sh" && cd "$folder/project" && node -e 'process.dlopen({ exports: {} }, process.argv[1])' \
    "$folder/project/node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node") 2>&1
}

try_program() {
  write_environment ""
  if ! why=$(loads); then
    write_environment ":$folder/runtime"
    why=$(loads) || stop "TensorFlow does not load: $(echo "$why" | grep -i error | head -n 1)"
    echo "the machine's C++ library is missing or too old: the bundle's own is used"
  fi
  "$folder/bin/fct" doctor --step || stop "unpacked in $folder, but not everything is right; see the lines marked with !"
}

[ $# -ge 1 ] || {
  echo "usage: sh unpack.sh FOLDER [FOLDER WITH CUDA LIBRARIES...]" >&2
  exit 2
}
case $0 in */*) here=$(cd "${0%/*}" && pwd) ;; *) here=$(pwd) ;; esac
target=$1
shift
check_machine
check_parts
make_folder "$target"
unpack
beside=""
if [ "$build" = cuda ]; then
  echo "the machine's CUDA libraries:"
  find_cuda "$@"
fi
try_program
echo "ready: $folder/bin/fct --help"
