package dev.fizzy.dataset.write;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import java.io.BufferedInputStream;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One shard's list of written images, a JSON object a line, appended when the image's file is in
 * place. The process that writes it holds a lock on it, which the system lets go of when the
 * process dies.
 */
final class Manifest implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Manifest.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LINE_LIMIT = 1 << 16;

  /**
   * An image that was written.
   *
   * @param path relative to the data set's folder, with '/'
   * @param identity name of the identity's folder
   * @param image which of the identity's images, from 0
   * @param number in the order of writing; null, as what follows, for a file of its own
   * @param offset where what belongs to the image begins in the file that it shares with others
   * @param end and ends
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

  /** Takes one line of {@link #visit}. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param at where the line begins in the manifest
     * @return whether to go on
     */
    boolean visit(Line line, long at) throws IOException;
  }

  private final Path file;
  private FileChannel channel;

  private Manifest(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Opens for writing, or gives null where another process writes it. */
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
          "the file system has no locks ({}): see to it that each shard runs once",
          FileException.reason(e));
      return true;
    }
  }

  /** The lines that are whole; a torn one, left by a process that was killed, is left out. */
  static List<Line> parse(byte[] bytes) {
    List<Line> lines = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        try {
          lines.add(JSON.readValue(bytes, begin, i - begin, Line.class));
        } catch (IOException e) {
          // Damaged: its image counts as not written and is made again.
        }
        begin = i + 1;
      }
    }
    return lines;
  }

  /** The whole lines that are in the file. */
  List<Line> lines() {
    return parse(content());
  }

  /** Rewrites the file where it holds anything but the wanted lines; what comes is appended. */
  void keep(Set<Line> wanted) {
    byte[] there = content();
    byte[] text = text(parse(there).stream().filter(wanted::contains).distinct().toList());
    try {
      if (!Arrays.equals(text, there)) {
        replace(text);
      }
      channel.position(channel.size());
    } catch (IOException e) {
      throw FileException.of("rewrite", file, e);
    }
  }

  /** By the locked channel: closing another one of this file would let go of the lock. */
  private byte[] content() {
    try {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
      while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
        // until all is read
      }
      return bytes.array();
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  /** A new file takes the old one's place; the old lock is held until the new one is. */
  private void replace(byte[] text) throws IOException {
    AtomicFile.write(file, text);
    FileChannel replacement =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean locked = lock(replacement);
    channel.close();
    channel = replacement;
    if (!locked) {
      replacement.close();
      throw new IOException("another process has begun to write it");
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
   * Reads line after line, without keeping them.
   *
   * @return where the first line begins that is torn, damaged or refused by the visitor, or the end
   */
  synchronized long visit(Visitor visitor) throws IOException {
    channel.position(0);
    // not closed: that would close the channel and let go of the lock
    InputStream in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    long begin = 0;
    for (int c = in.read(); c >= 0 && text.size() <= LINE_LIMIT; c = in.read()) {
      if (c != '\n') {
        text.write(c);
        continue;
      }
      Line line;
      try {
        line = JSON.readValue(text.toByteArray(), Line.class);
      } catch (JsonProcessingException e) {
        break;
      }
      if (line == null || !visitor.visit(line, begin)) {
        break;
      }
      begin += text.size() + 1;
      text.reset();
    }
    channel.position(channel.size());
    return begin;
  }

  /** Drops all from there on; what is appended follows. */
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
