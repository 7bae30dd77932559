package dev.fizzy.cluster;

import java.io.IOException;
import org.apache.spark.api.java.function.Function;

/** Checks that all files of a part are there. */
final class VerifyTask implements Function<Integer, ShardResult> {
  private final PartsPlace place;
  private final boolean checksums;

  VerifyTask(PartsPlace place, boolean checksums) {
    this.place = place;
    this.checksums = checksums;
  }

  @Override
  public ShardResult call(Integer shard) throws Exception {
    return WorkerException.naming(() -> verify(shard));
  }

  private ShardResult verify(int shard) throws IOException {
    Parts parts = place.open();
    Receipt receipt = parts.receipt(shard);
    return receipt != null && parts.holds(receipt, checksums)
        ? ShardResult.of(receipt)
        : ShardResult.damaged(shard);
  }
}
