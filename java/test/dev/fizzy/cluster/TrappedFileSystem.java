package dev.fizzy.cluster;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/**
 * Local files with traps: a file in the folder {@code trap.folder} is a trap of that name, and
 * contains the number of the operation in a process at which it goes off. The process that sets a
 * trap off deletes it, so that each goes off once.
 */
public final class TrappedFileSystem extends RawLocalFileSystem {
  /** Kills the process before a file gets its final name. */
  public static final String BEFORE_RENAME = "kill-before-rename";

  /** Kills the process after that. */
  public static final String AFTER_RENAME = "kill-after-rename";

  /** Kills the process when a part is complete, before anybody knows. */
  public static final String AFTER_RECEIPT = "kill-after-receipt";

  /** The disk is full. */
  public static final String FULL = "full";

  /** The write hangs until the task is given up. */
  public static final String SLOW = "slow";

  private static final AtomicInteger FILES = new AtomicInteger();
  private static final AtomicInteger RECEIPTS = new AtomicInteger();
  private static final AtomicInteger WRITES = new AtomicInteger();

  /** Longer than any test. */
  private static final long HANG_MINUTES = 10;

  @Override
  public String getScheme() {
    return "trap";
  }

  @Override
  public URI getUri() {
    return URI.create("trap:///");
  }

  private boolean goesOff(String trap, int operation) throws IOException {
    java.nio.file.Path file = java.nio.file.Path.of(getConf().get("trap.folder"), trap);
    try {
      return Integer.parseInt(Files.readString(file).strip()) == operation
          && Files.deleteIfExists(file);
    } catch (java.nio.file.NoSuchFileException e) {
      return false;
    }
  }

  private void kill(String trap, int operation) throws IOException {
    if (goesOff(trap, operation)) {
      Runtime.getRuntime().halt(137);
    }
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    if (to.getParent().getName().equals("parts")) {
      boolean renamed = super.rename(from, to);
      kill(AFTER_RECEIPT, RECEIPTS.incrementAndGet());
      return renamed;
    }
    int operation = FILES.incrementAndGet();
    kill(BEFORE_RENAME, operation);
    boolean renamed = super.rename(from, to);
    kill(AFTER_RENAME, operation);
    return renamed;
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int buffer,
      short replication,
      long block,
      Progressable progress)
      throws IOException {
    if (!path.toString().contains("/attempts/")) {
      return super.create(path, overwrite, buffer, replication, block, progress);
    }
    int operation = WRITES.incrementAndGet();
    if (goesOff(FULL, operation)) {
      throw new IOException("No space left on device");
    }
    if (goesOff(SLOW, operation)) {
      try {
        TimeUnit.MINUTES.sleep(HANG_MINUTES);
      } catch (InterruptedException e) {
        throw new InterruptedIOException("given up");
      }
    }
    return super.create(path, overwrite, buffer, replication, block, progress);
  }
}
