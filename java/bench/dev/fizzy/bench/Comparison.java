package dev.fizzy.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.profile.Profile;
import dev.fizzy.engine.profile.Row;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.Twin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Runs one case in both engines by turns and takes medians. */
final class Comparison {
  /** Adam's settings of a first step without clipping. */
  static final float[] ADAM = {1e-4f, 0.9f, 0.999f, 1e-8f, 0.1f, 0.001f, 0.9999f, 0};

  /**
   * Medians in milliseconds.
   *
   * @param staged Fizzy's evaluation alone; NaN if not measured
   * @param rivals of every setting of a rival, by name
   * @param ofFloor share of the speed that the measured peak and bandwidth allow, 0 to 1
   */
  record Result(
      String name,
      double ours,
      double staged,
      Map<String, Double> rivals,
      double gflops,
      double ofFloor,
      String bound) {
    /** The name of the fastest setting of all rivals. */
    @JsonProperty
    String fastest() {
      return Collections.min(rivals.entrySet(), Map.Entry.comparingByValue()).getKey();
    }

    /** Time of the fastest setting of all rivals over Fizzy's time. */
    @JsonProperty
    double ratio() {
      return rivals.get(fastest()) / ours;
    }
  }

  private final Device device;
  private final double seconds;
  private final boolean profile;

  /**
   * @param seconds to spend on a case, warm-up not counted
   * @param profile whether to print Fizzy's time by operation
   */
  Comparison(Device device, double seconds, boolean profile) {
    this.device = device;
    this.seconds = seconds;
    this.profile = profile;
  }

  static Region[] regions(Work work) {
    return switch (work) {
      case FORWARD -> new Region[] {Region.VALUES};
      case BACKWARD -> new Region[] {Region.VALUES, Region.GRADIENTS};
      case STEP -> Region.values();
    };
  }

  Result run(Case c) {
    Twin twin = c.twin();
    try (Parameters parameters = Ours.parameters(twin, device, 1, regions(c.work()));
        Ours ours = Ours.of(twin, c.type(), c.work(), parameters)) {
      List<float[]> inputs = inputs(twin, c.work());
      List<float[]> all = new ArrayList<>(inputs);
      if (c.work() == Work.STEP) {
        all.add(ADAM);
      }
      ours.write(all);
      Map<String, Runnable> own = new LinkedHashMap<>();
      own.put("ours", c.work() == Work.FORWARD ? () -> evaluate(ours) : ours.program()::run);
      if (c.staged()) {
        own.put("staged", () -> ours.program().run(Stage.EVALUATION));
      }
      Map<String, Rivals.Setting> rivals =
          new Rivals(c, twin, parameters, inputs, device.threads()).settings();
      Map<String, Double> ms = medians(c.work(), own, rivals);
      double time = ms.get("ours") / 1e3;
      long flops = ours.program().plan().flops();
      double compute = flops / device.peakFlops(c.type());
      double memory = bytes(ours) / device.peakBandwidth();
      if (profile) {
        print(Profile.of(ours.program(), 5));
      }
      return new Result(
          c.name(),
          ms.get("ours"),
          ms.getOrDefault("staged", Double.NaN),
          rivals.keySet().stream()
              .collect(Collectors.toMap(name -> name, ms::get, (a, b) -> a, LinkedHashMap::new)),
          flops / time / 1e9,
          Math.max(compute, memory) / time,
          compute > memory ? "peak" : "bandwidth");
    }
  }

  /**
   * Medians of all in milliseconds. The rivals take turns together, but one after the other where
   * they train: each has four copies of the weights, and all do not fit into the memory.
   */
  private Map<String, Double> medians(
      Work work, Map<String, Runnable> own, Map<String, Rivals.Setting> rivals) {
    List<List<String>> groups =
        work == Work.STEP
            ? rivals.keySet().stream().map(List::of).toList()
            : List.of(List.copyOf(rivals.keySet()));
    Map<String, List<Double>> times = new LinkedHashMap<>();
    for (List<String> group : groups) {
      List<AutoCloseable> open = new ArrayList<>();
      try {
        Map<String, Runnable> runs = new LinkedHashMap<>(own);
        group.forEach(name -> runs.put(name, rivals.get(name).start(open)));
        interleave(runs, seconds / groups.size(), times);
      } finally {
        open.forEach(Comparison::close);
      }
    }
    Map<String, Double> medians = new LinkedHashMap<>();
    times.forEach(
        (name, all) -> medians.put(name, all.stream().sorted().toList().get(all.size() / 2)));
    return medians;
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** One evaluation with identity and step; weights are packed already. */
  private static void evaluate(Ours ours) {
    ours.program().run(Stage.IDENTITY);
    ours.program().run(Stage.STEP);
    ours.program().run(Stage.EVALUATION);
  }

  /**
   * Runs all by turns until the time is over, at least five times.
   *
   * @param times receives the milliseconds of each run
   */
  private static void interleave(
      Map<String, Runnable> runs, double seconds, Map<String, List<Double>> times) {
    runs.values().forEach(Runnable::run);
    runs.values().forEach(Runnable::run);
    long end = System.nanoTime() + (long) (seconds * 1e9);
    for (int round = 0; round < 5 || System.nanoTime() < end; round++) {
      runs.forEach(
          (name, run) -> {
            long begin = System.nanoTime();
            run.run();
            double ms = (System.nanoTime() - begin) / 1e6;
            times.computeIfAbsent(name, k -> new ArrayList<>()).add(ms);
          });
    }
  }

  static List<float[]> inputs(Twin twin, Work work) {
    SplittableRandom random = new SplittableRandom(3);
    List<int[]> shapes = new ArrayList<>(twin.inputs().stream().map(Twin.Input::shape).toList());
    if (work != Work.FORWARD) {
      shapes.add(Ours.outputShape(twin));
    }
    List<float[]> all = new ArrayList<>();
    for (int[] shape : shapes) {
      float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (shape.length == 1 ? 500 + i : random.nextDouble(-2, 2));
      }
      all.add(values);
    }
    return all;
  }

  /** Minimum number of bytes that the graph's operations move, without caches. */
  private static double bytes(Ours ours) {
    boolean norm =
        ours.program().graph().nodes().stream()
            .allMatch(n -> !n.operation().name().matches(".*(convolution|linear|matmul).*"));
    return norm
        ? ours.program().plan().groups().stream()
            .filter(g -> g.operation().startsWith("group_norm"))
            .mapToLong(dev.fizzy.engine.Plan.Group::bytes)
            .sum()
        : 0;
  }

  private static void print(Profile profile) {
    for (Row row : profile.byOperation()) {
      System.err.printf(
          "    %-40s x%-4d %9.2f ms %7.1f GFLOP/s %6.1f GB/s  %3.0f %% of floor%n",
          row.operation(),
          row.count(),
          row.seconds() * 1e3,
          row.gflops(),
          row.gbytes(),
          100 * row.ofFloor());
    }
  }
}
