package dev.fizzy.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/** Bytes with random access: a file, a part of a file, or memory. */
public interface ByteSource {
  /** The file and the part of it, for messages. */
  String name();

  /** Offset of the first byte in the file, so that messages can give offsets in the file. */
  long origin();

  long size();

  /** Fills the buffer with the bytes from {@code at} on; throws if there are fewer. */
  void read(long at, ByteBuffer into) throws IOException;

  /** The bytes as a little-endian buffer: memory-mapped if they are in a file, else copied. */
  default ByteBuffer view(long at, int length) throws IOException {
    ByteBuffer copy = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    read(at, copy);
    return copy.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A part, checked to be inside this one. */
  default ByteSource slice(String part, long from, long length) {
    if (from < 0 || length < 0 || length > size() - from) {
      throw fault("needs " + length + " bytes for " + part + " and has " + (size() - from), from);
    }
    return new Slice(this, part, from, length);
  }

  /** "{name} {what}, at offset {at}". */
  default FileException fault(String what, long at) {
    return new FileException(name() + " " + what + ", at offset " + (origin() + at));
  }

  static ByteSource of(Path file, FileChannel channel) throws IOException {
    return new Whole(file.toString(), channel, channel.size());
  }

  static ByteSource of(String name, byte[] bytes) {
    return new Held(name, bytes);
  }

  /** A whole file, with its size when it was opened. */
  record Whole(String name, FileChannel channel, long size) implements ByteSource {
    @Override
    public long origin() {
      return 0;
    }

    @Override
    public void read(long at, ByteBuffer into) throws IOException {
      if (at < 0 || into.remaining() > size - at) {
        throw new EOFException("it ends after " + size + " bytes");
      }
      long from = at - into.position();
      while (into.hasRemaining()) {
        if (channel.read(into, from + into.position()) < 0) {
          throw new EOFException("it was cut short while being read");
        }
      }
    }

    @Override
    public ByteBuffer view(long at, int length) throws IOException {
      if (at < 0 || length > size - at) {
        throw new EOFException("it ends after " + size + " bytes");
      }
      return channel.map(MapMode.READ_ONLY, at, length).order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  /** A part of another source. */
  record Slice(ByteSource whole, String part, long from, long size) implements ByteSource {
    @Override
    public String name() {
      return part.isEmpty() ? whole.name() : whole.name() + ": " + part;
    }

    @Override
    public long origin() {
      return whole.origin() + from;
    }

    @Override
    public void read(long at, ByteBuffer into) throws IOException {
      check(at, into.remaining());
      whole.read(from + at, into);
    }

    @Override
    public ByteBuffer view(long at, int length) throws IOException {
      check(at, length);
      return whole.view(from + at, length);
    }

    private void check(long at, int length) throws EOFException {
      if (at < 0 || length > size - at) {
        throw new EOFException(part + " ends after " + size + " bytes");
      }
    }
  }

  /** Bytes in memory. */
  record Held(String name, byte[] bytes) implements ByteSource {
    @Override
    public long origin() {
      return 0;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void read(long at, ByteBuffer into) throws IOException {
      if (at < 0 || into.remaining() > bytes.length - at) {
        throw new EOFException("it ends after " + bytes.length + " bytes");
      }
      into.put(bytes, (int) at, into.remaining());
    }
  }
}
