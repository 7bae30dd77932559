package dev.fizzy.dataset.recordio;

import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A RecordIO file (dmlc-core) with random access. Thread-safe. A record is {@code u32 magic, u32
 * part << 29 | length}, the content, zeros up to a multiple of 4. Content that contains the magic
 * at such a multiple is split there into parts (1 first, 2 middle, 3 last; 0 is a whole record),
 * and the magic is omitted.
 */
public final class RecordFile implements AutoCloseable {
  static final int MAGIC = 0xced7230a;
  static final int HEAD = 8;
  static final int WHOLE = 0;
  static final int FIRST = 1;
  static final int MIDDLE = 2;
  static final int LAST = 3;
  static final int PART_SHIFT = 29;
  static final int LENGTH_MASK = (1 << PART_SHIFT) - 1;

  /** Largest content of a record in bytes. */
  static final long LIMIT = 256L << 20;

  private static final byte[] MAGIC_BYTES = {0x0a, 0x23, (byte) 0xd7, (byte) 0xce};

  private final Path file;
  private final FileChannel channel;
  private final long size;

  public static RecordFile open(Path file) {
    try {
      FileChannel channel = InputFile.channel(file);
      return new RecordFile(file, channel, channel.size());
    } catch (IOException e) {
      throw FileException.of("open", file, e);
    }
  }

  /** Whether the file begins with a record. */
  static boolean isRecordIo(Path file) {
    try (InputStream in = InputFile.stream(file)) {
      byte[] head = in.readNBytes(MAGIC_BYTES.length);
      return Arrays.equals(head, MAGIC_BYTES);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  private RecordFile(Path file, FileChannel channel, long size) {
    this.file = file;
    this.channel = channel;
    this.size = size;
  }

  public Path file() {
    return file;
  }

  /** Size of the file in bytes. */
  public long size() {
    return size;
  }

  private void read(ByteBuffer into, long offset) throws IOException {
    for (long at = offset; into.hasRemaining(); ) {
      int n = channel.read(into, at);
      if (n < 0) {
        throw new EOFException("the file ends at " + at + ", inside the record at " + offset);
      }
      at += n;
    }
  }

  /** The position of the content of one part of a record. */
  private record Part(int kind, long begin, int length) {
    long next() {
      return begin + (length + 3L & ~3L);
    }
  }

  private Part part(long offset, boolean inside) throws IOException {
    if (offset < 0 || offset > size - HEAD) {
      throw new EOFException(
          "there is no record at " + offset + ": the file has " + size + " bytes");
    }
    ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
    read(head, offset);
    int magic = head.getInt(0);
    if (magic != MAGIC) {
      throw new IOException(
          String.format(
              "there is no record at %d: it begins with %08x, not %08x", offset, magic, MAGIC));
    }
    int kind = head.getInt(4) >>> PART_SHIFT;
    int length = head.getInt(4) & LENGTH_MASK;
    boolean fits = inside ? kind == MIDDLE || kind == LAST : kind == WHOLE || kind == FIRST;
    if (!fits) {
      throw new IOException(
          "the record at "
              + offset
              + " is of kind "
              + kind
              + (inside ? " inside" : " outside of")
              + " another");
    }
    if (length > size - offset - HEAD) {
      throw new EOFException(
          "the record at "
              + offset
              + " announces "
              + length
              + " bytes, beyond the end of the file at "
              + size);
    }
    return new Part(kind, offset + HEAD, length);
  }

  /** Reads the content of the record at the offset. */
  public byte[] read(long offset) throws IOException {
    Part part = part(offset, false);
    byte[] content = new byte[checked(offset, part.length)];
    read(ByteBuffer.wrap(content), part.begin);
    while (part.kind != WHOLE && part.kind != LAST) {
      part = part(part.next(), true);
      int have = content.length;
      content =
          Arrays.copyOf(content, checked(offset, (long) have + MAGIC_BYTES.length + part.length));
      System.arraycopy(MAGIC_BYTES, 0, content, have, MAGIC_BYTES.length);
      read(ByteBuffer.wrap(content, have + MAGIC_BYTES.length, part.length), part.begin);
    }
    return content;
  }

  private static int checked(long offset, long length) throws IOException {
    if (length > LIMIT) {
      throw new IOException("the record at " + offset + " has more than " + LIMIT + " bytes");
    }
    return (int) length;
  }

  /** Reads the header of the record at the offset, with up to two labels after it. */
  RecordHeader header(long offset) throws IOException {
    Part part = part(offset, false);
    if (part.kind != WHOLE) {
      return RecordHeader.parse(read(offset)); // rare: the header itself may be split
    }
    byte[] start = new byte[Math.min(part.length, RecordHeader.BYTES + 2 * Float.BYTES)];
    read(ByteBuffer.wrap(start), part.begin);
    return RecordHeader.parse(start, part.length);
  }

  /** The offset of the next record after the one at {@code offset}, or the file size. */
  public long next(long offset) throws IOException {
    Part part = part(offset, false);
    while (part.kind != WHOLE && part.kind != LAST) {
      part = part(part.next(), true);
    }
    return Math.min(part.next(), size); // some writers omit the last zeros
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
