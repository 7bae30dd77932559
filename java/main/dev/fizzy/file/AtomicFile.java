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
 * Writes a file so that, whatever happens, either the old one or the whole new one is there: a
 * temporary file in the same folder, forced to the disk, then renamed.
 */
public final class AtomicFile {
  /** What goes into the file. */
  @FunctionalInterface
  public interface Content {
    void write(OutputStream out) throws IOException;
  }

  /** What goes into the file, where some of it is known only at the end. */
  @FunctionalInterface
  public interface ChannelContent {
    void write(FileChannel out) throws IOException;
  }

  private static final String ENDING = ".tmp";
  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.(\\d+)-[0-9a-f]+\\.tmp");

  private AtomicFile() {}

  /**
   * Deletes the temporary files that processes left in a folder when they were killed. For a folder
   * that no other machine writes to.
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

  /** Missing folders above the file are made. */
  public static void write(Path file, Content content) {
    write(file, content, temporary -> {});
  }

  /**
   * @param before given the whole file under its temporary name, before it takes its place
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

  /** As {@link #write(Path, Content)}, with a channel that can go back. */
  public static void writeChannel(Path file, ChannelContent content) {
    writeChannel(file, content, temporary -> {});
  }

  private static void writeChannel(Path file, ChannelContent content, Consumer<Path> before) {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    Path temporary = null;
    try {
      Files.createDirectories(folder);
      temporary =
          folder.resolve(
              "."
                  + target.getFileName()
                  + "."
                  + ProcessHandle.current().pid()
                  + "-"
                  + Long.toHexString(System.nanoTime())
                  + ENDING);
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

  public static void write(Path file, byte[] bytes) {
    write(file, out -> out.write(bytes));
  }

  /** Makes the rename itself durable, on systems where a folder can be opened. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Not every file system can; the file itself is safe already.
    }
  }

  private static void delete(Path temporary) {
    if (temporary != null) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        // The failure that brought us here is the one worth reporting.
      }
    }
  }
}
