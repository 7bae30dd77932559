package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.kernels.Native;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Convolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private static final List<String> CPU = List.of(Devices.CPU);

  /** A network that only writes down who closes it, and in which order. */
  private record Named(String name, List<String> closed) implements Workers.Network<Named> {
    @Override
    public Named twin() {
      return new Named("twin", closed);
    }

    @Override
    public long activationBytes() {
      return 1;
    }

    @Override
    public void close() {
      closed.add(name + " of " + Thread.currentThread().getName());
    }
  }

  private static Workers<Named> named(int count, int threads, List<String> closed) {
    return Workers.on(CPU, count, threads, device -> new Named("first", closed));
  }

  @Test
  void allWorkersEndAtAboutTheSameTime() {
    assertEquals(new Division(2, 4), Division.of(CPU, 8, 2, 16));
    assertEquals(new Division(2, 10), Division.of(CPU, 20, 2, 16)); // not 16 and 4
    assertEquals(new Division(2, 10), Division.of(CPU, 40, 2, 16)); // two batches each
    assertEquals(new Division(2, 16), Division.of(CPU, 800, 2, 16));
    assertEquals(new Division(3, 1), Division.of(CPU, 3, 8, 16));
    assertEquals(new Division(1, 1), Division.of(CPU, 0, 8, 16));
    assertEquals(new Division(64, 16), Division.of(CPU, Long.MAX_VALUE, 64, 16));
    assertEquals(new Division(2, 16), Division.of(List.of("cuda:0", "cuda:1"), 8, 2, 16));
  }

  /** Each thread would wait for ever if the others did not run meanwhile. */
  @Test
  void workersRunAtTheSameTimeAndDivideTheThreads() {
    CyclicBarrier all = new CyclicBarrier(3);
    List<Integer> threads = Collections.synchronizedList(new ArrayList<>());
    List<String> closed = Collections.synchronizedList(new ArrayList<>());
    try (Workers<Named> workers = named(3, 7, closed)) {
      assertEquals(3, workers.count());
      workers.each(
          network -> {
            meet(all);
            threads.add(Native.threads());
          });
      assertEquals(List.of(2, 2, 2), threads);
      assertTrue(closed.isEmpty());
    }
    assertEquals(List.of("twin of worker-2", "twin of worker-1", "first of worker-0"), closed);
    try (Workers<Named> workers = named(5, 2, closed)) {
      assertEquals(2, workers.count());
    }
  }

  private static void meet(CyclicBarrier all) {
    try {
      all.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theFirstFailureStopsTheOthers() {
    AtomicInteger done = new AtomicInteger();
    AtomicReference<Thread> failed = new AtomicReference<>();
    try (Workers<Named> workers = named(3, 3, new ArrayList<>())) {
      EngineException failure =
          assertThrows(
              EngineException.class,
              () ->
                  workers.forEach(
                      1_000,
                      (network, i) -> {
                        if (i == 5) {
                          EngineException no = new EngineException("no " + i);
                          failed.set(Thread.currentThread());
                          throw no;
                        }
                        if (i > 5) {
                          waitUntilIdle(failed);
                        }
                        done.incrementAndGet();
                      }));
      assertEquals("no 5", failure.getMessage());
      assertTrue(done.get() <= 7, done + " were done"); // 0 to 4 and those that had begun
      done.set(0);
      workers.forEach(7, (network, i) -> done.incrementAndGet());
      assertEquals(7, done.get()); // they can go on
    }
  }

  /** Returns when a worker's thread has nothing to do any more. */
  private static void waitUntilIdle(AtomicReference<Thread> worker) {
    while (worker.get() == null || worker.get().getState() != Thread.State.WAITING) {
      Thread.yield();
    }
  }

  @Test
  void workersThatTheMemoryDoesNotHoldAreLeftOut() {
    assertEquals(64, Workers.fitting(64, 1));
    assertEquals(1, Workers.fitting(64, Long.MAX_VALUE));
    long half = HostMemory.available() / 2;
    int fit = Workers.fitting(64, half / 5);
    assertTrue(fit > 2 && fit < 9, fit + " fit"); // other programs take and give meanwhile
  }

  /** Weights are packed once; a worker with one thread starts no other. */
  @Test
  void twinsComputeTheSameBitsWithTheSameWeightsAndNoMoreThreads() throws IOException {
    Graph g = new Graph(DType.BF16);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 4, 16, 16, 32);
    Parameter w = Parameter.of("w", Parameter.Init.normal(.1), 32, 32, 3, 3);
    Tensor y =
        g.output(
            Activation.silu(
                Convolution.of(
                    Cast.of(x, DType.BF16),
                    g.parameter(w),
                    null,
                    null,
                    1,
                    Convolution.Padding.same(3))));
    float[] values = new float[Math.toIntExact(x.elements())];
    Random random = new Random(3);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    byte[][] results = new byte[12][];
    Set<String> before = tasks();
    Set<String> during = new TreeSet<>();
    try (Device device = Devices.cpu();
        Parameters parameters = new Parameters(device, g.parameters(), Region.VALUES)) {
      parameters.initialize(7);
      try (Workers<Program> workers =
          Workers.on(CPU, 3, 3, own -> new Program(new Plan(g, own), own, parameters))) {
        Plan plan = workers.first().plan();
        assertTrue(plan.constantBytes() > 0, "nothing is packed");
        assertEquals(plan.arenaBytes(), plan.activationBytes() + plan.constantBytes());
        workers.forEach(
            results.length,
            (program, i) -> {
              for (int run = 0; run < 20; run++) {
                program.write(x, values);
                program.run(Stage.EVALUATION);
                results[i] = program.readBytes(y);
              }
            });
        try (Program twin = workers.first().twin()) {
          assertThrows(IllegalStateException.class, twin::load); // others use the weights
        }
        during.addAll(tasks());
        during.removeAll(before);
        assertEquals(3, during.size(), during.toString());
      }
      try (Program alone = new Program(new Plan(g, device), device, parameters)) {
        alone.write(x, values);
        alone.run();
        for (byte[] result : results) {
          assertArrayEquals(alone.readBytes(y), result);
        }
      }
    }
  }

  /** Threads of this process that a worker is or has started, which inherit its name. */
  private static Set<String> tasks() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      for (Path task : tasks.toList()) {
        String name = name(task);
        if (name.startsWith("worker-")) {
          names.add(task.getFileName() + " " + name);
        }
      }
    }
    return names;
  }

  private static String name(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return ""; // it has ended
    }
  }
}
