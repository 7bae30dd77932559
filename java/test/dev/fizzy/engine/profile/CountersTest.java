package dev.fizzy.engine.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.kernels.Native;
import org.junit.jupiter.api.Test;

class CountersTest {
  /** The threads' clock, which all machines count, is read like the counters of the hardware. */
  @Test
  void allThreadsAreCountedEvenThoseStartedLater() throws InterruptedException {
    Native.Counters counters = Native.counters_open(true);
    try {
      double spun = spin();
      Thread later = new Thread(CountersTest::spin);
      double before = Native.counters_read(counters, 0) / 1e9;
      later.start();
      later.join();
      double after = Native.counters_read(counters, 0) / 1e9;
      assertTrue(before >= .9 * spun, before + " of " + spun + " s");
      assertTrue(after - before >= .9 * spun, after - before + " of " + spun + " s");
      assertThrows(RuntimeException.class, () -> Native.counters_read(counters, 1));
    } finally {
      Native.counters_close(counters);
    }
  }

  @Test
  void theReasonIsSaidWhereTheSystemGrantsNoHardwareCounters() {
    try (Device device = Devices.cpu();
        Counters counters = device.counters()) {
      String refusal = counters.refusal();
      Counters.Counts counts = counters.during(CountersTest::spin);
      assertEquals(refusal == null, counts.cycles() > 0, refusal);
      assertTrue(refusal == null || refusal.contains("hardware counters"), refusal);
      assertTrue(counts.preemptions() >= 0);
    }
  }

  @Test
  void aRefusalNamesItsRemedy() {
    int eacces = 13;
    int enoent = 2;
    int emfile = 24;
    for (String[] each :
        new String[][] {
          {Native.counters_refusal(eacces).getString(), "perf_event_paranoid must be 2 or less"},
          {Native.counters_refusal(enoent).getString(), "this machine shows no hardware counters"},
          {Native.counters_refusal(emfile).getString(), "ulimit -n"}
        }) {
      assertTrue(each[0].contains(each[1]), each[0]);
    }
  }

  @Test
  void countsAreSummedAndDivided() {
    Counters.Counts a = new Counters.Counts(4, 8, 2, 1);
    assertEquals(new Counters.Counts(4, 8, 2, 1), a.plus(a).times(.5));
  }

  /** Computes for some CPU time and returns it in seconds. */
  private static double spin() {
    double seconds = .05;
    double begin = cpuSeconds();
    while (cpuSeconds() < begin + seconds) {
      Thread.onSpinWait();
    }
    return seconds;
  }

  private static double cpuSeconds() {
    return java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }
}
