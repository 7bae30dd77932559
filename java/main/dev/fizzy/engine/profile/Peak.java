package dev.fizzy.engine.profile;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/**
 * What a device can do at most, the basis of every floor.
 *
 * @param device its description
 * @param f32 FLOP/s of the faster of a matrix product and a convolution in f32
 * @param bf16 the same in bf16; that of f32 where bf16 is computed in f32
 * @param bandwidth bytes/s of a copy larger than the caches, reads and writes counted
 * @param caches the same of copies within a cache: l1, l2, l3, as far as they are known
 * @param measured time of the measurement, ISO 8601 in UTC
 * @param load of the machine meanwhile; null for a given peak
 */
public record Peak(
    String device,
    double f32,
    double bf16,
    double bandwidth,
    Map<String, Double> caches,
    String measured,
    Load load) {

  /** Measures a device with random data after a warm-up; takes about three seconds. */
  public static Peak measure(Device device) {
    Load.Watch watch = new Load.Watch();
    double f32 = device.peakFlops(DType.F32);
    double bf16 = device.peakFlops(DType.BF16);
    double bandwidth = device.peakBandwidth();
    Map<String, Double> caches = device.cacheBandwidths();
    return new Peak(
        device.description(),
        f32,
        bf16,
        bandwidth,
        caches,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        watch.load());
  }

  /**
   * FLOP/s of operations on a type; those on indices compute in f32. An instruction multiplies
   * twice as many u8 by s8 as bf16.
   */
  public double flops(DType type) {
    return switch (type) {
      case INT8 -> 2 * bf16;
      case BF16 -> bf16;
      default -> f32;
    };
  }

  /** Whether it is a basis for floors: given, or measured while the machine had no other work. */
  public boolean trusted() {
    return load == null || !load.busy();
  }

  /** The least seconds that computing takes. */
  double computeSeconds(long flops, DType type) {
    return flops / flops(type);
  }

  /** The least seconds that reading and writing memory takes. */
  double memorySeconds(long bytes) {
    return bytes / bandwidth;
  }
}
