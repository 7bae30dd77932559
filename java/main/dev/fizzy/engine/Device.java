package dev.fizzy.engine;

/** What computes: allocates memory and turns operations into kernels. */
public interface Device extends AutoCloseable {
  String name();

  /** One line for people: processor, instruction set, threads, library versions. */
  String description();

  Memory allocate(long bytes);

  /**
   * Readies an operation.
   *
   * @param packed whether parameters stay as they are between packs, so that weights may be kept in
   *     a layout of the device's own; false while training
   */
  Kernel prepare(Operation operation, boolean packed);

  /**
   * Makes one thing to replay out of a stage's kernels, which run in their order. A device that can
   * record its own work launches them all at once.
   */
  default Replay replay(Runnable[] kernels) {
    return Replay.inOrder(kernels);
  }

  /** Seconds that work takes on the device, for the profile. */
  default double seconds(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    synchronize();
    return (System.nanoTime() - begin) / 1e9;
  }

  /** Devices that train together with this one, itself included. */
  default int ranks() {
    return 1;
  }

  /** Waits until all that was launched is done. */
  void synchronize();

  /**
   * Measured peak of the matrix product in FLOP/s for a type. Takes about a second the first time.
   */
  double peakFlops(DType type);

  /** Measured bandwidth of a copy larger than the caches in bytes/s, reads and writes counted. */
  double peakBandwidth();

  @Override
  void close();
}
