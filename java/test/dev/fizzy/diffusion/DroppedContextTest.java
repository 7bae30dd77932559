package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.UNet;
import dev.fizzy.model.UNetConfig;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a training face is given of its context, against sums in double. */
class DroppedContextTest {
  private static final UNetConfig TINY = ModelConfig.load("tiny").unet();
  private static final int ROWS = 5;
  private static final int STEP = 77;
  private static final long SEED = 9;

  private static int word(Philox.Purpose purpose, int row, int element) {
    int[] words = new int[4];
    int[] counter = {element / 4, purpose.ordinal() << 24 | STEP, row, 3};
    Philox.block(SEED, counter, words);
    return words[element % 4] >>> 8;
  }

  /** The factor of an element: 0, or 1/(1-p) with the row's p. */
  private static double factor(double from, double to, int row, int element) {
    double p = from + (to - from) * word(Philox.Purpose.EMPTY_CONTEXT, row, 1) * 0x1p-24;
    double u = word(Philox.Purpose.CONTEXT_DROPOUT, row, element) * 0x1p-24;
    return u < p ? 0 : 1 / (1 - p);
  }

  @ParameterizedTest
  @CsvSource({".25, 0, false", ".25, 0, true", ".1, .8, false", "0, .6, true"})
  void dropsBeforeOrBehindTheFirstLayer(double from, double to, boolean input) {
    DiffusionConfig process = new DiffusionConfig(1000, "linear", "eps", from, to, input, 0, 1);
    Graph g = new Graph(DType.F32);
    UNet unet = new UNet(g, TINY);
    int width = TINY.contextInput();
    int out = TINY.contextChannels();
    Tensor identity = g.input("identity", DType.F32, Stage.EVALUATION, ROWS, width);
    Tensor rows = g.input("rows", DType.I32, Stage.EVALUATION, ROWS, 2);
    Tensor random = g.input("random", DType.I32, Stage.EVALUATION, 4);
    Tensor y = g.output(DroppedContext.of(unet, identity, null, process, rows, random));
    SplittableRandom values = new SplittableRandom(4);
    float[] c = floats(values, ROWS * width);
    float[] w = floats(values, out * width);
    float[] b = floats(values, out);
    int[] names = new int[2 * ROWS];
    for (int i = 0; i < ROWS; i++) {
      names[2 * i] = i;
      names[2 * i + 1] = 3;
    }
    try (Device device = new CpuDevice();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      parameters.write(Region.VALUES, parameters.slot("context_emb.weight"), w);
      parameters.write(Region.VALUES, parameters.slot("context_emb.bias"), b);
      try (Program program = new Program(g, device, parameters)) {
        program.write(identity, c);
        program.write(rows, names);
        program.write(random, new int[] {(int) SEED, (int) (SEED >>> 32), STEP, 0});
        program.run();
        float[] found = program.read(y);
        double most = Math.max(from, to);
        for (int row = 0; row < ROWS; row++) {
          for (int o = 0; o < out; o++) {
            double sum = b[o];
            for (int k = 0; k < width; k++) {
              sum +=
                  w[o * width + k] * c[row * width + k] * (input ? factor(from, most, row, k) : 1);
            }
            double expected = input ? sum : sum * factor(from, most, row, o);
            assertEquals(expected, found[row * out + o], 1e-3, row + " " + o);
          }
        }
      }
    }
  }

  private static float[] floats(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
