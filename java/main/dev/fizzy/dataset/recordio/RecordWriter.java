package dev.fizzy.dataset.recordio;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Appends records to a RecordIO file, see {@link RecordFile}. */
public final class RecordWriter implements AutoCloseable {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BUFFER = 1 << 20;

  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private long position;

  /**
   * @param keep bytes of a file that is there to keep; what is behind them goes
   */
  public RecordWriter(Path file, long keep) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.size() < keep) {
        throw new IOException(
            "it has " + channel.size() + " bytes, fewer than the " + keep + " listed");
      }
      channel.truncate(keep).position(keep);
      position = keep;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Where the next record will begin. */
  public long position() {
    return position;
  }

  /**
   * Appends a record of a header and what follows it.
   *
   * @param header a multiple of 4 bytes long
   * @return where the record begins
   */
  public long append(byte[] header, byte[] body) throws IOException {
    long begin = position;
    if ((long) header.length + body.length > RecordFile.LIMIT) {
      throw new IOException(
          header.length
              + body.length
              + " bytes are more than a record may have: "
              + RecordFile.LIMIT);
    }
    int cut = 0; // content up to here is written
    int length = header.length + body.length;
    for (int at = nextMagic(header, body, 0); at >= 0; at = nextMagic(header, body, at + 4)) {
      part(cut == 0 ? RecordFile.FIRST : RecordFile.MIDDLE, header, body, cut, at - cut);
      cut = at + 4;
    }
    part(cut == 0 ? RecordFile.WHOLE : RecordFile.LAST, header, body, cut, length - cut);
    for (; (position & 3) != 0; position++) {
      room(1);
      buffer.put((byte) 0);
    }
    return begin;
  }

  /** The next place, a multiple of 4, where the content holds the magic; -1 where none does. */
  private static int nextMagic(byte[] header, byte[] body, int from) {
    int at = from;
    for (; at + 4 <= header.length; at += 4) {
      if ((int) INTS.get(header, at) == RecordFile.MAGIC) {
        return at;
      }
    }
    for (int i = at - header.length; i + 4 <= body.length; i += 4) {
      if ((int) INTS.get(body, i) == RecordFile.MAGIC) {
        return header.length + i;
      }
    }
    return -1;
  }

  private void part(int kind, byte[] header, byte[] body, int from, int length) throws IOException {
    room(RecordFile.HEAD);
    buffer.putInt(RecordFile.MAGIC).putInt(kind << RecordFile.PART_SHIFT | length);
    position += RecordFile.HEAD;
    int inHeader = Math.max(0, Math.min(length, header.length - from));
    if (inHeader > 0) {
      put(header, from, inHeader);
    }
    put(body, Math.max(0, from - header.length), length - inHeader);
  }

  private void room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }

  private void put(byte[] bytes, int from, int length) throws IOException {
    for (int done = 0; done < length; ) {
      room(1);
      int n = Math.min(length - done, buffer.remaining());
      buffer.put(bytes, from + done, n);
      done += n;
    }
    position += length;
  }

  /** Hands everything to the system. */
  public void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /** Replaces bytes that were written before. */
  void patch(long offset, byte[] bytes) throws IOException {
    flush();
    ByteBuffer patch = ByteBuffer.wrap(bytes);
    while (patch.hasRemaining()) {
      channel.write(patch, offset + patch.position());
    }
  }

  /** Forces everything to the disk. */
  public void force() throws IOException {
    flush();
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    try {
      flush();
    } finally {
      channel.close();
    }
  }
}
