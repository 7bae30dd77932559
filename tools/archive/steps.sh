# Sourced by gpu-check: steps with a time limit each. $out is the folder for logs, $table the file of results, $end the second (of SECONDS) at
# which all must have ended; failed becomes 1 when a step fails. A line is in the table, and on the screen, as soon as its step has ended.
failed=0
grace=5 # seconds that a step has to end by itself when its time is over
line() { printf '%-46s %s\n' "$1" "$2" | tee -a "$table"; }
# check SECONDS NAME COMMAND...: runs the command in its time, or in what is left of all; prints ok, or FAILED and the log's last line.
# Output goes to NAME.txt as it comes, stderr to NAME.log.
check() {
  local limit="$1" name="$2" file="$out/${2// /-}" begin=$SECONDS left=$((end - SECONDS)) code
  shift 2
  if [ "$left" -lt 5 ]; then
    line "$name" "not run: the time is over"
    return
  fi
  timeout -k "$grace" "$((limit < left ? limit : left))" "$@" >"$file.txt" 2>"$file.log"
  code=$?
  case "$code" in
    0) line "$name" "ok, $((SECONDS - begin)) s" ;;
    124 | 137) failed=1; line "$name" "FAILED: not done after $((SECONDS - begin)) s" ;;
    *) failed=1; line "$name" "FAILED after $((SECONDS - begin)) s: $(cat "$file.txt" "$file.log" | grep -v '^\s*$' | tail -1 | cut -c1-160)" ;;
  esac
}
# show NAME [PATTERN]: adds the output of a step to the table.
show() { grep -h "${2:-.}" "$out/${1// /-}.txt" 2>/dev/null | sed 's/^/  /' | tee -a "$table"; }
