package dev.fizzy.file;

import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * Forces a growing file to the disk on a background thread, part by part. This shortens the wait at
 * the end and limits what a power failure loses.
 */
public final class WriteBehind {
  /** Bytes written between two forces. */
  private static final long PART = 32 << 20;

  private final FileChannel channel;
  private long forced;
  private Completion forcing = Completion.DONE;

  /**
   * @param position bytes before it are already on the disk
   */
  public WriteBehind(FileChannel channel, long position) {
    this.channel = channel;
    this.forced = position;
  }

  /**
   * Starts a force if enough was written; never waits.
   *
   * @param position size written so far
   * @throws IOException if an earlier part could not be forced
   */
  public void wrote(long position) throws IOException {
    if (position - forced >= PART && forcing.isDone()) {
      forcing.await();
      forcing = Completion.of(() -> channel.force(false));
      forced = position;
    }
  }

  /** Waits for the running force and throws its failure. */
  public void await() throws IOException {
    forcing.await();
  }
}
