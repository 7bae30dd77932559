# Sourced by the archive's programs; $here is its folder. Sets the locale and where libraries are.

# Java takes the encoding of file names from the locale.
case "${LC_ALL:-${LC_CTYPE:-${LANG:-}}}" in
  *.[uU][tT][fF]8* | *.[uU][tT][fF]-8*) ;;
  *) export LC_ALL=C.UTF-8 ;;
esac

# NVIDIA's libraries are found by the system's linker, in CUDA's folder, or as Python packages (nvidia-cudnn-cu13 and others).
nvidia_folders() {
  local none=/nonexistent python folder library
  local pythons=("${VIRTUAL_ENV:-$none}" "${CONDA_PREFIX:-$none}" "${HOME:-$none}/.local" /usr/local /usr /opt/conda /opt/venv)
  local folders=("${CUDA_HOME:-/usr/local/cuda}/lib64" /usr/local/cuda-13*/lib64 "${CONDA_PREFIX:-$none}/lib")
  for python in "${pythons[@]}"; do
    folders+=("$python"/lib/python3*/site-packages/nvidia/*/lib "$python"/lib/python3*/dist-packages/nvidia/*/lib)
  done
  for folder in "${folders[@]}"; do
    for library in "$folder"/lib{cudart.so.13,cublasLt.so.13,cudnn_graph.so.9,nccl.so.2}; do
      if [ -e "$library" ]; then
        printf ':%s' "$folder"
        break
      fi
    done
  done
}
# The libraries of the runtime come last: they stand in for those that a small system lacks.
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:-}$(nvidia_folders):$here/runtime/lib/system"
LD_LIBRARY_PATH="${LD_LIBRARY_PATH#:}"
