package dev.fizzy.dataset.recordio;

import dev.fizzy.file.AppendedFile;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** Appends records to a RecordIO file, see {@link RecordFile}. */
public final class RecordWriter implements AutoCloseable {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final AppendedFile out;

  /**
   * @param keep bytes of an existing file to keep; the rest is truncated
   */
  public RecordWriter(Path file, long keep) throws IOException {
    out = new AppendedFile(file, keep);
  }

  /** Offset of the next record. */
  public long position() {
    return out.position();
  }

  /**
   * Appends a record with a header and a body.
   *
   * @param header its length is a multiple of 4 bytes
   * @return offset of the record
   */
  public long append(byte[] header, byte[] body) throws IOException {
    long begin = out.position();
    if ((long) header.length + body.length > RecordFile.LIMIT) {
      throw new IOException(
          header.length + body.length + " bytes exceed the limit of a record: " + RecordFile.LIMIT);
    }
    int cut = 0; // content before this is written
    int length = header.length + body.length;
    for (int at = nextMagic(header, body, 0); at >= 0; at = nextMagic(header, body, at + 4)) {
      part(cut == 0 ? RecordFile.FIRST : RecordFile.MIDDLE, header, body, cut, at - cut);
      cut = at + 4;
    }
    part(cut == 0 ? RecordFile.WHOLE : RecordFile.LAST, header, body, cut, length - cut);
    out.pad(4);
    return begin;
  }

  /** The next multiple of 4 at which the content contains the magic; -1 if there is none. */
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
    out.putInt(RecordFile.MAGIC);
    out.putInt(kind << RecordFile.PART_SHIFT | length);
    int inHeader = Math.max(0, Math.min(length, header.length - from));
    if (inHeader > 0) {
      out.put(header, from, inHeader);
    }
    out.put(body, Math.max(0, from - header.length), length - inHeader);
  }

  /** Writes the buffer to the file. */
  public void flush() throws IOException {
    out.flush();
  }

  /** Overwrites bytes at an offset. */
  void patch(long offset, byte[] bytes) throws IOException {
    out.patch(offset, bytes);
  }

  /** Forces everything to the disk. */
  public void force() throws IOException {
    out.force();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
