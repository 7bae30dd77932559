package dev.fizzy.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.LongAccumulator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Counts items on the driver: those of finished tasks by the accumulator, those of running tasks by
 * the executors' heartbeats.
 */
final class ClusterProgress extends SparkListener {
  private final LongAccumulator items;
  private final long before;
  private final long total;
  private final LongConsumer progress;
  private final Map<Long, Long> running = new ConcurrentHashMap<>();

  /**
   * @param before items done by earlier runs
   * @param total number of items of the whole work
   */
  ClusterProgress(LongAccumulator items, long before, long total, LongConsumer progress) {
    this.items = items;
    this.before = before;
    this.total = total;
    this.progress = progress;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (var task : CollectionConverters.asJava(update.accumUpdates())) {
      for (AccumulableInfo info : CollectionConverters.asJava(task._4())) {
        if (info.id() == items.id() && info.update().isDefined()) {
          running.put((Long) task._1(), ((Number) info.update().get()).longValue());
        }
      }
    }
    tell();
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    running.remove(end.taskInfo().taskId());
    tell();
  }

  /** Attempts that repeat others count once they end. */
  private void tell() {
    long inTasks = running.values().stream().mapToLong(Long::longValue).sum();
    progress.accept(Math.min(total, before + items.value() + inTasks));
  }
}
