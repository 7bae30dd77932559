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
import java.util.stream.Stream;

/** How much of {@code fizzy generate} is left beside other busy processes, by turns. */
final class BusyMachine {
  private static final int IDENTITIES = 8;

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
      fizzy(folder, "contexts", "uniform", "--count", "" + IDENTITIES, "--out", "c.npy");
      double[] alone = new double[rounds];
      double[] busy = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        alone[round] = rate(folder, 0);
        busy[round] = rate(folder, others);
        System.err.printf(
            Locale.ROOT,
            "round %d: %.1f images/s alone, %.1f beside %d busy processes%n",
            round + 1,
            alone[round],
            busy[round],
            others);
      }
      report(root, median(alone), median(busy), others);
    } finally {
      delete(folder);
    }
  }

  private static void report(ObjectNode root, double alone, double busy, int others) {
    System.err.printf(
        Locale.ROOT,
        "medians: %.1f images/s alone, %.1f beside %d busy processes: %.0f %%%n",
        alone,
        busy,
        others,
        100 * busy / alone);
    root.put("alone", alone).put("busy", busy).put("busy_share", busy / alone);
  }

  private double rate(Path folder, int others) throws IOException, InterruptedException {
    List<Process> busy = new ArrayList<>();
    try {
      for (int i = 0; i < others; i++) {
        busy.add(new ProcessBuilder("sh", "-c", "while :; do :; done").start());
      }
      delete(folder.resolve("faces"));
      String json =
          fizzy(
              folder,
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

  private static String fizzy(Path folder, String... args)
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
