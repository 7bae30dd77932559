package dev.fizzy.cluster;

import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** A connection to Spark, for one command. */
public final class Cluster implements AutoCloseable {
  /** The name that takes the master from spark-submit. */
  public static final String SUBMITTED = "spark-submit";

  private static final String MASTER = "spark.master";
  private static final String JARS = "spark.jars";
  private static final String CLASS_PATH = "spark.executor.extraClassPath";

  private final JavaSparkContext spark;

  private Cluster(JavaSparkContext spark) {
    this.spark = spark;
  }

  /**
   * Connects to Spark.
   *
   * @param master such as {@code local[2]}, {@code spark://host:7077}, {@code yarn}
   * @param name of the application, for Spark's UI
   * @param settings of Spark, which take precedence over ours
   */
  public static Cluster open(String master, String name, Map<String, String> settings) {
    SparkLibrary.check();
    SparkConf conf = new SparkConf().setAppName(name);
    if (!master.equals(SUBMITTED)) {
      conf.setMaster(master);
    } else if (!conf.contains(MASTER)) {
      throw new FileException(
          "--cluster " + SUBMITTED + " takes the master from spark-submit, which did not start it");
    }
    settings.forEach(conf::set);
    boolean local = conf.get(MASTER).startsWith("local");
    conf.setIfMissing("spark.ui.enabled", Boolean.toString(!local));
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // The driver merges results as they come; it does not keep them.
    conf.setIfMissing("spark.driver.maxResultSize", "0");
    if (local) {
      conf.setIfMissing("spark.driver.host", "localhost");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    } else if (!master.equals(SUBMITTED) && !conf.contains(CLASS_PATH) && !conf.contains(JARS)) {
      conf.set(JARS, String.join(",", jars()));
    }
    try {
      return new Cluster(new JavaSparkContext(conf));
    } catch (Exception e) { // also SparkException, which Scala does not declare
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new FileException("Spark cannot start at " + master + ": " + reason, e);
    }
  }

  /** Fizzy's jars on the class path, without Spark's, which the workers have. */
  private static List<String> jars() {
    List<String> all = List.of(System.getProperty("java.class.path").split(File.pathSeparator));
    List<Path> spark =
        all.stream()
            .map(Path::of)
            .filter(jar -> jar.getFileName().toString().startsWith("spark-core_"))
            .map(Path::getParent)
            .toList();
    List<String> jars = new ArrayList<>();
    for (String entry : all) {
      Path jar = Path.of(entry);
      if (Files.isDirectory(jar)) {
        throw new FileException(
            "the folder "
                + jar
                + " on the class path cannot be sent to the workers; start with tools/fizzy, or name"
                + " Fizzy's place on the workers with --conf "
                + CLASS_PATH);
      }
      if (!spark.contains(jar.getParent())) {
        jars.add(jar.toUri().toString());
      }
    }
    return jars;
  }

  /** Tasks that can run at a time, as far as Spark knows when it starts. */
  public int slots() {
    return spark.defaultParallelism();
  }

  JavaSparkContext spark() {
    return spark;
  }

  /** Names the jobs and stages that follow, in Spark's UI. */
  void name(String work) {
    spark.setJobDescription(work);
    spark.setCallSite(work);
  }

  /** An output folder that a job has made. */
  public Output output(String location) throws IOException {
    return new Output(location, spark.hadoopConfiguration());
  }

  /** The kind of processor of one worker. */
  String processor(boolean gpu) {
    name("kind of processor");
    return spark
        .parallelize(List.of(1), 1)
        .map(
            one ->
                WorkerException.naming(
                    () ->
                        Processors.kind(
                            gpu
                                ? Slot.of(org.apache.spark.TaskContext.get()).device()
                                : Devices.CPU)))
        .first();
  }

  @Override
  public void close() {
    spark.close();
  }
}
