package dev.fizzy.cluster;

/** The work that an executor has open: models are read once, not once a task. */
final class OpenedWork {
  private static String key;
  private static ShardWork.Opened opened;

  private OpenedWork() {}

  /** Opens a work unless it is open. */
  static synchronized ShardWork.Opened of(ShardWork work) {
    if (!work.key().equals(key)) {
      key = null;
      opened = work.open();
      key = work.key();
    }
    return opened;
  }
}
