package dev.fizzy.cli;

import dev.fizzy.cluster.TrappedFileSystem;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Spark's processes for tests: the master, workers and drivers, from its own jars, as the launcher
 * starts them. Closing it ends those that still run, and the executors with them.
 */
final class SparkCli implements AutoCloseable {
  private static final Path HOME = Path.of("target", "spark").toAbsolutePath();
  private static final Pattern ADDRESS = Pattern.compile("'sparkMaster' on port (\\d+)");

  /** Only a process that hangs takes longer, however loaded the machine is. */
  static final long LIMIT_SECONDS = 1200;

  private final Path folder;
  private final List<Process> processes = new ArrayList<>();
  private List<String> options;

  /**
   * @param folder for the processes' files
   */
  SparkCli(Path folder) {
    this.folder = folder;
  }

  static String classPath() {
    return HOME.resolve("jars") + "/*" + File.pathSeparator + System.getProperty("java.class.path");
  }

  /** Java's options for Spark, from the launcher. */
  private List<String> options() throws IOException {
    if (options == null) {
      Process shell =
          new ProcessBuilder(
                  "bash",
                  "-c",
                  ". tools/spark-options.sh; spark_options . --cluster;"
                      + " printf '%s\\n' \"${spark_options[@]}\"")
              .start();
      options =
          new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .toList();
    }
    return options;
  }

  private Process start(String name, Map<String, String> environment, List<String> arguments)
      throws IOException {
    return start(builder(name, environment, arguments));
  }

  private Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private ProcessBuilder builder(
      String name, Map<String, String> environment, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC"));
    command.addAll(options());
    command.addAll(List.of("-cp", classPath()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve(name + ".out").toFile())
            .redirectError(folder.resolve(name + ".err").toFile());
    builder.environment().put("SPARK_HOME", HOME.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().putAll(environment);
    return builder;
  }

  /** Starts a process that runs one command after another, see {@link SparkCommands}. */
  SparkCommands.Session session() throws IOException {
    ProcessBuilder builder = builder("session", Map.of(), List.of(SparkCommands.class.getName()));
    return new SparkCommands.Session(start(builder.redirectOutput(Redirect.PIPE)));
  }

  /** Starts a command of Fizzy; {@link #result} waits for it. */
  Process fizzy(String name, Map<String, String> environment, Object... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(Fizzy.class.getName()));
    Arrays.stream(arguments).map(Object::toString).forEach(all::add);
    return start(name, environment, all);
  }

  Cli.Result result(String name, Process process) throws IOException, InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " did not end: " + text(name + ".err"));
    }
    return new Cli.Result(process.exitValue(), text(name + ".out"), text(name + ".err"));
  }

  private String text(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  /** Starts a master; its address. */
  String master() throws IOException, InterruptedException {
    Process master =
        start(
            "master",
            // Its address is in a log line.
            Map.of(
                "JDK_JAVA_OPTIONS",
                "-Dorg.slf4j.simpleLogger.log.org.apache.spark.util.Utils=info"),
            List.of(
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--webui-port",
                "0"));
    for (long i = 0; i < LIMIT_SECONDS * 20 && master.isAlive(); i++) {
      Matcher address = ADDRESS.matcher(text("master.err"));
      if (address.find()) {
        return "spark://127.0.0.1:" + address.group(1);
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new AssertionError("the master did not start: " + text("master.err"));
  }

  /**
   * Starts a worker of one core.
   *
   * @param host an address of the loopback interface; Spark repeats slow tasks on other hosts only
   */
  Process worker(String host, String master) throws IOException {
    return start(
        "worker-" + host,
        Map.of("SPARK_LOCAL_IP", host),
        List.of(
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            host,
            "--cores",
            "1",
            "--memory",
            "700m",
            "--webui-port",
            "0",
            "--work-dir",
            folder.resolve("work-" + host).toString(),
            master));
  }

  /** Options that make a driver write to {@code trap:/} and its executors run this build. */
  List<Object> settings(Path traps) {
    List<Object> settings = new ArrayList<>();
    for (String setting :
        List.of(
            "spark.hadoop.fs.trap.impl=" + TrappedFileSystem.class.getName(),
            "spark.hadoop.trap.folder=" + traps,
            "spark.executor.extraClassPath=" + classPath(),
            "spark.executor.memory=512m",
            "spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.driver.host=127.0.0.1",
            "spark.ui.enabled=false")) {
      settings.addAll(List.of("--conf", setting));
    }
    return settings;
  }

  @Override
  public void close() throws Exception {
    for (Process process : processes) {
      Stream.concat(process.descendants(), Stream.of(process.toHandle()))
          .toList()
          .forEach(ProcessHandle::destroyForcibly);
      process.waitFor();
    }
  }
}
