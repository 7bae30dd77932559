package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.cuda.OnCuda;
import dev.fizzy.engine.op.Adam;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Sgd;
import dev.fizzy.engine.op.TransposedConvolution;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A training in bf16 on a GPU reads the weights that its optimizer rounded. */
@OnCuda
class CudaNarrowTest {
  private static final int B = 2;
  private static final int SIDE = 4;

  private final Graph g = new Graph(DType.BF16);
  private final Tensor x = g.input("x", DType.F32, Stage.EVALUATION, B, SIDE, SIDE, 3);
  private final Tensor target = g.input("target", DType.F32, Stage.EVALUATION, B, SIDE, SIDE, 4);
  private final Tensor settings = g.input("settings", DType.F32, Stage.EVALUATION, Adam.SETTINGS);
  private final Tensor slow = g.input("slow", DType.F32, Stage.EVALUATION, Sgd.SETTINGS);
  private final Tensor loss;

  CudaNarrowTest() {
    Tensor h = Cast.of(x, g.compute());
    h = convolution("same", h, 8, 1, Convolution.Padding.same(1));
    h = convolution("down", h, 8, 2, new Convolution.Padding(0, 0, 1, 1));
    h = TransposedConvolution.of(h, parameter("up", 8, 4, 4, 4), null, 2, 1);
    Tensor tokens = Reshape.of(h, B * SIDE * SIDE, 4);
    Tensor y = Linear.of(tokens, parameter("last", 4, 4), parameter("bias", 4), tokens);
    loss = g.output(Loss.mse(Reshape.of(y, target.shape()), Cast.of(target, g.compute())));
    g.backward(loss);
  }

  private Tensor convolution(
      String name, Tensor h, int out, int stride, Convolution.Padding padding) {
    Tensor w = parameter(name, out, h.dim(3), 3, 3);
    return Convolution.of(h, w, null, null, stride, padding);
  }

  private Tensor parameter(String name, int... shape) {
    return g.parameter(Parameter.of(name, Parameter.Init.normal(.3), shape));
  }

  /** The losses of some steps. */
  private List<Float> train(Program program) {
    program.parameters().initialize(2);
    program.write(x, values(x, 1));
    program.write(target, values(target, 2));
    List<Float> losses = new ArrayList<>();
    for (int t = 1; t <= 4; t++) {
      program.write(settings, Adam.settings(.02, .9, .99, 1e-8, t, 0, 1));
      program.write(slow, Sgd.settings(.5, .9, 0, 1));
      program.run();
      losses.add(program.read(loss)[0]);
    }
    return losses;
  }

  private static float[] values(Tensor t, int start) {
    float[] values = new float[Math.toIntExact(t.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(start + i);
    }
    return values;
  }

  private void optimize(String optimizer) {
    if (optimizer.equals("adam")) {
      Adam.of(g, settings);
    } else {
      Sgd.of(g, slow);
    }
  }

  private static long bytes(Program program, String operation) {
    return program.plan().groups().stream()
        .filter(group -> group.operation().equals(operation))
        .mapToLong(Plan.Group::bytes)
        .sum();
  }

  @ParameterizedTest
  @ValueSource(strings = {"adam", "sgd"})
  void theOptimizerKeepsTheRoundedWeights(String optimizer) {
    optimize(optimizer);
    try (Device device = Devices.open("cuda", 1);
        Device cpu = Devices.cpu();
        Parameters own = new Parameters(device, g.parameters(), Region.values());
        Parameters other = new Parameters(cpu, g.parameters(), Region.values());
        Program program = new Program(g, device, own);
        Program beside = new Program(g, cpu, other)) {
      assertEquals(Weights.NARROWED, program.plan().weights());
      assertEquals(Weights.CHANGING, beside.plan().weights());
      assertEquals(
          DType.BF16.bytes * g.trainedElements(),
          bytes(program, optimizer) - bytes(beside, optimizer));
      List<Float> losses = train(program);
      List<Float> expected = train(beside);
      for (int i = 0; i < losses.size(); i++) {
        assertEquals(expected.get(i), losses.get(i), .02 * expected.get(i), "step " + i);
      }
      for (Parameters.Slot slot : own.slots()) {
        float[] values = own.read(Region.VALUES, slot);
        if (FilterLayout.differs(slot.parameter())) {
          values = FilterLayout.channelsLast(slot.parameter(), values);
        }
        short[] rounded = own.narrow().read(slot.offset(), values.length);
        for (int i = 0; i < values.length; i++) {
          assertEquals(DType.bf16(values[i]), rounded[i], slot.parameter().name() + " " + i);
        }
      }
    }
  }
}
