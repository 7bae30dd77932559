package dev.fizzy.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.IsolatedOperation;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.cpu.CpuDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Every operation of every shipped network, forward, in f32 and bf16, gives the same bits with 1,
 * 2, 3, 4 and 7 threads, at every instruction-set level of this machine. oneDNN's level is fixed by
 * the first primitive of a process, so each level is a process.
 */
class ThreadCountTest {
  /** Operations with more FLOPs an image run with one image, the others with two. */
  private static final long LARGE = 1L << 30;

  private static final int[] THREADS = {1, 2, 3, 4, 7};

  @Test
  void everyShippedOperationAtEveryLevel() throws IOException, InterruptedException {
    for (String level : CpuDevice.levels()) {
      ProcessBuilder builder =
          new ProcessBuilder(
              System.getProperty("java.home") + "/bin/java",
              "-Xmx1g",
              "-cp",
              System.getProperty("java.class.path"),
              ThreadCountTest.class.getName(),
              complete(level) ? "complete" : "small");
      builder.environment().put(CpuDevice.LEVEL_VARIABLE, level);
      builder.environment().put("OMP_WAIT_POLICY", "passive"); // more threads than processors
      Process process = builder.redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), level + ": " + output);
      System.out.println(level + ": " + output.strip());
    }
  }

  /** Lower levels take a part here, and all with -Dlevels=complete as in tools/verified. */
  private static boolean complete(String level) {
    List<String> levels = CpuDevice.levels();
    return level.equals(levels.get(levels.size() - 1))
        || "complete".equals(System.getProperty("levels"));
  }

  /**
   * One level, all or the small operations in f32; prints the operations whose bits differ, and
   * exits with 1 where there are any.
   */
  public static void main(String[] arguments) {
    Map<String, IsolatedOperation> operations = operations(arguments[0].equals("complete"));
    List<String> failures = new ArrayList<>();
    operations.forEach(
        (key, operation) -> {
          List<List<byte[]>> outputs = operation.run(THREADS);
          for (int i = 1; i < THREADS.length; i++) {
            if (!same(outputs.get(0), outputs.get(i))) {
              failures.add(key + ": 1 and " + THREADS[i] + " threads give different bits");
            }
          }
        });
    failures.forEach(System.out::println);
    System.out.println(operations.size() + " operations, " + failures.size() + " failed");
    System.exit(failures.isEmpty() ? 0 : 1);
  }

  private static boolean same(List<byte[]> a, List<byte[]> b) {
    return Arrays.deepEquals(a.toArray(), b.toArray());
  }

  private static Map<String, IsolatedOperation> operations(boolean complete) {
    Map<String, IsolatedOperation> operations = new LinkedHashMap<>();
    for (DType type : complete ? new DType[] {DType.F32, DType.BF16} : new DType[] {DType.F32}) {
      for (int batch : complete ? new int[] {1, 2} : new int[] {2}) {
        for (Graph network : networks(type, batch)) {
          for (Operation operation : IsolatedOperation.of(network)) {
            boolean large = operation.flops() / batch > LARGE;
            if (!operation.view() && large == (batch == 1)) {
              operations.computeIfAbsent(
                  type + " " + IsolatedOperation.key(operation),
                  key -> new IsolatedOperation(type, operation));
            }
          }
        }
      }
    }
    return operations;
  }

  private static List<Graph> networks(DType type, int batch) {
    List<Graph> all = new ArrayList<>();
    for (String name : ModelConfig.SHIPPED) {
      ModelConfig config = ModelConfig.load(name);
      all.add(Recorded.graph(config, Recorded.Network.UNET, batch, type, false));
      all.add(Recorded.graph(config, Recorded.Network.AUTOENCODER, batch, type, false));
    }
    for (String name : IResNetConfig.SHIPPED) {
      all.add(Recorded.recognizer(IResNetConfig.load(name), batch, type, false));
    }
    return all;
  }
}
