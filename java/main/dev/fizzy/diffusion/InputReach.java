package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts the values that layers read which can compute in integers, while a network in BF16 draws:
 * for each layer a histogram of all 65,536 values.
 */
public final class InputReach {
  private static final int VALUES = 1 << 16;
  private static final int SIGN = 1 << 15;

  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final Map<String, long[]> counts = new LinkedHashMap<>();

  /** Keeps the layers' inputs readable; before the graph is planned. */
  void keep(Graph graph) {
    if (graph.compute() != DType.BF16) {
      throw new EngineException("inputs are counted in BF16, not in " + graph.compute());
    }
    graph
        .quantizable()
        .forEach(
            (reach, x) -> {
              inputs.put(reach, graph.output(x));
              counts.put(reach, new long[VALUES]);
            });
  }

  /** Counts after an evaluation. */
  void count(Program program) {
    inputs.forEach(
        (reach, x) -> {
          byte[] raw = program.readBytes(x);
          long[] of = counts.get(reach);
          for (int i = 0; i < raw.length; i += 2) {
            of[raw[i] & 0xff | (raw[i + 1] & 0xff) << 8]++;
          }
        });
  }

  /**
   * How far each layer's inputs reach below and above zero, by the names of the parameters that
   * contain it.
   *
   * @param tail share of the values that may be beyond either end
   */
  public Map<String, float[]> reaches(double tail) {
    Map<String, float[]> reaches = new LinkedHashMap<>();
    counts.forEach((name, of) -> reaches.put(name, reach(name, of, tail)));
    return reaches;
  }

  static float[] reach(String name, long[] counts, double tail) {
    long all = 0;
    for (int bits = 0; bits < VALUES; bits++) {
      if (counts[bits] > 0 && !Float.isFinite(value(bits))) {
        throw new EngineException(name + ": a value is " + value(bits) + "; its weights are wrong");
      }
      all += counts[bits];
    }
    float below = beyond(counts, SIGN, tail * all);
    float above = beyond(counts, 0, tail * all);
    return below + above > 0 ? new float[] {below, above} : new float[] {0, 1};
  }

  /** The smallest magnitude of a sign which at most so many values of that sign exceed. */
  private static float beyond(long[] counts, int sign, double most) {
    long larger = 0;
    for (int magnitude = SIGN - 1; magnitude > 0; magnitude--) {
      larger += counts[sign | magnitude];
      if (larger > most) {
        return value(magnitude);
      }
    }
    return 0;
  }

  private static float value(int bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
