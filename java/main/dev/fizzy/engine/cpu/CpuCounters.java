package dev.fizzy.engine.cpu;

import dev.fizzy.engine.kernels.Native;
import dev.fizzy.engine.profile.Counters;

/** Those of the threads that run when it is made, and of the threads that they start. */
final class CpuCounters implements Counters {
  private final Native.Counters opened;
  private final String refusal;

  CpuCounters() {
    Native.Counters counters = null;
    String reason = null;
    try {
      counters = Native.counters_open(false);
    } catch (RuntimeException e) {
      reason = e.getMessage();
    }
    opened = counters;
    refusal = reason;
  }

  @Override
  public Counts now() {
    return new Counts(hardware(0), hardware(1), hardware(2), Native.preemptions());
  }

  private double hardware(int which) {
    return opened == null ? Double.NaN : Native.counters_read(opened, which);
  }

  @Override
  public String refusal() {
    return refusal;
  }

  @Override
  public void close() {
    if (opened != null) {
      Native.counters_close(opened);
    }
  }
}
