package dev.fizzy.engine.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.SizeTPointer;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Marks tests that ask the stand-ins what they were told: their counters are read through
 * cudaDeviceGetLimit.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfEnvironmentVariable(named = "FIZZY_CUDA", matches = "stand-in")
public @interface StandIn {
  /** How the stand-ins behave; a test that changes one restores it. */
  enum Setting {
    /** Whether cuDNN adds bias and residual in the same pass. */
    FUSION,
    /** Whether cuDNN adds to the previous contents of y. */
    BETA,
    /** Whether the libraries also offer candidates that are refused, fail or are slow. */
    CANDIDATES;

    private static final int FIRST = 0x47000;

    public void set(boolean value) {
      Cuda.check(cudart.cudaDeviceSetLimit(FIRST + ordinal(), value ? 1 : 0), "settings");
    }

    static void restore() {
      FUSION.set(true);
      BETA.set(true);
      CANDIDATES.set(false);
    }
  }

  /** What the stand-ins count. */
  enum Counter {
    LAUNCHES,
    GRAPH_LAUNCHES,
    WAITS,
    VIOLATIONS,
    LIVING,
    ALLOCATIONS;

    private static final int FIRST = 0x46000;

    public long value() {
      try (SizeTPointer value = new SizeTPointer(1)) {
        Cuda.check(cudart.cudaDeviceGetLimit(value, FIRST + ordinal()), "counters");
        return value.get();
      }
    }
  }
}
