package dev.fizzy.engine;

import org.bytedeco.javacpp.Pointer;

/** A block of a device's memory. Offsets are bytes. */
public interface Memory extends AutoCloseable {
  long bytes();

  /** The address {@code offset} bytes into the block, as kernels take it. */
  Pointer at(long offset);

  void write(long offset, float[] values, int from, int count);

  void read(long offset, float[] values, int from, int count);

  void write(long offset, byte[] values, int from, int count);

  void read(long offset, byte[] values, int from, int count);

  void write(long offset, int[] values, int from, int count);

  /** Copies bytes of another block of the same device, without the host. */
  void copy(long offset, Memory from, long fromOffset, long count);

  /**
   * Copies bytes to the host after the work that was launched so far. What is launched later may
   * overwrite them: it runs after the copy.
   */
  default Later<byte[]> readLater(long offset, int count) {
    byte[] values = new byte[count];
    read(offset, values, 0, count);
    return Later.of(values);
  }

  @Override
  void close();
}
