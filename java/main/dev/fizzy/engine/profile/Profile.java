package dev.fizzy.engine.profile;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Program;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * A program timed operation by operation, compared with what the machine can do at most.
 *
 * @param rows one for each operation, in replay order
 * @param wallSeconds median of whole replays, which no timing interrupts
 * @param wallRange their interquartile range
 * @param runs number of replays that were timed
 * @param load of the machine meanwhile
 */
public record Profile(
    List<Row> rows, double wallSeconds, double wallRange, int runs, Peak peak, Load load) {

  /** How operations are summed in {@link #by}. */
  public enum Grouping {
    /** The layers' paths: the scopes of the published parameter names. */
    LAYER(Row::layer),
    /** Every operation of every layer. */
    OPERATION(null),
    /** Names of operations: group_norm, group_norm_backward. */
    KIND(Row::operation);

    private final Function<Row, String> key;

    Grouping(Function<Row, String> key) {
      this.key = key;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Times each operation; the device's peak is measured first. */
  public static Profile of(Program program, int runs) {
    Device device = program.device();
    return of(program, runs, Peak.measure(device));
  }

  /**
   * Times each operation in {@code runs} replays, by turns with as many whole replays, after a
   * warm-up.
   *
   * @param runs 0 for as many as take about ten seconds, from 3 to 20
   */
  public static Profile of(Program program, int runs, Peak peak) {
    return of(program, runs, peak, null);
  }

  /**
   * @param counters count during each operation too; null for none
   */
  public static Profile of(Program program, int runs, Peak peak, Counters counters) {
    return new Profiler(program, peak).counting(counters).run(runs);
  }

  /** The sum of the operations' medians. */
  public double seconds() {
    return rows.stream().mapToDouble(Row::seconds).sum();
  }

  /**
   * What the operations of one run take beyond the sum of their medians: an interruption, as by
   * another process, lengthens the run, but not the medians of the operations that it hits.
   */
  public double interruptedSeconds() {
    double[] sums = new double[runs];
    for (Row row : rows) {
      for (int r = 0; r < runs; r++) {
        sums[r] += row.samples()[r];
      }
    }
    return Samples.median(sums) - seconds();
  }

  /**
   * What a whole replay takes beyond one operation by operation; negative if timing them cost more.
   */
  public double remainderSeconds() {
    return wallSeconds - seconds() - interruptedSeconds();
  }

  public long flops() {
    return rows.stream().mapToLong(Row::flops).sum();
  }

  /** The least time that a replay can take on this machine. */
  public double floorSeconds() {
    return rows.stream().mapToDouble(Row::floorSeconds).sum();
  }

  /** The rows summed by a grouping, slowest first. */
  public List<Row> by(Grouping grouping) {
    Map<Object, Row> sums = new LinkedHashMap<>();
    for (Row row : rows) {
      Object key = grouping.key == null ? sums.size() : grouping.key.apply(row);
      sums.merge(key, row.in(grouping), Row::plus);
    }
    return sums.values().stream()
        .sorted(Comparator.comparingDouble((Row r) -> -r.seconds()))
        .toList();
  }

  /** The rows summed by kind, slowest first. */
  public List<Row> byOperation() {
    return by(Grouping.KIND);
  }
}
