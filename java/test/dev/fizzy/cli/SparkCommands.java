package dev.fizzy.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Runs commands that are given on stdin, one JSON array a line, and answers each with a line: tests
 * share the start of a process with Spark's jars.
 */
final class SparkCommands {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ANSWER = "answer: ";

  private SparkCommands() {}

  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      Cli.Result result = Cli.run((Object[]) JSON.readValue(line, String[].class));
      List<Object> answer = List.of(result.code(), result.out(), result.err());
      answers.println(ANSWER + JSON.writeValueAsString(answer));
      answers.flush();
    }
  }

  /** The process, for the tests. */
  static final class Session {
    private final Process process;
    private final BufferedReader answers;

    Session(Process process) {
      this.process = process;
      this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Runs a command. */
    Cli.Result run(Object... arguments) throws IOException {
      List<String> texts = Arrays.stream(arguments).map(Object::toString).toList();
      process
          .getOutputStream()
          .write((JSON.writeValueAsString(texts) + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
      String line = answer();
      if (line == null) {
        throw new AssertionError("the process with Spark ended, or hung and was ended");
      }
      Object[] answer = JSON.readValue(line.substring(ANSWER.length()), Object[].class);
      return new Cli.Result((int) answer[0], (String) answer[1], (String) answer[2]);
    }

    /** The next answer, or null if the process ends; it is ended at the deadline. */
    private String answer() throws IOException {
      Executor late = CompletableFuture.delayedExecutor(SparkCli.LIMIT_SECONDS, TimeUnit.SECONDS);
      CompletableFuture<Void> end = CompletableFuture.runAsync(process::destroyForcibly, late);
      try {
        String line = answers.readLine();
        while (line != null && !line.startsWith(ANSWER)) {
          line = answers.readLine();
        }
        return line;
      } finally {
        end.cancel(false);
      }
    }
  }
}
