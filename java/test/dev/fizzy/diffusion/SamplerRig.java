package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.Noise;
import dev.fizzy.engine.op.SamplerStep;

/** Runs a sampling plan through the kernel, a known function standing in for the network. */
final class SamplerRig {
  /** Gives the network's output for x at a time. */
  interface Network {
    void predict(float t, float[] x, float[] prediction);
  }

  /** The starting noise of each sample, [rows, width]. */
  static float[] noise(int rows, int width, int seed) {
    Graph g = new Graph(DType.F32);
    Tensor names = g.input("rows", DType.I32, Stage.EVALUATION, rows, 2);
    Tensor random = g.input("random", DType.I32, Stage.EVALUATION, 4);
    Tensor y = g.output(Noise.normal(g, names, random, rows, width));
    try (Device device = new CpuDevice();
        Program program = new Program(g, device, null)) {
      program.write(names, names(rows));
      program.write(random, new int[] {seed, 0, 0, 0});
      program.run();
      return program.read(y);
    }
  }

  /**
   * @param halves 2 where the network gives a conditional and an unconditional half
   */
  static float[] run(
      SamplingPlan plan, float[] start, int rows, int halves, int seed, Network network) {
    int width = start.length / rows;
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, rows, width);
    Tensor history =
        plan.past() == 0
            ? null
            : g.input("history", DType.F32, Stage.EVALUATION, plan.past(), rows, width);
    Tensor prediction = g.input("prediction", DType.F32, Stage.EVALUATION, halves * rows, width);
    Tensor coefficients =
        g.input("coefficients", DType.F32, Stage.IDENTITY, plan.steps(), SamplerStep.COEFFICIENTS);
    Tensor step = g.input("step", DType.I32, Stage.STEP, 1);
    Tensor names = g.input("rows", DType.I32, Stage.IDENTITY, rows, 2);
    Tensor random = g.input("random", DType.I32, Stage.STEP, 4);
    SamplerStep.of(x, prediction, history, coefficients, step, names, random);
    float[] state = start.clone();
    float[] predicted = new float[halves * start.length];
    try (Device device = new CpuDevice();
        Program program = new Program(g, device, null)) {
      program.write(x, state);
      program.write(coefficients, plan.coefficients());
      program.write(names, names(rows));
      program.write(random, new int[] {seed, 0, 0, 0});
      for (int i = 0; i < plan.steps(); i++) {
        network.predict(plan.timesteps()[i], state, predicted);
        program.write(prediction, predicted);
        program.write(step, new int[] {i});
        program.run(Stage.EVALUATION);
        program.read(x, state);
      }
    }
    return state;
  }

  private static int[] names(int rows) {
    int[] names = new int[2 * rows];
    for (int i = 0; i < rows; i++) {
      names[2 * i] = i;
    }
    return names;
  }

  private SamplerRig() {}
}
