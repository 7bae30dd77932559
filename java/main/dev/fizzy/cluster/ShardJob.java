package dev.fizzy.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.FileException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes the missing shards of an output on Spark and commits the output when all are there.
 * Several drivers may work on one output: each part is added once, see {@link Parts}.
 *
 * @param name of the work, for Spark's UI
 * @param location of the output
 * @param run description of the run; an output of another run is refused
 * @param shards number of parts
 * @param items number of items in all parts
 * @param check whether to verify checksums of the parts that are there
 * @param allowMixed whether workers may have processors of several kinds
 */
public record ShardJob(
    String name,
    String location,
    ObjectNode run,
    int shards,
    long items,
    ShardWork work,
    boolean gpu,
    boolean check,
    boolean allowMixed) {
  private static final Logger log = LoggerFactory.getLogger(ShardJob.class);

  /** The file that says that the output is complete. */
  static final String SUCCESS = "_SUCCESS";

  /** How often damaged parts are computed again before the job fails. */
  private static final int ROUNDS = 3;

  /** Writes what belongs to the whole output. */
  @FunctionalInterface
  public interface Commit {
    void commit(Output output) throws IOException;

    /** Reads what an earlier run has committed. */
    default void found(Output output) throws IOException {}
  }

  /**
   * What a job did.
   *
   * @param processors kinds of the processors that computed the output
   */
  public record Result(
      String location,
      long items,
      long itemsBefore,
      long bytes,
      int shards,
      int shardsBefore,
      String processors) {}

  /**
   * Runs the job.
   *
   * @param progress makes the progress, given the number of items that were there before
   */
  public <P extends LongConsumer & AutoCloseable> Result run(
      Cluster cluster, Commit commit, LongFunction<P> progress) throws Exception {
    try {
      return new Running(cluster.spark(), cluster).run(commit, progress);
    } catch (Exception e) {
      FileException known = e instanceof IOException io ? failed(io) : WorkerException.of(e);
      throw known == null ? e : known;
    }
  }

  private FileException failed(IOException e) {
    return new FileException("cannot use " + location + ": " + FileException.reason(e), e);
  }

  /** The job on an open cluster. */
  private final class Running {
    private final JavaSparkContext spark;
    private final Cluster cluster;
    private final PartsPlace place;
    private final Output output;
    private final Parts parts;

    Running(JavaSparkContext spark, Cluster cluster) throws IOException {
      this.spark = spark;
      this.cluster = cluster;
      this.output = new Output(location, spark.hadoopConfiguration());
      this.place =
          new PartsPlace(
              output.location(),
              run.toString(),
              spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration())));
      this.parts = place.open();
    }

    <P extends LongConsumer & AutoCloseable> Result run(Commit commit, LongFunction<P> progress)
        throws Exception {
      output.claim(run);
      List<ShardResult> complete = verified(parts.listed(), check);
      Result before = sum(complete, List.of());
      try (P shown = progress.apply(before.items())) {
        for (int round = 0; complete.size() < shards; round++) {
          if (round == ROUNDS) {
            throw new FileException(
                shards
                    - complete.size()
                    + " parts of "
                    + output.location()
                    + " are still not complete after "
                    + ROUNDS
                    + " attempts");
          }
          output.delete(SUCCESS);
          compute(missing(complete), complete, shown);
          complete = verified(all(), allowMixed);
        }
        shown.accept(items);
      }
      if (!output.exists(SUCCESS)) {
        commit.commit(output);
        place.check();
        output.write(SUCCESS, new byte[0]);
      } else {
        commit.found(output);
      }
      parts.removeAttempts();
      return sum(complete, List.of(before));
    }

    private List<Integer> all() {
      return IntStream.rangeClosed(1, shards).boxed().toList();
    }

    private List<Integer> missing(List<ShardResult> complete) {
      Set<Integer> there = complete.stream().map(ShardResult::shard).collect(Collectors.toSet());
      return all().stream().filter(shard -> !there.contains(shard)).toList();
    }

    /** The complete parts among those with receipts; damaged ones lose their receipt. */
    private List<ShardResult> verified(Collection<Integer> listed, boolean checksums)
        throws IOException {
      List<Integer> some = listed.stream().filter(shard -> shard <= shards).toList();
      if (some.isEmpty()) {
        return List.of();
      }
      cluster.name(name + ": verify " + some.size() + " parts");
      List<ShardResult> complete = new ArrayList<>();
      for (ShardResult result :
          spark
              .parallelize(some, slices(some.size()))
              .map(new VerifyTask(place, checksums))
              .collect()) {
        if (result.complete()) {
          complete.add(result);
        } else {
          log.warn("part {} is damaged and will be computed again", result.shard());
          parts.reopen(result.shard());
        }
      }
      return complete;
    }

    private int slices(int parts) {
      return Math.min(parts, 4 * spark.defaultParallelism());
    }

    private void compute(List<Integer> missing, List<ShardResult> complete, LongConsumer progress) {
      LongAccumulator done = spark.sc().longAccumulator(name);
      long before = sum(complete, List.of()).items();
      ClusterProgress listener = new ClusterProgress(done, before, items, progress);
      spark.sc().addSparkListener(listener);
      String attempt = spark.sc().applicationId();
      ShardTask task = new ShardTask(place, work, shards, processor(complete), attempt, done);
      cluster.name(name + ": " + missing.size() + " parts");
      try {
        spark.parallelize(missing, missing.size()).map(task).collect();
      } finally {
        spark.sc().removeSparkListener(listener);
      }
    }

    /** The kind that all workers must have: that of the parts that are there, or of a worker. */
    private String processor(List<ShardResult> complete) {
      if (allowMixed) {
        return null;
      }
      return complete.isEmpty() ? cluster.processor(gpu) : complete.get(0).processor();
    }

    private Result sum(List<ShardResult> complete, List<Result> before) {
      List<String> kinds = complete.stream().map(ShardResult::processor).distinct().toList();
      if (kinds.size() > 1 && !allowMixed) {
        throw new FileException(
            output.location()
                + " has parts of different processors ("
                + String.join("; ", kinds)
                + "), which compute other bytes; --allow-mixed accepts it");
      }
      return new Result(
          output.location(),
          complete.stream().mapToLong(ShardResult::images).sum(),
          before.stream().mapToLong(Result::items).sum(),
          complete.stream().mapToLong(ShardResult::bytes).sum(),
          complete.size(),
          before.stream().mapToInt(Result::shards).sum(),
          String.join("; ", kinds));
    }
  }
}
