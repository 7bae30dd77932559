package dev.fizzy.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens regular files for reading; pipes and devices are rejected, because reading them may never
 * end.
 */
public final class InputFile {
  private InputFile() {}

  /** Throws if the path exists and is not a regular file. */
  public static void require(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("it is a folder");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException("it is a pipe, a socket or a device, not a file");
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
   * Reads a whole file.
   *
   * @param limit largest size in bytes; larger files are rejected before reading
   */
  public static byte[] bytes(Path file, long limit) throws IOException {
    require(file, limit);
    return Files.readAllBytes(file);
  }

  /** Also throws if the file is larger than the limit. */
  static void require(Path file, long limit) throws IOException {
    require(file);
    long size = Files.size(file);
    if (size > limit) {
      throw new IOException("it has " + size + " bytes, more than the limit of " + limit);
    }
  }
}
