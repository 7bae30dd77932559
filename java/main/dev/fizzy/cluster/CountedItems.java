package dev.fizzy.cluster;

import java.util.function.LongConsumer;
import org.apache.spark.TaskContext;
import org.apache.spark.util.LongAccumulator;

/** Adds what a task has done to an accumulator; ends an attempt that Spark has given up. */
final class CountedItems implements LongConsumer {
  private final LongAccumulator items;
  private final TaskContext context;
  private long before;

  CountedItems(LongAccumulator items, TaskContext context) {
    this.items = items;
    this.context = context;
  }

  @Override
  public synchronized void accept(long done) {
    items.add(done - before);
    before = done;
    context.killTaskIfInterrupted();
  }
}
