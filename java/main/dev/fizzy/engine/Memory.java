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

  @Override
  void close();
}
