package dev.fizzy.engine.profile;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Times the operations of a program. */
final class Profiler {
  /** Replays before timing take at least this long. */
  private static final double WARM_UP_SECONDS = .3;

  /** The timed runs take about this long if their number is not given. */
  private static final double TIMED_SECONDS = 10;

  private static final int FEWEST = 3;
  private static final int MOST = 20;

  /** Replays in which the threads' time or counters are read, which itself takes microseconds. */
  private static final int BUSY_RUNS = 2;

  private final Program program;
  private final Device device;
  private final Peak peak;
  private final List<Program.Launch> launches;
  private Counters counters;

  Profiler(Program program, Peak peak) {
    this(program, peak, name -> true);
  }

  /** Times only the operations with some names, each many times in a row. */
  Profiler(Program program, Peak peak, Predicate<String> names) {
    this.program = program;
    this.device = program.device();
    this.peak = peak;
    this.launches = launches(program, names);
  }

  /** Counts too, if there are counters. */
  Profiler counting(Counters with) {
    counters = with;
    return this;
  }

  static List<Program.Launch> launches(Program program, Predicate<String> names) {
    return Stream.of(Stage.values())
        .flatMap(stage -> program.launches(stage).stream())
        .filter(launch -> names.test(launch.node().operation().name()))
        .toList();
  }

  /**
   * @param wanted number of runs; 0 for {@link #fitting}
   */
  Profile run(int wanted) {
    double replay = 0;
    for (double warm = 0; warm < WARM_UP_SECONDS; warm += replay) {
      replay = device.seconds(program::run); // waits for each; a GPU's queue takes thousands
    }
    int runs = wanted > 0 ? wanted : fitting(replay);
    Load.Watch watch = new Load.Watch();
    double[] wall = new double[runs];
    double[][] seconds = new double[launches.size()][runs];
    for (int r = 0; r < runs; r++) {
      wall[r] = device.secondsEach(program::run);
      for (int i = 0; i < seconds.length; i++) {
        seconds[i][r] = device.secondsEach(launches.get(i).kernel());
      }
    }
    Load load = watch.load();
    double[] busy = busy();
    Counters.Counts[] counts = counts();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < seconds.length; i++) {
      rows.add(row(launches.get(i), seconds[i], busy[i], counts[i]));
    }
    return new Profile(rows, Samples.median(wall), Samples.range(wall), runs, peak, load);
  }

  /** Number of runs, each of a whole replay and of its operations, that the time allows. */
  static int fitting(double replaySeconds) {
    return (int) Math.max(FEWEST, Math.min(MOST, TIMED_SECONDS / (2 * replaySeconds)));
  }

  /** Share of the threads that compute during each operation. */
  private double[] busy() {
    double[] threads = new double[launches.size()];
    double[] elapsed = new double[launches.size()];
    if (Double.isNaN(device.threadSeconds())) {
      Arrays.fill(threads, Double.NaN);
      return threads;
    }
    for (int r = 0; r < BUSY_RUNS; r++) {
      for (int i = 0; i < threads.length; i++) {
        double before = device.threadSeconds();
        elapsed[i] += device.seconds(launches.get(i).kernel());
        threads[i] += device.threadSeconds() - before;
      }
    }
    for (int i = 0; i < threads.length; i++) {
      threads[i] = Math.min(1, threads[i] / elapsed[i]);
    }
    return threads;
  }

  private Counters.Counts[] counts() {
    Counters.Counts[] counts = new Counters.Counts[launches.size()];
    for (int r = 0; r < BUSY_RUNS && counters != null; r++) {
      for (int i = 0; i < counts.length; i++) {
        Counters.Counts of = counters.during(launches.get(i).kernel());
        counts[i] = counts[i] == null ? of : counts[i].plus(of);
      }
    }
    for (int i = 0; i < counts.length && counters != null; i++) {
      counts[i] = counts[i].times(1. / BUSY_RUNS);
    }
    return counts;
  }

  private Row row(Program.Launch launch, double[] seconds, double busy, Counters.Counts counts) {
    Operation operation = launch.node().operation();
    DType type = type(operation);
    double compute = peak.computeSeconds(operation.flops(), type);
    double memory = peak.memorySeconds(launch.bytes());
    return new Row(
        launch.node().scope(),
        operation.name(),
        shape(operation),
        type.name().toLowerCase(Locale.ROOT),
        1,
        Samples.median(seconds),
        seconds,
        busy,
        counts,
        operation.flops(),
        launch.bytes(),
        compute,
        memory,
        Math.max(compute, memory),
        Map.of(launch.implementation(), 1));
  }

  /** The type of the data, which are the first input that is no parameter, or the output. */
  private static DType type(Operation operation) {
    if (operation.multipliesIntegers()) {
      return DType.INT8;
    }
    return Stream.concat(operation.inputs().stream(), operation.outputs().stream())
        .filter(t -> t.role() == Role.LOCAL || t.role() == Role.INPUT)
        .filter(t -> t.type() != DType.I32 && t.type() != DType.U8)
        .findFirst()
        .map(Tensor::type)
        .orElse(DType.F32);
  }

  /** For example "8x32x32x160 320x160x3x3 > 8x32x32x320". */
  static String shape(Operation operation) {
    String inputs =
        operation.inputs().stream()
            .filter(t -> t.rank() > 1)
            .map(Profiler::shape)
            .collect(Collectors.joining(" "));
    String output = operation.outputs().isEmpty() ? "" : shape(operation.outputs().get(0));
    return (inputs + " > " + output).strip();
  }

  private static String shape(Tensor t) {
    return Arrays.stream(t.shape()).mapToObj(Integer::toString).collect(Collectors.joining("x"));
  }
}
