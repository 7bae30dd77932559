package dev.fizzy.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Group;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.AllReduce;
import dev.fizzy.engine.op.Loss;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Two ranks average gradients in several buckets. The stand-ins run what a graph's forked stream
 * does as early and as late as the graph allows, by turns, so a missing dependency gives values of
 * an earlier step.
 */
@StandIn
class CudaAllReduceTest {
  private static final int RANKS = 2;
  private static final int WEIGHTS = 6;
  private static final int N = 19;
  private static final int STEPS = 6;

  /** Weight i follows its target; the gradient of its squared error is 2 (w - t) / N. */
  private static float target(int rank, int step, int weight, int element) {
    return (float) Math.sin(1 + rank + 3.7 * step + 11 * weight + element);
  }

  private static void rank(Group group, int rank) {
    try (Device device = group.open(rank)) {
      Graph g = new Graph(DType.F32);
      List<Tensor> targets = new ArrayList<>();
      List<Tensor> losses = new ArrayList<>();
      for (int i = 0; i < WEIGHTS; i++) {
        Tensor w = g.parameter(Parameter.of("w" + i, Parameter.Init.ONES, 1, N));
        targets.add(g.input("t" + i, DType.F32, Stage.EVALUATION, 1, N));
        losses.add(g.output(Loss.mse(w, targets.get(i))));
      }
      g.backwardFrom(Map.of(), losses);
      AllReduce.of(g, losses, 2L * N * Float.BYTES);
      try (Parameters parameters =
              new Parameters(device, g.parameters(), Region.VALUES, Region.GRADIENTS);
          Program program = new Program(g, device, parameters)) {
        parameters.initialize(1);
        for (int step = 0; step < STEPS; step++) {
          step(program, targets, losses, rank, step);
        }
      }
    }
  }

  private static void step(
      Program program, List<Tensor> targets, List<Tensor> losses, int rank, int step) {
    for (int i = 0; i < WEIGHTS; i++) {
      float[] values = new float[N];
      for (int e = 0; e < N; e++) {
        values[e] = target(rank, step, i, e);
      }
      program.write(targets.get(i), values);
    }
    program.run();
    Parameters parameters = program.parameters();
    for (int i = 0; i < WEIGHTS; i++) {
      double loss = program.read(losses.get(i))[0]; // waits
      float[] got = parameters.read(Region.GRADIENTS, parameters.slot("w" + i));
      double expectedLoss = 0;
      for (int e = 0; e < N; e++) {
        double expected = 0;
        for (int r = 0; r < RANKS; r++) {
          double difference = 1 - target(r, step, i, e);
          expected += 2 * difference / N / RANKS;
          expectedLoss += difference * difference / N / RANKS;
        }
        assertEquals(expected, got[e], 1e-6, "step " + step + ", weight " + i + ", " + e);
      }
      assertEquals(expectedLoss, loss, 1e-5, "step " + step + ", loss " + i);
    }
  }

  @Test
  void bucketsThatOverlapTheBackwardPassGiveTheMeans()
      throws InterruptedException, ExecutionException {
    long violations = StandIn.Counter.VIOLATIONS.value();
    long living = StandIn.Counter.LIVING.value();
    Group group = Devices.group(List.of("cuda:0", "cuda:1"));
    ExecutorService threads = Executors.newFixedThreadPool(RANKS);
    List<Future<?>> ranks = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      int mine = rank;
      ranks.add(
          threads.submit(
              () -> {
                try {
                  rank(group, mine);
                } catch (RuntimeException | Error e) {
                  group.abort(); // the other rank must not wait
                  throw e;
                }
              }));
    }
    for (Future<?> rank : ranks) {
      rank.get();
    }
    threads.shutdown();
    assertEquals(violations, StandIn.Counter.VIOLATIONS.value());
    assertEquals(living, StandIn.Counter.LIVING.value());
  }
}
