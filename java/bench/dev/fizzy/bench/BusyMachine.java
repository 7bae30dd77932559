package dev.fizzy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.cli.Fizzy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much of {@code fizzy generate} is left beside other busy processes: with the wait policy that
 * ships, and with the one that libgomp has by itself, by turns.
 */
final class BusyMachine {
  private static final int IDENTITIES = 8;

  /** A wait policy of OpenMP's threads. */
  private record Setting(String name, Map<String, String> environment) {}

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("spinning", Map.of("GOMP_SPINCOUNT", "300000")), // libgomp's own default
          new Setting("ships", Map.of()),
          new Setting("spin 1000", Map.of("GOMP_SPINCOUNT", "1000")));

  private final int rounds;
  private final int images;

  /**
   * @param images an identity, of 8
   */
  BusyMachine(int rounds, int images) {
    this.rounds = rounds;
    this.images = images;
  }

  void compare(ObjectNode root, int others) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("fizzy-busy");
    try {
      fizzy(folder, Map.of(), "contexts", "uniform", "--count", "" + IDENTITIES, "--out", "c.npy");
      double[][] idle = new double[SETTINGS.size()][rounds];
      double[][] busy = new double[SETTINGS.size()][rounds];
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < SETTINGS.size(); i++) {
          idle[i][round] = rate(folder, SETTINGS.get(i).environment, 0);
          busy[i][round] = rate(folder, SETTINGS.get(i).environment, others);
          System.err.printf(
              Locale.ROOT,
              "round %d, %s: %.1f images/s idle, %.1f busy%n",
              round + 1,
              SETTINGS.get(i).name,
              idle[i][round],
              busy[i][round]);
        }
      }
      double best = median(idle[0]);
      for (int i = 0; i < SETTINGS.size(); i++) {
        report(root, SETTINGS.get(i).name, median(idle[i]), median(busy[i]), best, others);
      }
    } finally {
      delete(folder);
    }
  }

  /**
   * @param best images/s of spinning threads on an idle machine
   */
  private static void report(
      ObjectNode root, String name, double idle, double busy, double best, int others) {
    System.err.printf(
        Locale.ROOT,
        "%-10s idle %6.1f images/s (%3.0f %% of spinning), beside %d busy processes %6.1f: %3.0f %%"
            + " of idle%n",
        name,
        idle,
        100 * idle / best,
        others,
        busy,
        100 * busy / idle);
    root.putObject(name)
        .put("idle", idle)
        .put("idle_share_of_spinning", idle / best)
        .put("busy", busy)
        .put("busy_share_of_idle", busy / idle);
  }

  private double rate(Path folder, Map<String, String> environment, int others)
      throws IOException, InterruptedException {
    List<Process> busy = new ArrayList<>();
    try {
      for (int i = 0; i < others; i++) {
        busy.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
      }
      delete(folder.resolve("faces"));
      String json =
          fizzy(
              folder,
              environment,
              "generate",
              "--contexts",
              "c.npy",
              "--images",
              Integer.toString(images),
              "--guidance",
              "3",
              "--out",
              "faces",
              "--json");
      return new ObjectMapper().readTree(json).get("images_per_second").asDouble();
    } finally {
      busy.forEach(Process::destroyForcibly);
    }
  }

  private static String fizzy(Path folder, Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Fizzy.class.getName());
    command.addAll(List.of(args));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().removeAll(List.of("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", args) + " ended with " + process.exitValue());
    }
    return out;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void delete(Path root) throws IOException {
    if (Files.exists(root)) {
      try (Stream<Path> all = Files.walk(root)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
