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
