package dev.fizzy.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Replaces a file atomically: writes a temporary file in the same folder, forces it to the disk and
 * renames it. After a crash either the old or the complete new file exists.
 */
public final class AtomicFile {
  /** Writes the content of the file. */
  @FunctionalInterface
  public interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** Writes content that needs random access. */
  @FunctionalInterface
  public interface ChannelContent {
    void write(FileChannel out) throws IOException;
  }

  private static final String ENDING = ".tmp";

  /** Characters of at most 4 bytes, in names of at most 255. */
  private static final int LONGEST = 50;

  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.(\\d+)-[0-9a-f]+\\.tmp");

  private AtomicFile() {}

  /**
   * Deletes the temporary files that killed processes left in a folder. No other machine may write
   * to the folder.
   */
  public static void deleteLeftovers(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.toList()) {
        Matcher name = TEMPORARY.matcher(entry.getFileName().toString());
        if (name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()) {
          Files.deleteIfExists(entry);
        }
      }
    } catch (IOException e) {
      throw FileException.of("list", folder, e);
    }
  }

  /** Writes the file; missing parent folders are created. */
  public static void write(Path file, Content content) {
    write(file, content, temporary -> {});
  }

  /**
   * @param before called with the complete temporary file before it is renamed
   */
  public static void write(Path file, Content content, Consumer<Path> before) {
    writeChannel(
        file,
        channel -> {
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          content.write(out);
          out.flush();
        },
        before);
  }

  /** Like {@link #write(Path, Content)}, with a seekable channel. */
  public static void writeChannel(Path file, ChannelContent content) {
    writeChannel(file, content, temporary -> {});
  }

  private static void writeChannel(Path file, ChannelContent content, Consumer<Path> before) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    Path temporary = null;
    try {
      Files.createDirectories(folder);
      temporary = temporary(target);
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        content.write(channel);
        channel.force(true);
      }
      before.accept(temporary);
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      temporary = null;
      forceFolder(folder);
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    } finally {
      delete(temporary);
    }
  }

  /** A name beside a file for its content until it is complete, for {@link #deleteLeftovers}. */
  public static Path temporary(Path file) {
    return file.resolveSibling(
        "."
            + shortName(file)
            + "."
            + ProcessHandle.current().pid()
            + "-"
            + Long.toHexString(System.nanoTime())
            + ENDING);
  }

  /** The file's name, or its hash if the ending of a temporary file would make it too long. */
  private static String shortName(Path file) {
    String name = file.getFileName().toString();
    return name.length() <= LONGEST ? name : Integer.toHexString(name.hashCode());
  }

  public static void write(Path file, byte[] bytes) {
    write(file, out -> out.write(bytes));
  }

  /** Makes the rename durable, on systems where a folder can be opened. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Some file systems cannot; the file itself is already on the disk.
    }
  }

  private static void delete(Path temporary) {
    if (temporary != null) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        // Only the first failure is reported.
      }
    }
  }
}
