package dev.fizzy.dataset.write;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The list of written images of a shard, one JSON object per line, appended after the image is
 * written. The writing process holds a lock on it, which the system releases if the process dies.
 */
final class Manifest implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Manifest.class);
  private static final ObjectMapper JSON = Json.mapper().build();
  private static final ObjectReader LINES = JSON.readerFor(Line.class);
  private static final int LINE_LIMIT = 1 << 16;
  private static final int BUFFER = 1 << 16;

  /**
   * A written image.
   *
   * @param path relative to the data set's folder, with '/'
   * @param identity folder name of the identity
   * @param image index of the image within the identity, from 0
   * @param number number in the order of writing; null, like the following, if the image is a
   *     separate file
   * @param offset start of the image's data in a shared file
   * @param end end of the image's data
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      String path,
      String identity,
      int image,
      String sha256,
      long bytes,
      Long number,
      Long offset,
      Long end) {
    Line(String path, String identity, int image, String sha256, long bytes) {
      this(path, identity, image, sha256, bytes, null, null, null);
    }
  }

  /** Called for each line by {@link #visit}. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param line null if it is damaged
     * @param at offset of the line
     * @return whether to continue
     */
    boolean visit(Line line, long at) throws IOException;
  }

  private final Path file;
  private FileChannel channel;

  private Manifest(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Opens a manifest for writing; null if another process is writing it. */
  static Manifest open(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!lock(channel)) {
        channel.close();
        return null;
      }
      return new Manifest(file, channel);
    } catch (IOException e) {
      throw FileException.of("open", file, e);
    }
  }

  private static boolean lock(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException e) {
      log.warn(
          "the file system has no locks ({}): make sure that each shard runs only once",
          FileException.reason(e));
      return true;
    }
  }

  /** Deletes all lines except those with the given indices. */
  synchronized void keep(BitSet good) {
    try {
      int[] number = {0};
      replace(
          out ->
              visit(
                  (line, at) -> {
                    if (good.get(number[0]++)) {
                      out.write(text(List.of(line)));
                    }
                    return true;
                  }));
    } catch (IOException e) {
      throw FileException.of("rewrite", file, e);
    }
  }

  /**
   * Sorts the lines, which threads append in the order of completion, so that equal runs have equal
   * manifests. Uses 24 bytes of memory per line.
   *
   * @param number returns the number of a line's image; -1 if the set has no such image, then
   *     nothing is sorted
   */
  synchronized void sort(ToLongFunction<Line> number) throws IOException {
    LongStream.Builder starts = LongStream.builder();
    LongStream.Builder numbers = LongStream.builder();
    long end =
        visit(
            (line, at) -> {
              starts.add(at);
              numbers.add(line == null ? -1 : number.applyAsLong(line));
              return true;
            });
    long[] from = LongStream.concat(starts.build(), LongStream.of(end)).toArray();
    long[] keys = numbers.build().toArray();
    if (Arrays.stream(keys).anyMatch(k -> k < 0)) {
      return;
    }
    for (int i = 0; i < keys.length; i++) {
      keys[i] = keys[i] << Integer.SIZE | i;
    }
    long[] order = keys.clone();
    Arrays.sort(order);
    if (!Arrays.equals(order, keys)) {
      replace(
          out -> {
            for (long key : order) {
              int line = (int) key;
              ByteBuffer text = ByteBuffer.allocate((int) (from[line + 1] - from[line]));
              while (text.hasRemaining() && channel.read(text, from[line] + text.position()) >= 0) {
                // until the line is read
              }
              out.write(text.array());
            }
          });
    }
  }

  /** Replaces the file; the old lock is held until the new one is acquired. */
  private void replace(AtomicFile.Content content) throws IOException {
    AtomicFile.write(file, content);
    FileChannel replacement =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean locked = lock(replacement);
    channel.close();
    channel = replacement;
    channel.position(channel.size());
    if (!locked) {
      replacement.close();
      throw new IOException("another process has started to write it");
    }
  }

  private static byte[] text(List<Line> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(json(line)).append('\n'));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String json(Line line) {
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(line.toString(), e);
    }
  }

  synchronized void append(Line line) throws IOException {
    append(List.of(line));
  }

  synchronized void append(List<Line> lines) throws IOException {
    ByteBuffer text = ByteBuffer.wrap(text(lines));
    while (text.hasRemaining()) {
      channel.write(text);
    }
  }

  /**
   * Visits the lines without keeping them in memory. An incomplete last line, left by a killed
   * process, is not visited.
   *
   * @return offset of the first line that is incomplete or at which the visitor stopped, or the end
   */
  static long visit(InputStream in, Visitor visitor) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    long begin = 0;
    long read = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      int from = 0;
      for (int i = 0; i < n; i++) {
        if (buffer[i] == '\n') {
          append(text, buffer, from, i);
          if (!visitor.visit(line(text.toByteArray()), begin)) {
            return begin;
          }
          text.reset();
          from = i + 1;
          begin = read + from;
        }
      }
      append(text, buffer, from, n);
      read += n;
    }
    return begin;
  }

  /** Lines longer than the limit are damaged; no more of them is kept. */
  private static void append(ByteArrayOutputStream text, byte[] buffer, int from, int to) {
    if (text.size() <= LINE_LIMIT) {
      text.write(buffer, from, to - from);
    }
  }

  private static Line line(byte[] text) {
    try {
      return LINES.readValue(text);
    } catch (IOException e) {
      return null;
    }
  }

  /** Visits the lines of this manifest. */
  synchronized long visit(Visitor visitor) throws IOException {
    channel.position(0);
    // not closed: that would close the channel and release the lock
    long end = visit(Channels.newInputStream(channel), visitor);
    channel.position(channel.size());
    return end;
  }

  synchronized long size() throws IOException {
    return channel.size();
  }

  /** Truncates the manifest at an offset. */
  synchronized void truncate(long at) throws IOException {
    channel.truncate(at).position(at);
  }

  synchronized void force() throws IOException {
    channel.force(true);
  }

  @Override
  public synchronized void close() {
    try {
      if (channel.isOpen()) {
        channel.force(true);
        channel.close();
      }
    } catch (IOException e) {
      throw FileException.of("write", file, e);
    }
  }
}
