package dev.fizzy.engine.profile;

/**
 * Counts what the processor does for the threads of this process: cycles, instructions and cache
 * misses where the system grants hardware counters, and preemptions.
 */
public interface Counters extends AutoCloseable {
  /**
   * Counts in some time; NaN where the system grants no hardware counters.
   *
   * @param cycles of all threads in user space
   * @param misses of the last-level cache
   * @param preemptions how often a thread had to leave its processor to another one
   */
  record Counts(double cycles, double instructions, double misses, double preemptions) {
    Counts plus(Counts other) {
      return new Counts(
          cycles + other.cycles,
          instructions + other.instructions,
          misses + other.misses,
          preemptions + other.preemptions);
    }

    /** A share of these. */
    Counts times(double share) {
      return new Counts(share * cycles, share * instructions, share * misses, share * preemptions);
    }
  }

  /** Counts so far. */
  Counts now();

  /** Why there are no hardware counters; null if there are. */
  String refusal();

  /** Counts while {@code work} runs. */
  default Counts during(Runnable work) {
    Counts begin = now();
    work.run();
    return now().plus(begin.times(-1));
  }

  @Override
  void close();
}
