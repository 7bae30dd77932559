package dev.fizzy.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/** Bytes that can be read from anywhere: a file's, a part of a file's, or some held in memory. */
public interface ByteSource {
  /** The file, and the part of it, as messages name them. */
  String name();

  /** Where in the file the first byte lies, so that messages can give offsets that a user finds. */
  long origin();

  long size();

  /** Fills the buffer with the bytes from {@code at} on; all of them must be there. */
  void read(long at, ByteBuffer into) throws IOException;

  /**
   * The bytes as a little-endian buffer: mapped where they are a file's, so that the system may
   * drop them again, or else copied.
   */
  default ByteBuffer view(long at, int length) throws IOException {
    ByteBuffer copy = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    read(at, copy);
    return copy.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A part, checked to lie within this one. */
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

  /** A file, as long as it was when it was opened. */
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

  /** Part of another. */
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

  /** In memory. */
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
