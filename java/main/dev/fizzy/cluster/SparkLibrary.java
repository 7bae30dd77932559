package dev.fizzy.cluster;

import dev.fizzy.file.FileException;

/** Checks which Spark is on the class path. Uses none of its classes, so that it may be missing. */
public final class SparkLibrary {
  private static final String REMEDY =
      "--cluster needs Spark 4 with Scala 2.13: set SPARK_HOME and start with tools/fizzy, or start"
          + " with spark-submit";

  private SparkLibrary() {}

  /** Throws if Spark is missing or of a version that Fizzy was not built for. */
  public static void check() {
    try {
      Class<?> spark = Class.forName("org.apache.spark.package$");
      Object version = spark.getMethod("SPARK_VERSION").invoke(spark.getField("MODULE$").get(null));
      Object scala =
          Class.forName("scala.util.Properties").getMethod("versionNumberString").invoke(null);
      check(version.toString(), scala.toString());
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new FileException("Spark is not on the class path; " + REMEDY, e);
    }
  }

  static void check(String spark, String scala) {
    if (!spark.startsWith("4.") || !scala.startsWith("2.13.")) {
      throw new FileException("this is Spark " + spark + " with Scala " + scala + "; " + REMEDY);
    }
  }
}
