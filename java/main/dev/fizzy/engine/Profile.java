package dev.fizzy.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Times a program operation by operation against the device's measured peak. */
public record Profile(
    List<Row> rows, double seconds, long flops, double peakFlops, double peakBandwidth) {
  /**
   * The operations with one name in one scope, or in all scopes.
   *
   * @param seconds median of the runs, summed over the operations
   * @param implementations their implementations, with the reasons why better ones were rejected,
   *     and how many operations each computes
   */
  public record Row(
      String operation,
      String scope,
      int count,
      double seconds,
      long flops,
      long bytes,
      Map<String, Integer> implementations) {
    private Row unscoped() {
      return new Row(operation, "", count, seconds, flops, bytes, implementations);
    }

    private Row plus(Row other) {
      Map<String, Integer> both = new TreeMap<>(implementations);
      other.implementations.forEach((name, n) -> both.merge(name, n, Integer::sum));
      return new Row(
          operation,
          scope,
          count + other.count,
          seconds + other.seconds,
          flops + other.flops,
          bytes + other.bytes,
          both);
    }

    public double gflops() {
      return flops / seconds / 1e9;
    }

    public double gbytes() {
      return bytes / seconds / 1e9;
    }

    /**
     * Fraction of the achievable speed: the larger of minimum compute and memory time, over the
     * measured time.
     */
    public double ofFloor(double peakFlops, double peakBandwidth) {
      return Math.max(flops / peakFlops, bytes / peakBandwidth) / seconds;
    }
  }

  /** Runs the program {@code runs} times, times each operation, and takes medians. */
  public static Profile of(Program program, int runs) {
    Device device = program.device();
    double peakFlops = device.peakFlops(program.graph().compute());
    double bandwidth = device.peakBandwidth();
    List<Row> rows = new ArrayList<>();
    program.run();
    for (Stage stage : Stage.values()) {
      Runnable[] kernels = program.runs(stage);
      double[][] seconds = new double[kernels.length][runs];
      for (int r = 0; r < runs; r++) {
        for (int i = 0; i < kernels.length; i++) {
          seconds[i][r] = device.seconds(kernels[i]);
        }
      }
      for (int i = 0; i < kernels.length; i++) {
        Arrays.sort(seconds[i]);
        Plan.Step step = program.steps(stage).get(i);
        Operation operation = step.node().operation();
        rows.add(
            new Row(
                operation.name(),
                step.node().scope(),
                1,
                seconds[i][runs / 2],
                operation.flops(),
                operation.bytes(),
                Map.of(step.kernel().implementation(), 1)));
      }
    }
    double total = rows.stream().mapToDouble(Row::seconds).sum();
    return new Profile(rows, total, program.plan().flops(), peakFlops, bandwidth);
  }

  /** The same, summed by operation, slowest first. */
  public List<Row> byOperation() {
    Map<String, Row> sums = new LinkedHashMap<>();
    for (Row row : rows) {
      sums.merge(row.operation(), row.unscoped(), Row::plus);
    }
    return sums.values().stream()
        .sorted(Comparator.comparingDouble((Row r) -> -r.seconds()))
        .toList();
  }
}
