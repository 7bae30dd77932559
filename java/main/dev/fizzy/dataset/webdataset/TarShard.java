package dev.fizzy.dataset.webdataset;

import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import dev.fizzy.file.NameBelow;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A tar file with random access. Thread-safe. Gzipped files are decompressed to a temporary file,
 * which is deleted on close. Nothing is ever written to paths given in the archive.
 */
final class TarShard implements AutoCloseable {
  /** Largest file in the archive, in bytes. */
  private static final long LIMIT = 256L << 20;

  private static final int BUFFER = 1 << 13;

  /** Bytes per read in the search for another archive. */
  private static final int SCAN = 1 << 16;

  private static final Logger log = LoggerFactory.getLogger(TarShard.class);

  /**
   * A file in the archive.
   *
   * @param header offset of its header
   * @param offset offset of its content
   */
  record Member(String name, long header, long offset, int size) {}

  /** Called for each file of the archive. */
  @FunctionalInterface
  interface Visitor {
    void visit(Member member) throws IOException;
  }

  private final Path file;
  private final FileChannel channel;
  private final long size;

  static TarShard open(Path file) {
    try {
      FileChannel channel = Gzip.isGzip(file) ? Gzip.unpack(file) : InputFile.channel(file);
      return new TarShard(file, channel, channel.size());
    } catch (IOException e) {
      throw FileException.of("open", file, e);
    }
  }

  private TarShard(Path file, FileChannel channel, long size) {
    this.file = file;
    this.channel = channel;
    this.size = size;
  }

  /** Whether the file starts like a tar file: POSIX and GNU both write "ustar" at 257. */
  static boolean isTar(Path file) throws IOException {
    try (InputStream in = InputFile.stream(file)) {
      return isHeader(in.readNBytes(TarContainer.BLOCK));
    }
  }

  byte[] read(long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, offset + bytes.position()) < 0) {
        throw new EOFException("the file ends inside the entry at " + offset);
      }
    }
    return bytes.array();
  }

  /**
   * Visits the files of the archive in order; reads only headers. Concatenated archives are visited
   * one after another.
   *
   * @param end called after the last file of each archive
   */
  void forEach(Visitor visitor, Runnable end) throws IOException {
    long begin = 0;
    long behind;
    do {
      behind = archive(begin, size, visitor);
      end.run();
      begin = behind > begin ? next(behind) : -1;
    } while (begin >= 0);
  }

  /** The offset of the next archive after the end of one, or -1. */
  private long next(long end) throws IOException {
    long at = end;
    while (at <= size - TarContainer.BLOCK) {
      byte[] some = read(at, (int) Math.min(SCAN, (size - at) & -TarContainer.BLOCK));
      for (int i = 0; i < some.length; i += TarContainer.BLOCK, at += TarContainer.BLOCK) {
        byte[] block = Arrays.copyOfRange(some, i, i + TarContainer.BLOCK);
        if (isHeader(block)) {
          return at;
        }
        if (!Arrays.equals(block, new byte[TarContainer.BLOCK])) {
          log.warn("{}: the data after the end of the archive at {} are not an archive", file, at);
          return -1;
        }
      }
    }
    return -1;
  }

  private static boolean isHeader(byte[] block) {
    return block.length == TarContainer.BLOCK
        && Arrays.equals(block, 257, 262, "ustar".getBytes(StandardCharsets.US_ASCII), 0, 5);
  }

  /** Visits one archive and returns the end of its last file. */
  private long archive(long begin, long end, Visitor visitor) throws IOException {
    HeaderInput in =
        new HeaderInput(
            new BufferedInputStream(new ChannelInput(channel, begin, end), BUFFER), begin);
    // not closed: the channel stays open
    TarArchiveInputStream tar = new TarArchiveInputStream(in, StandardCharsets.UTF_8.name());
    long header = begin;
    try {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        long offset = in.position();
        check(e, header, offset);
        if (e.isFile()) {
          visitor.visit(new Member(e.getName(), header, offset, (int) e.getSize()));
        }
        header =
            offset
                + (e.getSize() + TarContainer.BLOCK - 1) / TarContainer.BLOCK * TarContainer.BLOCK;
        in.allow();
      }
      return header;
    } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
      // Commons Compress throws these on some damaged files.
      throw new IOException("damaged after " + header + ": " + e.getMessage(), e);
    } catch (EOFException e) {
      throw new EOFException("the archive ends inside the entry at " + header);
    } catch (IOException e) {
      throw new IOException(FileException.reason(e) + " (in the header at " + header + ")", e);
    }
  }

  private void check(TarArchiveEntry entry, long header, long offset) throws IOException {
    String name = entry.getName();
    if (!NameBelow.isSafe(name)) {
      throw new IOException("the name " + name + " points outside of the archive");
    }
    if (entry.isSparse()) {
      throw new IOException(name + " is a sparse file, which an image never is");
    }
    if (entry.getSize() > LIMIT) {
      throw new IOException(
          name + " has " + entry.getSize() + " bytes, more than the limit of " + LIMIT);
    }
    if (entry.getSize() < 0 || entry.getSize() > size - offset) {
      throw new IOException(
          name + " announces " + entry.getSize() + " bytes, beyond the end of the file at " + size);
    }
  }

  /** Reads the first file between two offsets. */
  byte[] firstMember(long begin, long end) throws IOException {
    Member[] first = {null};
    if (begin < 0 || end > size || begin >= end) {
      throw new EOFException("there is no data from " + begin + " to " + end);
    }
    archive(
        begin,
        end,
        m -> {
          first[0] = first[0] == null ? m : first[0];
        });
    if (first[0] == null) {
      throw new IOException("there is no file at " + begin);
    }
    return read(first[0].offset, first[0].size);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw FileException.of("close", file, e);
    }
  }
}
