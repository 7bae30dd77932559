package dev.fizzy.cluster;

import dev.fizzy.dataset.write.Shard;
import java.io.Serializable;
import java.util.function.LongConsumer;

/**
 * Work whose parts have results that are merged on the driver; nothing is written. Travels to the
 * executors.
 *
 * @param <R> a result; the same for all ways to divide and to merge the work
 */
public interface MergedWork<R extends Serializable> extends Serializable {
  /** The same text for the same work. */
  String key();

  /** Opens, once an executor, what its tasks share. */
  Opened<R> open();

  /** One result of two; may change both. */
  R merge(R one, R other);

  /** The work on an executor; used by several tasks at a time. */
  @FunctionalInterface
  interface Opened<R> {
    /**
     * Computes a part.
     *
     * @param threads on the CPU
     * @param done is told the number of items that are done, from any thread
     */
    R run(Shard part, int threads, LongConsumer done);
  }
}
