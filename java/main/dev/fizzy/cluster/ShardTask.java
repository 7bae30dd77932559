package dev.fizzy.cluster;

import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.util.LongAccumulator;

/** Computes a shard and adds it to the output, unless it is there. */
final class ShardTask implements Function<Integer, ShardResult> {
  private final PartsPlace place;
  private final ShardWork work;
  private final int shards;
  private final String processor;
  private final String attempt;
  private final LongAccumulator items;

  /**
   * @param processor the kind that all workers must have; null for any
   * @param attempt prefix for the names of attempts
   * @param items counts what is done
   */
  ShardTask(
      PartsPlace place,
      ShardWork work,
      int shards,
      String processor,
      String attempt,
      LongAccumulator items) {
    this.place = place;
    this.work = work;
    this.shards = shards;
    this.processor = processor;
    this.attempt = attempt;
    this.items = items;
  }

  @Override
  public ShardResult call(Integer shard) throws Exception {
    return WorkerException.naming(() -> compute(shard));
  }

  private ShardResult compute(int shard) throws IOException {
    Parts parts = place.open();
    Receipt before = parts.receipt(shard);
    if (before != null) {
      return ShardResult.of(before);
    }
    TaskContext context = TaskContext.get();
    ShardWork.Opened opened = OpenedWork.of(work.key(), work::open);
    Slot slot = slot(context, opened);
    String kind = Processors.kind(slot.device());
    Processors.check(processor, kind);
    Path folder =
        Files.createTempDirectory(Path.of(SparkFiles.getRootDirectory()), "shard-" + shard + "-");
    try {
      long images =
          opened.run(new Shard(shard, shards), folder, slot, new CountedItems(items, context));
      context.killTaskIfInterrupted();
      place.check();
      String name = attempt + "-" + shard + "-" + context.taskAttemptId();
      return ShardResult.of(parts.add(shard, folder, name, images, kind));
    } finally {
      delete(folder);
    }
  }

  private static Slot slot(TaskContext context, ShardWork.Opened opened) {
    Slot slot = Slot.of(context);
    if (opened.onGpu() && slot.device().equals(Devices.CPU)) {
      throw new FileException(
          "Spark gave the task no GPU; --conf spark.task.resource.gpu.amount=1 and --conf"
              + " spark.executor.resource.gpu.amount=N ask for them");
    }
    return opened.onGpu() ? slot : new Slot(Devices.CPU, slot.threads());
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
