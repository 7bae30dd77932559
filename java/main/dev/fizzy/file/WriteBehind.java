package dev.fizzy.file;

import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * Forces a growing file to the disk on a thread of its own, part after part: the disk is at work
 * from the beginning, so that the end need not wait for all of it, and a power cut takes little.
 */
public final class WriteBehind {
  /** Bytes after which the disk is given work. */
  private static final long PART = 32 << 20;

  private final FileChannel channel;
  private long forced;
  private Completion forcing = Completion.DONE;

  /**
   * @param position what lies before it is on the disk
   */
  public WriteBehind(FileChannel channel, long position) {
    this.channel = channel;
    this.forced = position;
  }

  /**
   * Never waits.
   *
   * @param position up to where the system has the file
   * @throws IOException where an earlier part could not be forced
   */
  public void wrote(long position) throws IOException {
    if (position - forced >= PART && forcing.isDone()) {
      forcing.await();
      forcing = Completion.of(() -> channel.force(false));
      forced = position;
    }
  }

  /** Waits until nothing is under way; a failure comes out here too. */
  public void await() throws IOException {
    forcing.await();
  }
}
