#!/usr/bin/env bash
# tools/bench --since REV: profiles a network with another revision and with this tree, by turns, and compares the medians.
set -euo pipefail
root="$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)"

usage() {
  cat <<'TEXT'
Usage: tools/bench --since REV [--rounds N] [--threshold PERCENT] [options of fizzy profile]
Builds revision REV in target/since/, runs `fizzy profile` there and here by turns, and prints the ratio of the medians of a whole
replay, and the range of each. Adds a line to bench-history.csv in the cache folder. Ends with 3 if this tree is slower by more than the
threshold (default 5) in every round.

Examples:
  tools/bench --since HEAD~1
  tools/bench --since main --rounds 7 --config idiff-face --batch 8 --type bf16 --training
TEXT
}

fail() {
  echo "tools/bench: $1" >&2
  exit "${2:-1}"
}

rounds=5 threshold=5 revision="" options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --help) usage; exit 0 ;;
    --rounds | --threshold)
      [[ "${2:-}" =~ ^[0-9]+$ ]] || fail "$1 takes a whole number, not '${2:-}'" 2
      declare "${1#--}=$2"
      shift ;;
    *) if [ -z "$revision" ]; then revision="$1"; else options+=("$1"); fi ;;
  esac
  shift
done
[ -n "$revision" ] || fail "--since takes a revision, as HEAD~1" 2
[ "$rounds" -ge 1 ] || fail "--rounds takes at least 1" 2
sha="$(git -C "$root" rev-parse --quiet --verify "$revision^{commit}")" || fail "there is no revision $revision" 2

old="$root/target/since/$sha"
[ -d "$old" ] || git -C "$root" worktree add --quiet --detach "$old" "$sha"

# Seconds of a whole replay, the median of one process.
seconds() {
  local json value
  json="$("$1/tools/fizzy" profile --json "${options[@]}")" || fail "fizzy profile failed in $1"
  value="$(grep -o '"wall_seconds":[0-9.eE+-]*' <<<"$json" | head -n 1 | cut -d : -f 2)" || true
  [ -n "$value" ] || fail "$revision is older than wall_seconds in the JSON of fizzy profile"
  echo "$value"
}

before=() now=()
for ((round = 1; round <= rounds; round++)); do
  before+=("$(seconds "$old")")
  now+=("$(seconds "$root")")
  echo "round $round: ${before[-1]} s at ${sha:0:9}, ${now[-1]} s here" >&2
done

cache="${FIZZY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fizzy}"
mkdir -p "$cache"
history="$cache/bench-history.csv"
[ -e "$history" ] || echo "date,before,now,median_seconds_before,median_seconds_now,ratio,rounds,options" >"$history"
here="$(git -C "$root" rev-parse --short=9 HEAD)$(git -C "$root" diff --quiet HEAD || echo +)"

printf '%s\n' "${before[*]}" "${now[*]}" | awk -v date="$(date -u +%FT%TZ)" -v old="${sha:0:9}" -v here="$here" -v options="${options[*]}" \
  -v threshold="$threshold" -v history="$history" '
  function median(a, n) { return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2 }
  function sorted(a, n,   i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j] < a[j - 1]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t } }
  { for (i = 1; i <= NF; i++) value[NR, i] = $i; n = NF }
  END {
    slower = 1
    for (i = 1; i <= n; i++) { x[i] = value[1, i]; y[i] = value[2, i]; if (y[i] <= x[i] * (1 + threshold / 100)) slower = 0 }
    sorted(x, n); sorted(y, n)
    ratio = median(y, n) / median(x, n)
    printf "%s: %.2f ms (%.2f to %.2f); here: %.2f ms (%.2f to %.2f); ratio %.3f\n", old, 1e3 * median(x, n), 1e3 * x[1], 1e3 * x[n],
      1e3 * median(y, n), 1e3 * y[1], 1e3 * y[n], ratio
    printf "%s,%s,%s,%g,%g,%.4f,%d,%s\n", date, old, here, median(x, n), median(y, n), ratio, n, options >> history
    exit slower ? 3 : 0
  }'
