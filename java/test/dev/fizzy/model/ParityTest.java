package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.UNetConfig.Conditioning;
import dev.fizzy.rival.Difference;
import dev.fizzy.rival.Difference.Values;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.TorchTwin;
import dev.fizzy.rival.TorchWeights.Memory;
import dev.fizzy.rival.Twin;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Our networks against the same networks on libtorch, with the same random weights and inputs: the
 * output and the gradient of every parameter, in f32 and in bf16. Every f32 relative error is at
 * most 1e-4; every bf16 error against libtorch's f32 is at most twice libtorch's own bf16 error.
 * The latter over several inputs: the gradient of three biases is off by three sums of roundings,
 * so that on one input either side may be lucky.
 */
class ParityTest {
  private static final Logger log = LoggerFactory.getLogger(ParityTest.class);
  private static final double F32_ERROR = 1e-4;
  private static final int INPUTS = 3;

  static Stream<Twin> blocks() {
    Conditioning cross = Conditioning.CROSS_ATTENTION;
    Conditioning adaptive = Conditioning.ADAPTIVE_GROUP_NORM;
    return Stream.of(
        Twin.residual(cross, 2, 128, 128, 16),
        Twin.residual(cross, 2, 96, 192, 8),
        Twin.residual(adaptive, 3, 192, 96, 8),
        Twin.attention(cross, 2, 192, 16),
        Twin.attention(cross, 2, 384, 8),
        Twin.attention(adaptive, 2, 192, 8),
        Twin.encoder("idiff-face", 1, 32),
        Twin.decoder("idiff-face", 1, 32));
  }

  static Stream<Twin> networks() {
    return Stream.of(Twin.unet("idiff-face", 1, 1), Twin.unet("idiff-face-adagn", 1, 1));
  }

  @ParameterizedTest
  @MethodSource({"blocks", "networks"})
  void agreesWithLibtorch(Twin twin) {
    try (Device device = new CpuDevice();
        Parameters parameters = Ours.parameters(twin, device, 7, Region.VALUES, Region.GRADIENTS);
        Ours inF32 = Ours.of(twin, DType.F32, Work.BACKWARD, parameters);
        Ours inBf16 = Ours.of(twin, DType.BF16, Work.BACKWARD, parameters)) {
      List<Difference> f32 = new ArrayList<>();
      List<Difference> bf16 = new ArrayList<>();
      List<Difference> theirs = new ArrayList<>();
      for (int seed = 0; seed < INPUTS; seed++) {
        List<float[]> inputs = inputs(twin, seed);
        Values truth = torch(twin, parameters, DType.F32, inputs);
        f32.add(Difference.between(ours(inF32, inputs), truth));
        bf16.add(Difference.between(ours(inBf16, inputs), truth));
        theirs.add(Difference.between(torch(twin, parameters, DType.BF16, inputs), truth));
      }
      for (Difference one : f32) {
        log.info("{} f32: {}", twin, one.worst());
        List<String> wrong = one.above(F32_ERROR);
        assertTrue(wrong.isEmpty(), () -> twin + " in f32: " + wrong);
      }
      Difference our = Difference.pooled(bf16);
      Difference their = Difference.pooled(theirs);
      log.info("{} bf16: {}, libtorch {}", twin, our.worst(), their.worst());
      List<String> worse = our.aboveTwice(their);
      assertTrue(worse.isEmpty(), () -> twin + " in bf16: " + worse);
    }
  }

  /** The network's inputs, and as the last the target of the loss. */
  private static List<float[]> inputs(Twin twin, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<float[]> all = new ArrayList<>();
    List<int[]> shapes = new ArrayList<>(twin.inputs().stream().map(Twin.Input::shape).toList());
    shapes.add(Ours.outputShape(twin));
    for (int[] shape : shapes) {
      float[] values = new float[java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (shape.length == 1 ? 500 + i : random.nextDouble(-2, 2));
      }
      all.add(values);
    }
    return all;
  }

  private static Values ours(Ours ours, List<float[]> inputs) {
    ours.write(inputs);
    ours.program().run();
    return Values.of(ours);
  }

  private static Values torch(Twin twin, Parameters parameters, DType type, List<float[]> inputs) {
    MemoryFormat format = MemoryFormat.ChannelsLast;
    try (TorchTwin torch = new TorchTwin(twin, parameters, type, format, true, Memory.SHARED)) {
      torch.write(inputs, Ours.outputShape(twin));
      torch.trackInputs();
      return Values.of(torch.backward(true), torch);
    }
  }
}
