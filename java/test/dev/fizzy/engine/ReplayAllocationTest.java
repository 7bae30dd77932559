package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.Twin;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replay makes no Java object: forward, and a whole training step. */
class ReplayAllocationTest {
  private static final int REPLAYS = 10;
  private static final int ROUNDS = 8;

  @ParameterizedTest
  @EnumSource
  void allocatesNothing(Work work) {
    Twin twin = Twin.unet("tiny", 1, 1);
    try (Device device = new CpuDevice();
        Parameters parameters = Ours.parameters(twin, device, 1, Region.values());
        Ours ours = Ours.of(twin, DType.F32, work, parameters)) {
      if (work == Work.STEP) {
        ours.program()
            .write(ours.program().input("settings"), 0, 0.9f, 0.999f, 1e-8f, 1, 1, 0.99f, 0);
      }
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      // The JVM itself allocates a little while it loads and compiles. What a replay allocates it
      // allocates every time, so the leanest of several rounds tells.
      long least = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS; round++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        replay(ours.program());
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      }
      assertEquals(0, least);
    }
  }

  private static void replay(Program program) {
    for (int i = 0; i < REPLAYS; i++) {
      program.run();
    }
  }
}
