package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class InjectedAttentionTest {
  private static final int TOKENS = 4;
  private static final int C = 8;

  /** Softmax of the second half's scores, times each half's own values, in double. */
  @Test
  void bothHalvesHaveTheMapsOfTheSecond() {
    Graph g = new Graph(DType.F32);
    Tensor qkv = g.input("qkv", DType.F32, Stage.EVALUATION, 4, 2, 2, 3 * C);
    Tensor y = g.output(InjectedAttention.self(qkv, 1));
    SplittableRandom random = new SplittableRandom(2);
    float[] values = new float[(int) qkv.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-2, 2);
    }
    try (Device device = new CpuDevice();
        Program program = new Program(g, device, null)) {
      program.write(qkv, values);
      program.run();
      float[] got = program.read(y);
      for (int b = 0; b < 4; b++) {
        int map = 2 + b % 2;
        for (int i = 0; i < TOKENS; i++) {
          double[] p = new double[TOKENS];
          double total = 0;
          for (int j = 0; j < TOKENS; j++) {
            for (int d = 0; d < C; d++) {
              p[j] += at(values, map, i, d) * at(values, map, j, C + d) / Math.sqrt(C);
            }
            p[j] = Math.exp(p[j]);
            total += p[j];
          }
          for (int d = 0; d < C; d++) {
            double expected = 0;
            for (int j = 0; j < TOKENS; j++) {
              expected += p[j] / total * at(values, b, j, 2 * C + d);
            }
            assertEquals(expected, got[(b * TOKENS + i) * C + d], 1e-5);
          }
        }
      }
    }
  }

  private static double at(float[] values, int image, int token, int column) {
    return values[(image * TOKENS + token) * 3 * C + column];
  }
}
