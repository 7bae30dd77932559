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
   * Operations of one name at one scope, or of one name alone.
   *
   * @param seconds median of the runs, summed over the operations
   * @param implementations what computes them, with the reasons why better ones were turned down,
   *     and how many each
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
     * Share of what the floor allows: the larger of compute and memory time over the measured time.
     */
    public double ofFloor(double peakFlops, double peakBandwidth) {
      return Math.max(flops / peakFlops, bytes / peakBandwidth) / seconds;
    }
  }

  /** Runs the program {@code runs} times, each operation timed, and takes medians. */
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
