package dev.fizzy.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Times a program operation by operation against the device's measured peak. */
public record Profile(
    List<Row> rows, double seconds, long flops, double peakFlops, double peakBandwidth) {
  /**
   * Operations of one name at one scope, or of one name alone.
   *
   * @param seconds median of the runs, summed over the operations
   */
  public record Row(
      String operation, String scope, int count, double seconds, long flops, long bytes) {
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
        Graph.Node node = program.nodes(stage).get(i);
        rows.add(
            new Row(
                node.operation().name(),
                node.scope(),
                1,
                seconds[i][runs / 2],
                node.operation().flops(),
                node.operation().bytes()));
      }
    }
    double total = rows.stream().mapToDouble(Row::seconds).sum();
    return new Profile(rows, total, program.plan().flops(), peakFlops, bandwidth);
  }

  /** The same, summed by operation, slowest first. */
  public List<Row> byOperation() {
    Map<String, Row> sums = new LinkedHashMap<>();
    for (Row row : rows) {
      sums.merge(
          row.operation(),
          new Row(row.operation(), "", row.count(), row.seconds(), row.flops(), row.bytes()),
          (a, b) ->
              new Row(
                  a.operation(),
                  "",
                  a.count() + b.count(),
                  a.seconds() + b.seconds(),
                  a.flops() + b.flops(),
                  a.bytes() + b.bytes()));
    }
    return sums.values().stream()
        .sorted(Comparator.comparingDouble((Row r) -> -r.seconds()))
        .toList();
  }
}
