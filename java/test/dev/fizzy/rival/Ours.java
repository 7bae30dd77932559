package dev.fizzy.rival;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Adam;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.rival.Twin.Input;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A twin on our engine: its graph with what a run is to compute, planned and in memory. */
public final class Ours implements AutoCloseable {
  /** What a run computes. */
  public enum Work {
    FORWARD,
    /**
     * Also the mean squared error to a target, and every gradient, those of the inputs included.
     */
    BACKWARD,
    /** As BACKWARD but for the gradients of the inputs, and a step of Adam. */
    STEP
  }

  private final Program program;
  private final Tensor output;

  private Ours(Program program, Tensor output) {
    this.program = program;
    this.output = output;
  }

  public static Ours of(Twin twin, DType type, Work work, Parameters parameters) {
    Graph g = new Graph(type);
    Tensor output = record(g, twin, work);
    return new Ours(new Program(g, parameters.device(), parameters), output);
  }

  /** Records the twin and returns the network's output. */
  public static Tensor record(Graph g, Twin twin, Work work) {
    List<Tensor> inputs = new ArrayList<>();
    for (Input input : twin.inputs()) {
      Stage stage = work == Work.FORWARD ? input.stage() : Stage.EVALUATION;
      Tensor t = g.input(input.name(), DType.F32, stage, input.shape());
      inputs.add(t.rank() == 1 ? t : Cast.of(t, g.compute()));
    }
    Tensor output = g.output(twin.ours().record(g, inputs));
    if (work != Work.FORWARD) {
      Tensor target = g.input("target", DType.F32, Stage.EVALUATION, output.shape());
      Tensor loss = g.output(Loss.mse(output, target));
      g.backward(loss, work == Work.STEP ? new Tensor[0] : leaves(g, twin));
    }
    if (work == Work.STEP) {
      Adam.of(g, g.input("settings", DType.F32, Stage.EVALUATION, Adam.SETTINGS));
    }
    return output;
  }

  private static Tensor[] leaves(Graph g, Twin twin) {
    return twin.inputs().stream()
        .filter(Input::differentiable)
        .map(input -> g.inputs().get(input.name()))
        .toArray(Tensor[]::new);
  }

  /** The gradient of each input that reaches the loss, by name. */
  public Map<String, float[]> inputGradients() {
    Map<String, float[]> all = new LinkedHashMap<>();
    program
        .graph()
        .inputs()
        .forEach(
            (name, input) -> {
              Tensor gradient = program.graph().gradientOf(input);
              if (gradient != null) {
                all.put(name, program.read(gradient));
              }
            });
    return all;
  }

  /** The shape of the twin's output, and so of its target. */
  public static int[] outputShape(Twin twin) {
    return record(new Graph(DType.F32), twin, Work.FORWARD).shape();
  }

  /**
   * The parameters of a twin, every one of them random: also those that training begins at zero.
   */
  public static Parameters parameters(Twin twin, Device device, long seed, Region... regions) {
    Graph g = new Graph(DType.F32);
    record(g, twin, Work.FORWARD);
    Parameters parameters = new Parameters(device, g.parameters(), regions);
    randomize(parameters, seed);
    return parameters;
  }

  /** Fills VALUES at random, also those that training begins at zero. */
  public static void randomize(Parameters parameters, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (Parameters.Slot slot : parameters.slots()) {
      parameters.write(Region.VALUES, slot, random(slot.parameter(), random));
    }
  }

  /** Weights uniform by fan-in, scales of norms about 1, biases about 0. */
  private static float[] random(Parameter parameter, SplittableRandom random) {
    int[] shape = parameter.shape();
    int fanIn = 1;
    for (int i = 1; i < shape.length; i++) {
      fanIn *= shape[i];
    }
    String name = parameter.name();
    boolean scale = shape.length == 1 && (name.endsWith("weight") || name.endsWith("running_var"));
    if (name.equals("features.weight")) {
      return filled(parameter, 1); // frozen in the published code
    }
    double bound = shape.length == 1 ? 0.2 : Math.sqrt(3.0 / fanIn);
    float[] values = new float[(int) parameter.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((scale ? 1 : 0) + (2 * random.nextDouble() - 1) * bound);
    }
    return values;
  }

  private static float[] filled(Parameter parameter, float value) {
    float[] values = new float[(int) parameter.elements()];
    Arrays.fill(values, value);
    return values;
  }

  /** Writes inputs in the order they were recorded: the twin's, the target, Adam's settings. */
  public void write(List<float[]> values) {
    int i = 0;
    for (Tensor input : program.graph().inputs().values()) {
      program.write(input, values.get(i++));
    }
  }

  public Program program() {
    return program;
  }

  public float[] output() {
    return program.read(output);
  }

  public Tensor outputTensor() {
    return output;
  }

  @Override
  public void close() {
    program.close();
  }
}
