package dev.fizzy.cluster;

import dev.fizzy.dataset.write.Shard;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Work on a list that is cut into shards. Travels to the executors. */
public interface ShardWork extends Serializable {
  /** The same text for the same work. */
  String key();

  /** Opens, once an executor, what its tasks share. */
  Opened open();

  /** The work on an executor; used by several tasks at a time. */
  interface Opened {
    /** Whether networks compute on GPUs. */
    boolean onGpu();

    /**
     * Computes a shard. The files depend on the shard alone.
     *
     * @param folder empty local folder for the files of the shard
     * @param done is told the number of items that are done, from any thread
     * @return number of items in the shard
     */
    long run(Shard shard, Path folder, Slot slot, LongConsumer done);
  }
}
