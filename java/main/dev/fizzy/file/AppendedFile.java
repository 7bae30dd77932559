package dev.fizzy.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is written sequentially through one large buffer and forced to the disk in the
 * background as it grows. Numbers are little-endian.
 */
public final class AppendedFile implements AutoCloseable {
  private static final int BUFFER = 1 << 20;

  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
  private long position;
  private final WriteBehind behind;

  /**
   * @param keep bytes of an existing file to keep; the rest is truncated
   */
  public AppendedFile(Path file, long keep) throws IOException {
    channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.size() < keep) {
        throw new IOException(
            file.getFileName()
                + " has "
                + channel.size()
                + " bytes, fewer than the "
                + keep
                + " listed");
      }
      channel.truncate(keep).position(keep);
      position = keep;
      behind = new WriteBehind(channel, keep);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Offset of the next byte. */
  public long position() {
    return position;
  }

  public void put(byte[] bytes, int from, int length) throws IOException {
    for (int done = 0; done < length; ) {
      room(1);
      int n = Math.min(length - done, buffer.remaining());
      buffer.put(bytes, from + done, n);
      done += n;
    }
    position += length;
  }

  public void put(byte[] bytes) throws IOException {
    put(bytes, 0, bytes.length);
  }

  public void putInt(int value) throws IOException {
    room(Integer.BYTES);
    buffer.putInt(value);
    position += Integer.BYTES;
  }

  /** Writes zeros up to the next multiple. */
  public void pad(int multiple) throws IOException {
    for (; position % multiple != 0; position++) {
      room(1);
      buffer.put((byte) 0);
    }
  }

  private void room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }

  /** Writes the buffer to the file. */
  public void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
    behind.wrote(position);
  }

  /** Overwrites bytes at an offset. */
  public void patch(long offset, byte[] bytes) throws IOException {
    flush();
    ByteBuffer patch = ByteBuffer.wrap(bytes);
    while (patch.hasRemaining()) {
      channel.write(patch, offset + patch.position());
    }
  }

  /** Forces everything to the disk. */
  public void force() throws IOException {
    flush();
    behind.await();
    channel.force(true);
  }

  /** Forces everything to the disk and closes the file, on another thread. */
  public Completion complete() throws IOException {
    flush();
    return Completion.of(
        () -> {
          try (channel) {
            behind.await();
            channel.force(true);
          }
        });
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      flush();
      behind.await();
    }
  }
}
