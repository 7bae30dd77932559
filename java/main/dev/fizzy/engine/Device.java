package dev.fizzy.engine;

import dev.fizzy.engine.profile.Counters;
import java.util.Map;

/** A CPU or GPU: allocates memory and turns operations into kernels. */
public interface Device extends AutoCloseable {
  String name();

  /** A description in one line: processor, instruction set, threads, library versions. */
  String description();

  Memory allocate(long bytes);

  /**
   * Prepares a kernel for an operation.
   *
   * @param weights when they change
   */
  Kernel prepare(Operation operation, Weights weights);

  /** Whether a training in bf16 reads {@link Weights#NARROWED} weights. */
  default boolean readsNarrow() {
    return false;
  }

  /**
   * Whether one kernel computes an upsampling and the convolution after it, from packed weights.
   */
  default boolean fusesUpsampling() {
    return false;
  }

  /** Whether filters and their gradients lie in the regions as [N, k, k, C]. */
  default boolean channelsLast() {
    return false;
  }

  /**
   * Combines a stage's kernels, in order, into one replay. A device that can record its work
   * launches them all at once.
   */
  default Replay replay(Runnable[] kernels) {
    return Replay.inOrder(kernels);
  }

  /** Measures the seconds that work takes on the device, for the profile. */
  default double seconds(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    synchronize();
    return (System.nanoTime() - begin) / 1e9;
  }

  /**
   * Seconds of one run of work, as the mean of several runs that nothing interrupts, if a single
   * one would measure the host: a GPU computes for microseconds, and a launch takes as long.
   */
  default double secondsEach(Runnable work) {
    return seconds(work);
  }

  /** Bytes of the device's memory that are free. */
  default long freeBytes() {
    return HostMemory.available();
  }

  /** The number of devices that train together with this one, itself included. */
  default int ranks() {
    return 1;
  }

  /** The number of the CPU's threads that compute; 1 on other hardware. */
  default int threads() {
    return 1;
  }

  /** Waits until all launched work is done. */
  void synchronize();

  /**
   * CPU time of this process so far in seconds, divided by the number of the device's threads: its
   * rate is the share of the threads that compute. NaN if other hardware computes.
   */
  default double threadSeconds() {
    return Double.NaN;
  }

  /** Counters of the threads that compute; throws if other hardware computes. */
  default Counters counters() {
    throw new EngineException(
        "counters are those of the CPU, and " + name() + " computes; ncu counts on a GPU");
  }

  /** Measured peak in FLOP/s of a matrix product in a type. The first call takes seconds. */
  double peakFlops(DType type);

  /** Measured bandwidth in bytes/s of a copy larger than the caches, counting reads and writes. */
  double peakBandwidth();

  /**
   * Measured bandwidths of copies within the caches in bytes/s, such as l1 and l2; may be empty.
   */
  default Map<String, Double> cacheBandwidths() {
    return Map.of();
  }

  @Override
  void close();
}
