package dev.fizzy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Runs the command line for tests: in this process, or in one of its own that can be killed. */
final class Cli {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long LIMIT_SECONDS = 120;

  /** What a command left behind. */
  record Result(int code, String out, String err) {
    /** The one JSON object that stdout must be, and nothing else. */
    JsonNode json() throws IOException {
      try (var values = JSON.readerFor(JsonNode.class).<JsonNode>readValues(out)) {
        List<JsonNode> all = values.readAll();
        if (all.size() != 1 || !all.get(0).isObject()) {
          throw new AssertionError("not one JSON object on stdout: " + out);
        }
        return all.get(0);
      }
    }

    /** An input stands in the way: one sentence with these parts, and no result. */
    Result refused(String... parts) {
      return failed(ErrorHandler.FAILURE, parts);
    }

    /** The command line is wrong. */
    Result misused(String... parts) {
      return failed(ErrorHandler.MISUSE, parts);
    }

    private Result failed(int wanted, String... parts) {
      boolean sentence = err.strip().lines().count() == 1 && out.isEmpty();
      if (code != wanted || !sentence || !Stream.of(parts).allMatch(err::contains)) {
        throw new AssertionError(
            "exit code " + code + ", expected " + wanted + " and " + List.of(parts) + ": " + err);
      }
      return this;
    }

    Result ok() {
      if (code != 0) {
        throw new AssertionError("exit code " + code + ": " + err);
      }
      return this;
    }
  }

  private Cli() {}

  private static String[] strings(Object... args) {
    return Stream.of(args).map(Object::toString).toArray(String[]::new);
  }

  static Result run(Object... args) {
    return run(line -> {}, args);
  }

  /**
   * @param prepare changes the command line before it runs
   */
  static Result run(Consumer<CommandLine> prepare, Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Fizzy.commandLine(strings(args));
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    prepare.accept(line);
    int code = line.execute(strings(args));
    return new Result(code, out.toString(), err.toString());
  }

  /** Starts a process; its streams go to {@code folder}/stdout and {@code folder}/stderr. */
  static Process start(Path folder, Map<String, String> environment, Object... args)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Fizzy.class.getName()));
    command.addAll(List.of(strings(args)));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("stdout").toFile())
            .redirectError(folder.resolve("stderr").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** How far a process has come, read from what it writes. */
  interface Progress {
    boolean reached() throws IOException;
  }

  /** Starts a process and returns when it has come so far; it goes on. */
  static Process startUntil(
      Progress progress, Path folder, Map<String, String> environment, Object... args)
      throws IOException, InterruptedException {
    Process process = start(folder, environment, args);
    await(process, folder.resolve("stderr"), progress);
    return process;
  }

  /** Waits until a process has come so far; kills it and throws if it ends or takes too long. */
  static void await(Process process, Path log, Progress progress)
      throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (!progress.reached()) {
      boolean late = System.nanoTime() - begin > TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      if (late || process.waitFor(2, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError((late ? "comes to nothing: " : "ended by itself: ") + read(log));
      }
    }
  }

  /** Number of whole lines of a file that a process may be writing; 0 if there is none. */
  static long lines(Path file) throws IOException {
    long lines = 0;
    for (byte b : Files.exists(file) ? Files.readAllBytes(file) : new byte[0]) {
      lines += b == '\n' ? 1 : 0;
    }
    return lines;
  }

  static Result process(Path folder, Map<String, String> environment, Object... args)
      throws IOException, InterruptedException {
    Process process = start(folder, environment, args);
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(List.of(args) + " did not end");
    }
    return new Result(
        process.exitValue(), read(folder.resolve("stdout")), read(folder.resolve("stderr")));
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
