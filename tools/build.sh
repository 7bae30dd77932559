# Sourced by the launchers; $root is the checkout.
# build NAME STAMP SOURCE... -- MAVEN_ARGUMENT...: builds where a source is newer than the stamp, or the checkout has been moved.
build() {
  local name="$1" stamp="$2" sources=() cache="$root/target/native/CMakeCache.txt"
  shift 2
  while [ "$1" != -- ]; do
    sources+=("$1")
    shift
  done
  shift
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$root" ] && [ -z "$(find "${sources[@]}" -newer "$stamp" -print -quit)" ]; then
    return
  fi
  echo "$name: building (log in target/$name.log) ..." >&2
  mkdir -p "$root/target"
  # CMake refuses a build folder that was configured elsewhere.
  if [ -f "$cache" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root/native" "$cache"; then
    rm -rf "$root/target/native"
  fi
  if ! (cd "$root" && mvn -B -ntp -q "$@") >"$root/target/$name.log" 2>&1; then
    tail -40 "$root/target/$name.log" >&2
    echo "$name: the build failed; JDK 17, Maven, CMake and g++ are needed" >&2
    exit 70
  fi
  printf %s "$root" >"$stamp"
}
