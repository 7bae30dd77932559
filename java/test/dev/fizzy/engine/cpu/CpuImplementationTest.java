package dev.fizzy.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.kernels.Native;
import dev.fizzy.engine.op.Attention;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.GroupNorm;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What was chosen is said, and nothing falls back in silence. */
class CpuImplementationTest {
  private static Map<String, Map<String, Integer>> implementations(Graph g) {
    try (CpuDevice device = new CpuDevice()) {
      return new Plan(g, device).implementations();
    }
  }

  private static String level() {
    return Native.cpu_level_name(Native.cpu_level()).getString();
  }

  private static String attention(int width) {
    Graph g = new Graph(DType.BF16);
    Attention.self(g.input("qkv", DType.BF16, Stage.EVALUATION, 2, 64, 3 * 2 * width), 2);
    Set<String> names = implementations(g).get("attention").keySet();
    assertEquals(1, names.size());
    return names.iterator().next();
  }

  @Test
  void bf16AttentionTakesTheBestThatThereIs() {
    String of32 =
        switch (level()) {
          case "amx" -> "amx amx tiles";
          case "avx512_bf16" -> "avx512_bf16 bf16 pairs (amx tiles: no AMX)";
          default -> level() + " vectors (amx tiles: no AMX; bf16 pairs: no AVX-512 BF16)";
        };
    assertEquals(of32, attention(32));
  }

  @Test
  void aFallbackSaysWhy() {
    String of24 = attention(24);
    assertTrue(of24.startsWith(level() + " vectors (amx tiles: "), of24);
    if (level().equals("amx") || level().equals("avx512_bf16")) {
      assertTrue(of24.contains("bf16 pairs: the head width is not a multiple of 16"), of24);
    }
  }

  /** Where the processor has bf16, neither ours nor oneDNN's kernels compute in f32. */
  @Test
  void everyKernelSaysWhatComputesIt() {
    Graph g = new Graph(DType.BF16);
    Tensor x = g.input("x", DType.BF16, Stage.EVALUATION, 2, 16, 16, 64);
    Tensor ones = g.parameter(Parameter.of("ones", Parameter.Init.ONES, 64));
    Tensor w = g.parameter(Parameter.of("w", Parameter.Init.ONES, 64, 64, 3, 3));
    GroupNorm.of(x, ones, ones, 32, 1e-5f, true);
    Convolution.of(x, w, null, null, 1, Convolution.Padding.same(1));
    Map<String, Map<String, Integer>> all = implementations(g);
    assertEquals(Map.of(level(), 1), all.get("group_norm"));
    String convolution = all.get("convolution").keySet().iterator().next();
    assertTrue(convolution.length() > 3, convolution);
    boolean bf16 = level().equals("amx") || level().equals("avx512_bf16");
    assertEquals(!bf16, convolution.contains(" in f32"), convolution);
  }
}
