package dev.fizzy.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens files to read, regular ones alone: a pipe would be waited for, a device has no end. */
public final class InputFile {
  private InputFile() {}

  /** Refuses what is there and no regular file. */
  public static void require(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("it is a folder");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("it is a pipe, a socket or a device, and no file");
    }
  }

  public static FileChannel channel(Path file) throws IOException {
    require(file);
    return FileChannel.open(file);
  }

  public static InputStream stream(Path file) throws IOException {
    require(file);
    return Files.newInputStream(file);
  }

  /**
   * All of a file.
   *
   * @param limit of its length in bytes; a longer one is refused before it is read
   */
  public static byte[] bytes(Path file, long limit) throws IOException {
    require(file, limit);
    return Files.readAllBytes(file);
  }

  /** Refuses a file that is longer than is read, too. */
  static void require(Path file, long limit) throws IOException {
    require(file);
    long size = Files.size(file);
    if (size > limit) {
      throw new IOException("it has " + size + " bytes, and at most " + limit + " are read");
    }
  }
}
