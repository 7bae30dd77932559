package dev.fizzy.bench;

import ai.onnxruntime.OrtException;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.profile.Profile;
import dev.fizzy.engine.profile.Row;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.TorchAdam;
import dev.fizzy.rival.TorchLayers;
import dev.fizzy.rival.TorchTwin;
import dev.fizzy.rival.TorchWeights.Memory;
import dev.fizzy.rival.Twin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

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
    Map<String, Runnable> runs = new LinkedHashMap<>();
    List<AutoCloseable> open = new ArrayList<>();
    try (Parameters parameters = Ours.parameters(twin, device, 1, regions(c.work()));
        Ours ours = Ours.of(twin, c.type(), c.work(), parameters)) {
      List<float[]> inputs = inputs(twin, c.work());
      List<float[]> all = new ArrayList<>(inputs);
      if (c.work() == Work.STEP) {
        all.add(ADAM);
      }
      ours.write(all);
      runs.put("ours", c.work() == Work.FORWARD ? () -> evaluate(ours) : ours.program()::run);
      if (c.staged()) {
        runs.put("staged", () -> ours.program().run(Stage.EVALUATION));
      }
      Map<String, Runnable> rivals = rivals(c, twin, parameters, inputs, open);
      runs.putAll(rivals);
      Map<String, Double> ms = interleave(runs);
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
    } finally {
      open.forEach(Comparison::close);
    }
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
   * Every setting of every rival: libtorch in both memory formats, as it is usually written and
   * tuned ({@link TorchLayers}), and ONNX Runtime for a forward pass in f32.
   */
  private Map<String, Runnable> rivals(
      Case c, Twin twin, Parameters parameters, List<float[]> inputs, List<AutoCloseable> open) {
    Map<String, Runnable> rivals = new LinkedHashMap<>();
    boolean forward = c.work() == Work.FORWARD;
    for (MemoryFormat format : List.of(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast)) {
      boolean planes = format == MemoryFormat.Contiguous;
      String name = "libtorch " + (planes ? "NCHW" : "channels last");
      rivals.put(name, torch(c, twin, parameters, inputs, format, false, open));
      String tuning = forward && c.type() == DType.BF16 ? ", packed, attention f32" : ", packed";
      if (forward || c.type() == DType.BF16) {
        rivals.put(
            name + (forward ? tuning : ", attention f32"),
            torch(c, twin, parameters, inputs, format, true, open));
      }
    }
    if (forward && c.type() == DType.F32) {
      try {
        OnnxRival onnx = new OnnxRival(c.twins(), c.batch(), parameters, inputs, device.threads());
        open.add(onnx);
        rivals.put("ONNX Runtime", onnx::run);
      } catch (IOException | OrtException e) {
        throw new IllegalStateException(e);
      }
    }
    return rivals;
  }

  private static Runnable torch(
      Case c,
      Twin twin,
      Parameters parameters,
      List<float[]> inputs,
      MemoryFormat format,
      boolean tuned,
      List<AutoCloseable> open) {
    boolean training = c.work() != Work.FORWARD;
    Memory memory = c.work() == Work.STEP ? Memory.OWN : Memory.SHARED;
    TorchTwin torch = new TorchTwin(twin, parameters, c.type(), format, training, memory, tuned);
    open.add(torch);
    torch.write(inputs, Ours.outputShape(twin));
    return switch (c.work()) {
      case FORWARD -> () -> torch.forward(false);
      case BACKWARD -> {
        torch.trackInputs();
        yield () -> {
          torch.backward(false);
          torch.dropGradients();
        };
      }
      case STEP -> {
        TorchAdam adam = new TorchAdam(torch, true);
        open.add(adam);
        yield () -> {
          torch.backward(false);
          adam.step();
        };
      }
    };
  }

  /** Runs all by turns until the time is over, at least five times; medians in milliseconds. */
  private Map<String, Double> interleave(Map<String, Runnable> runs) {
    runs.values().forEach(Runnable::run);
    runs.values().forEach(Runnable::run);
    Map<String, List<Double>> times = new LinkedHashMap<>();
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
    Map<String, Double> medians = new LinkedHashMap<>();
    times.forEach(
        (name, all) -> medians.put(name, all.stream().sorted().toList().get(all.size() / 2)));
    return medians;
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
