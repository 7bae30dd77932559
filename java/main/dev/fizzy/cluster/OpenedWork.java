package dev.fizzy.cluster;

import java.util.function.Supplier;
import org.apache.spark.SparkEnv;

/** The work that an executor has open: models are read once, not once a task. */
final class OpenedWork {
  private static String key;
  private static Object opened;

  private OpenedWork() {}

  /**
   * Opens a work unless it is open.
   *
   * @param name of the work; the same name stands for the same type
   */
  @SuppressWarnings("unchecked")
  static synchronized <T> T of(String name, Supplier<T> open) {
    String wanted = SparkEnv.get().conf().getAppId() + " " + name;
    if (!wanted.equals(key)) {
      key = null;
      opened = open.get();
      key = wanted;
    }
    return (T) opened;
  }
}
