package dev.fizzy.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps other processes out of an output folder; the system releases it if the process dies. */
public final class FolderLock implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FolderLock.class);

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Locks a folder, which is created if it is missing; throws if another process has it. */
  public static FolderLock take(Path folder) {
    FileChannel channel = null;
    boolean locked = false;
    try {
      Files.createDirectories(folder);
      channel =
          FileChannel.open(
              folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      locked = lock(channel, folder);
      if (!locked) {
        throw new FileException(
            "another process is writing to " + folder + "; choose another folder");
      }
      return new FolderLock(channel);
    } catch (IOException e) {
      throw FileException.of("use the folder", folder, e);
    } finally {
      if (!locked) {
        close(channel);
      }
    }
  }

  private static boolean lock(FileChannel channel, Path folder) {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      log.warn("{} has no locks ({}): start one process only", folder, FileException.reason(e));
      return true;
    }
  }

  private static void close(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        log.debug("cannot close a lock: {}", FileException.reason(e));
      }
    }
  }

  @Override
  public void close() {
    close(channel);
  }
}
