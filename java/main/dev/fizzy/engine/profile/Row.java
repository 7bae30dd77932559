package dev.fizzy.engine.profile;

import java.util.Map;
import java.util.TreeMap;

/**
 * One operation of a profile, or a sum of some.
 *
 * @param layer path of the layer that recorded it, "backward." before that of a gradient; empty in
 *     a sum over layers
 * @param operation its name; empty in a sum over operations
 * @param shape shapes of the inputs with two or more dimensions, and of the first output; empty in
 *     a sum of different ones
 * @param type of its first input that is no parameter, in lower case; empty in a sum of different
 *     ones
 * @param count number of operations
 * @param seconds median of the runs, summed over the operations
 * @param samples seconds of each run, summed over the operations
 * @param threadsBusy share of the threads' time spent computing, 0 to 1; low if few threads work or
 *     wait for each other; NaN if unknown
 * @param counts of one run, summed over the operations; null if not counted
 * @param computeFloor the least seconds for its FLOPs, summed
 * @param memoryFloor the least seconds for its bytes, summed
 * @param floorSeconds the larger of the two, summed
 * @param implementations chosen ones, with the reasons why better ones were rejected, and how many
 *     operations each computes
 */
public record Row(
    String layer,
    String operation,
    String shape,
    String type,
    int count,
    double seconds,
    double[] samples,
    double threadsBusy,
    Counters.Counts counts,
    long flops,
    long bytes,
    double computeFloor,
    double memoryFloor,
    double floorSeconds,
    Map<String, Integer> implementations) {

  public double gflops() {
    return flops / seconds / 1e9;
  }

  public double gbytes() {
    return bytes / seconds / 1e9;
  }

  /** Interquartile range of the runs in seconds. */
  public double range() {
    return Samples.range(samples);
  }

  /** Fraction of the achievable speed: the floor over the measured time. */
  public double ofFloor() {
    return floorSeconds / seconds;
  }

  /** What the floor is due to: compute or memory. */
  public String bound() {
    return computeFloor > memoryFloor ? "compute" : "memory";
  }

  /** This row with only the names that are the same in all rows of a group. */
  Row in(Profile.Grouping grouping) {
    return switch (grouping) {
      case OPERATION -> this;
      case LAYER -> named(layer, "", shape, type);
      case KIND -> named("", operation, shape, type);
    };
  }

  private Row named(String layer, String operation, String shape, String type) {
    return new Row(
        layer,
        operation,
        shape,
        type,
        count,
        seconds,
        samples,
        threadsBusy,
        counts,
        flops,
        bytes,
        computeFloor,
        memoryFloor,
        floorSeconds,
        implementations);
  }

  Row plus(Row other) {
    double[] runs = samples.clone();
    for (int i = 0; i < runs.length; i++) {
      runs[i] += other.samples[i];
    }
    Map<String, Integer> both = new TreeMap<>(implementations);
    other.implementations.forEach((name, n) -> both.merge(name, n, Integer::sum));
    double total = seconds + other.seconds;
    return new Row(
        layer,
        operation,
        shape.equals(other.shape) ? shape : "",
        type.equals(other.type) ? type : "",
        count + other.count,
        total,
        runs,
        (threadsBusy * seconds + other.threadsBusy * other.seconds) / total,
        counts == null ? null : counts.plus(other.counts),
        flops + other.flops,
        bytes + other.bytes,
        computeFloor + other.computeFloor,
        memoryFloor + other.memoryFloor,
        floorSeconds + other.floorSeconds,
        both);
  }
}
