package dev.fizzy.engine.cuda;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.SizeTPointer;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Marks tests that need the stand-ins for NVIDIA's libraries; Maven's execution cuda-stand-in gives
 * them. Their counters are read through cudaDeviceGetLimit.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@EnabledIfEnvironmentVariable(named = "FIZZY_STANDIN", matches = "1")
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
