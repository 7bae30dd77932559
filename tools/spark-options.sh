# Sourced by the launcher.
# spark_options ROOT ARGUMENT...: sets spark_path (a prefix of the class path) and spark_options (for Java) if an argument is --cluster;
# both are empty otherwise. Spark's jars come first: its versions of common libraries are what Spark runs with.
spark_options() {
  local root="$1" argument home="${SPARK_HOME:-}" packages package
  spark_path=""
  spark_options=()
  shift
  for argument in "$@"; do
    case "$argument" in
      --cluster | --cluster=*) ;;
      *) continue ;;
    esac
    if [ -z "$home" ]; then
      "$root/tools/spark-library" || true # without it the command says what is missing
      home="$root/target/spark"
    fi
    spark_path="$home/jars/*:"
    packages="java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent
      java.util.concurrent.atomic jdk.internal.ref sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar"
    for package in $packages; do
      spark_options+=("--add-opens=java.base/$package=ALL-UNNAMED")
    done
    spark_options+=(-Djdk.reflect.useDirectMethodHandle=false)
    # Log lines look as always, and Spark's warnings are among them.
    spark_options+=(-Dslf4j.provider=org.slf4j.simple.SimpleServiceProvider -Dslf4j.internal.verbosity=WARN)
    return
  done
}
