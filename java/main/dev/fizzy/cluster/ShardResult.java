package dev.fizzy.cluster;

import java.io.Serializable;

/**
 * What the driver is told of a part.
 *
 * @param shard 1 .. number of parts
 * @param processor null if the part is damaged
 */
record ShardResult(int shard, long images, long bytes, String processor) implements Serializable {
  static ShardResult of(Receipt receipt) {
    return new ShardResult(receipt.shard(), receipt.images(), receipt.bytes(), receipt.processor());
  }

  static ShardResult damaged(int shard) {
    return new ShardResult(shard, 0, 0, null);
  }

  boolean complete() {
    return processor != null;
  }
}
