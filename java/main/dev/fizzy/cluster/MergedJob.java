package dev.fizzy.cluster;

import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.Devices;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.LongAccumulator;

/**
 * Computes the parts of a work on Spark and merges their results.
 *
 * @param name of the work, for Spark's UI
 * @param parts number of tasks
 * @param allowMixed whether workers may have processors of several kinds
 */
public record MergedJob<R extends Serializable>(
    String name, int parts, MergedWork<R> work, boolean allowMixed) {

  /** Computes a part. */
  private record Task<R extends Serializable>(
      MergedWork<R> work, int parts, String processor, LongAccumulator items)
      implements Function<Integer, R> {
    @Override
    public R call(Integer part) throws Exception {
      return WorkerException.naming(() -> compute(part));
    }

    private R compute(int part) {
      Processors.check(processor, Processors.kind(Devices.CPU));
      TaskContext context = TaskContext.get();
      MergedWork.Opened<R> opened = OpenedWork.of(work.key(), work::open);
      CountedItems done = new CountedItems(items, context);
      return uninterrupted(() -> opened.run(new Shard(part, parts), context.cpus(), done));
    }

    /**
     * Computes on a thread that Spark does not interrupt: an interrupt closes the file that the
     * thread reads, and other tasks of the executor read it too. {@link CountedItems} ends it.
     */
    private static <T> T uninterrupted(Supplier<T> work) {
      try {
        return CompletableFuture.supplyAsync(work, run -> new Thread(run, "fizzy task").start())
            .join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw e;
      }
    }
  }

  /**
   * Runs the job.
   *
   * @param total number of items in all parts
   * @param progress is told the number of items done
   */
  public R run(Cluster cluster, long total, LongConsumer progress) throws Exception {
    JavaSparkContext spark = cluster.spark();
    LongAccumulator items = spark.sc().longAccumulator(name);
    ClusterProgress listener = new ClusterProgress(items, 0, total, progress);
    spark.sc().addSparkListener(listener);
    try {
      Task<R> task = new Task<>(work, parts, allowMixed ? null : cluster.processor(false), items);
      cluster.name(name + ": " + parts + " parts");
      List<Integer> all = IntStream.rangeClosed(1, parts).boxed().toList();
      return spark.parallelize(all, parts).map(task).reduce(work::merge);
    } catch (Exception e) {
      Exception known = WorkerException.of(e);
      throw known == null ? e : known;
    } finally {
      spark.sc().removeSparkListener(listener);
    }
  }
}
