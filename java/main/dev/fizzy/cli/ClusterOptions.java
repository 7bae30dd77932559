package dev.fizzy.cli;

import dev.fizzy.cluster.Cluster;
import dev.fizzy.cluster.SparkLibrary;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/** Mixin: running a command on Apache Spark. */
final class ClusterOptions {
  /** Items of a part, unless there are few. */
  private static final long PART = 1000;

  /** Parts of a small work, so that several tasks share it. */
  private static final int FEW = 16;

  /** Parts for a slot, so that slots end at about the same time. */
  private static final int ROUNDS = 4;

  /** Names of parts have up to six digits. */
  private static final int MOST = 999_999;

  @Option(
      names = "--cluster",
      paramLabel = "MASTER",
      description =
          "Run on Apache Spark: local[2], spark://HOST:7077, yarn; or "
              + Cluster.SUBMITTED
              + " if spark-submit starts the command. --out may then be on any Hadoop file system"
              + " (hdfs://, s3a://) where a command writes a folder. See docs/cluster.md.")
  private String master;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "A setting of Spark, such as spark.task.cpus=2; may be repeated.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--parts",
      paramLabel = "N",
      description =
          "Number of tasks that the work is cut into with --cluster; a lost task is one part of"
              + " work; default: parts of about 1,000 images, in whole tar files; for evaluate and"
              + " select four for each slot.")
  @Range(min = 1, max = MOST)
  private Integer parts;

  @Option(
      names = "--allow-mixed",
      description =
          "Let workers with different processors compute one result; theirs differ in some bits.")
  private boolean allowMixed;

  /** Whether the command runs on a cluster; throws if options are given that need one. */
  boolean given() {
    if (master == null && (parts != null || allowMixed || !settings.isEmpty())) {
      throw new OptionException("--parts, --conf and --allow-mixed need --cluster MASTER");
    }
    return master != null;
  }

  /** Options that choose where and how a result is computed, not which. */
  static Set<String> placing() {
    return Set.of(
        "--cluster", "--conf", "--parts", "--allow-mixed", "--threads", "--json", "--check");
  }

  boolean allowMixed() {
    return allowMixed;
  }

  /**
   * The number of parts.
   *
   * @param units the work's smallest pieces, such as images
   * @param each items of a piece
   */
  int parts(long units, long each) {
    return parts == null ? defaultParts(units, each) : (int) Math.min(parts, units);
  }

  /** The number of parts of a work whose result does not depend on it. */
  int parts(Cluster cluster) {
    return parts == null ? Math.max(FEW, ROUNDS * cluster.slots()) : parts;
  }

  static int defaultParts(long units, long each) {
    long wanted = Math.max((units * each + PART - 1) / PART, FEW);
    return (int) Math.min(wanted, Math.min(units, MOST));
  }

  Cluster open(String command) {
    SparkLibrary.check();
    return Cluster.open(master, "fizzy " + command, settings);
  }
}
