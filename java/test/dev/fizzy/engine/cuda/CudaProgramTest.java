package dev.fizzy.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cuda.StandIn.Counter;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import dev.fizzy.engine.op.Softmax;
import dev.fizzy.engine.profile.Profile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.SizeTPointer;
import org.junit.jupiter.api.Test;

/** A stage is one captured graph from its second run on, and nothing waits until the host reads. */
@StandIn
class CudaProgramTest {
  private static final int N = 21;

  @Test
  void replaysACapturedGraph() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 3, N / 3);
    Tensor y = g.output(Add.of(Activation.silu(x), x));
    long violations;
    try (Device device = Devices.open("cuda", 1);
        Program program = new Program(g, device, null)) {
      float[] values = new float[N];
      for (int run = 0; run < 5; run++) {
        for (int i = 0; i < N; i++) {
          values[i] = i - run;
        }
        long graphs = Counter.GRAPH_LAUNCHES.value();
        long waits = Counter.WAITS.value();
        program.write(x, values);
        program.run();
        assertEquals(run == 0 ? 0 : 1, Counter.GRAPH_LAUNCHES.value() - graphs);
        assertEquals(waits, Counter.WAITS.value(), "nothing waits before the host reads");
        float[] out = program.read(y);
        for (int i = 0; i < N; i++) {
          assertEquals(values[i] / (1 + Math.exp(-values[i])) + values[i], out[i], 1e-5);
        }
      }
      violations = Counter.VIOLATIONS.value();
    }
    assertEquals(0, violations);
    assertEquals(0, Counter.LIVING.value(), "descriptors are freed with the device");
  }

  /** More than both halves of the staging memory, twice, with nothing read between. */
  @Test
  void transfersWaitForTheirBuffers() {
    Graph g = new Graph(DType.F32);
    int n = 5 << 20;
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, n);
    g.output(x);
    try (Device device = Devices.open("cuda", 1);
        Program program = new Program(g, device, null)) {
      float[] values = new float[n];
      for (int run = 0; run < 2; run++) {
        for (int i = 0; i < n; i++) {
          values[i] = i + run;
        }
        program.write(x, values);
      }
      float[] out = program.read(x);
      for (int i = 0; i < n; i++) {
        assertEquals(i + 1, out[i]);
      }
    }
  }

  /** Of a tensor that later runs overwrite, and copied from one program to the other. */
  @Test
  void aLaterReadDoesNotWait() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 3, N / 3);
    Tensor y = g.output(Add.of(x, x));
    try (Device device = Devices.open("cuda", 1);
        Program first = new Program(g, device, null);
        Program second = new Program(g, device, null)) {
      List<Later<byte[]>> reads = new ArrayList<>();
      long waits = Counter.WAITS.value();
      for (int run = 1; run <= 3; run++) {
        float[] values = new float[N];
        Arrays.fill(values, run);
        first.write(x, values);
        first.run();
        second.copy(x, first, y, 1, N - 1);
        second.run();
        reads.add(second.readLater(y));
        assertFalse(reads.get(run - 1).ready());
      }
      assertEquals(waits, Counter.WAITS.value(), "nothing waits before the host takes a result");
      for (int run = 3; run >= 1; run--) {
        float[] read = new float[N];
        ByteBuffer.wrap(reads.get(run - 1).get())
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer()
            .get(read);
        assertEquals(4 * run, read[N - 2]);
      }
      assertThrows(EngineException.class, () -> second.copy(x, first, y, 1, N));
    }
  }

  @Test
  void takesTheMemoryThatThePlanSays() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 3, N / 3);
    g.output(Softmax.of(Activation.silu(x)));
    try (Device device = Devices.open("cuda", 1)) {
      Plan plan = new Plan(g, device);
      long free = free();
      try (Program program = new Program(plan, device, null)) {
        assertEquals(plan.arenaBytes(), free - free());
        assertTrue(plan.arenaBytes() >= 2 * N * Float.BYTES, program.plan().toString());
      }
      assertEquals(free, free(), "freed with the program");
    }
  }

  private static long free() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      Cuda.check(cudart.cudaMemGetInfo(free, total), "free memory");
      return free.get();
    }
  }

  /** An operation takes longer on a thousand times as many elements. */
  @Test
  void timesGrowWithTheWork() {
    Graph g = new Graph(DType.F32);
    for (int n : new int[] {1 << 6, 1 << 16}) {
      g.output(Activation.silu(g.input("x" + n, DType.F32, Stage.EVALUATION, 1, n)));
    }
    long violations = Counter.VIOLATIONS.value();
    try (Device device = Devices.open("cuda", 1);
        Program program = new Program(g, device, null)) {
      AtomicInteger runs = new AtomicInteger();
      device.secondsEach(runs::incrementAndGet);
      assertTrue(runs.get() > 1, "several runs between two events");
      Profile profile = Profile.of(program, 3);
      double small = profile.rows().get(0).seconds();
      double large = profile.rows().get(1).seconds();
      assertTrue(large > 5 * small && large < 60, small + " s and " + large + " s");
      for (double peak :
          new double[] {
            profile.peak().bandwidth(), profile.peak().f32(), device.peakFlops(DType.BF16)
          }) {
        assertTrue(peak > 0 && Double.isFinite(peak), "a peak of " + peak);
      }
      assertTrue(device.description().contains("cuDNN 9."), device.description());
      assertEquals(violations, Counter.VIOLATIONS.value(), "peaks are measured on written memory");
    }
  }
}
