package dev.fizzy.engine.profile;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Times one operation alone, and compares its results with those of the lowest level in f32.
 *
 * @param kernel kernels whose names begin with this are timed
 * @param gradient whether the operation's gradients are computed too
 * @param runs number of timed runs
 * @param cold also time runs before which the caches are overwritten
 */
public record OperationBench(
    BenchOperation operation,
    String kernel,
    int[] shape,
    Map<String, Integer> settings,
    boolean gradient,
    int runs,
    boolean cold) {
  private static final int SEED = 7;
  private static final int FLUSH = 96 << 20; // more than the caches of a processor of today

  /**
   * One kernel's times.
   *
   * @param row with warm caches
   * @param coldSeconds median with cold caches; NaN if not measured
   * @param error largest difference from the reference, over its largest magnitude: of the output,
   *     or for a gradient's kernel of the gradients; NaN if the device has no levels
   * @param reference what computed the reference
   */
  public record Timing(String level, Row row, double coldSeconds, double error, String reference) {}

  /** Results of a graph: the output, and its gradients one after the other. */
  private record Results(float[] output, float[] gradients, String implementation) {}

  /** Times the kernels on a device at its present level. */
  public List<Timing> run(Device device, String level, DType type, Peak peak) {
    Graph graph = operation.record(shape, settings, type, gradient);
    try (Parameters parameters = parameters(device, graph);
        Program program = new Program(graph, device, parameters)) {
      Results reference = reference(device, type);
      feed(program, type);
      program.run();
      Results own = results(program);
      Profile profile = new Profiler(program, peak, name -> name.startsWith(kernel)).run(runs);
      double[] flushed = cold ? coldSeconds(program, profile.rows().size()) : null;
      List<Timing> timings = new ArrayList<>();
      for (int i = 0; i < profile.rows().size(); i++) {
        Row row = profile.rows().get(i);
        boolean backward = !row.operation().equals(operation.kernel());
        double error =
            reference == null
                ? Double.NaN
                : backward
                    ? error(own.gradients, reference.gradients)
                    : error(own.output, reference.output);
        timings.add(
            new Timing(
                level,
                row,
                cold ? flushed[i] : Double.NaN,
                error,
                reference == null ? "" : reference.implementation));
      }
      return timings;
    }
  }

  /** The results at the reference level in f32; null on a device without levels. */
  private Results reference(Device device, DType type) {
    if (!device.name().equals("cpu")) {
      return null;
    }
    String level = Devices.level();
    Graph graph = operation.record(shape, settings, DType.F32, gradient);
    Devices.setLevel(Devices.REFERENCE);
    try (Parameters parameters = parameters(device, graph);
        Program program = new Program(graph, device, parameters)) {
      feed(program, type);
      program.run();
      return results(program);
    } finally {
      Devices.setLevel(level);
    }
  }

  private static Parameters parameters(Device device, Graph graph) {
    List<Parameter> all = graph.parameters();
    Parameters parameters = new Parameters(device, all, Region.VALUES, Region.GRADIENTS);
    parameters.initialize(SEED);
    return parameters;
  }

  /** Writes random inputs that bf16 can represent if the type is bf16. */
  private static void feed(Program program, DType type) {
    Random random = new Random(SEED);
    for (Tensor input : program.graph().inputs().values()) {
      float[] values = new float[Math.toIntExact(input.elements())];
      for (int i = 0; i < values.length; i++) {
        float value = (float) random.nextGaussian();
        values[i] =
            type == DType.BF16
                ? Float.intBitsToFloat(Float.floatToIntBits(value) & 0xffff0000)
                : value;
      }
      program.write(input, values);
    }
  }

  private Results results(Program program) {
    Graph g = program.graph();
    List<float[]> gradients = new ArrayList<>();
    if (gradient) {
      g.inputs().values().stream()
          .map(g::gradientOf)
          .filter(t -> t != null)
          .forEach(t -> gradients.add(program.read(t)));
      program
          .parameters()
          .slots()
          .forEach(slot -> gradients.add(program.parameters().read(Region.GRADIENTS, slot)));
    }
    int length = gradients.stream().mapToInt(a -> a.length).sum();
    float[] all = new float[length];
    int at = 0;
    for (float[] part : gradients) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    String implementation =
        Arrays.stream(Stage.values())
            .flatMap(stage -> program.launches(stage).stream())
            .filter(l -> l.node().operation().name().equals(operation.kernel()))
            .findFirst()
            .map(Program.Launch::implementation)
            .orElse("");
    return new Results(program.read(g.outputs().get(0)), all, implementation);
  }

  private static double error(float[] own, float[] reference) {
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < own.length; i++) {
      largest = Math.max(largest, Math.abs(reference[i]));
      difference = Math.max(difference, Math.abs((double) own[i] - reference[i]));
    }
    return largest == 0 ? difference : difference / largest;
  }

  private double[] coldSeconds(Program program, int kernels) {
    List<Program.Launch> launches = Profiler.launches(program, name -> name.startsWith(kernel));
    byte[] other = new byte[FLUSH];
    double[][] seconds = new double[kernels][runs];
    for (int r = 0; r < runs; r++) {
      for (int i = 0; i < kernels; i++) {
        Arrays.fill(other, (byte) r);
        seconds[i][r] = program.device().seconds(launches.get(i).kernel());
      }
    }
    return Arrays.stream(seconds).mapToDouble(Samples::median).toArray();
  }
}
