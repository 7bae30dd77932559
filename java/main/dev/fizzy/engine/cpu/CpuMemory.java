package dev.fizzy.engine.cpu;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Memory;
import dev.fizzy.engine.kernels.Native;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/** Host memory, on huge pages if the system grants them. */
final class CpuMemory implements Memory {
  private final long bytes;
  private Pointer base;

  CpuMemory(long bytes) {
    this.bytes = bytes;
    try {
      this.base = Native.memory_allocate(bytes);
    } catch (RuntimeException e) {
      throw new EngineException(e.getMessage(), e);
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public Pointer at(long offset) {
    if (base == null || offset < 0 || offset > bytes) {
      throw new EngineException("no byte " + offset + " in a block of " + bytes);
    }
    return new BytePointer(base).getPointer(offset);
  }

  private void expect(long offset, long count) {
    if (base == null || offset < 0 || offset + count > bytes) {
      throw new EngineException(count + " bytes at " + offset + " do not fit a block of " + bytes);
    }
  }

  @Override
  public void write(long offset, float[] values, int from, int count) {
    expect(offset, (long) count * Float.BYTES);
    new FloatPointer(at(offset)).put(values, from, count);
  }

  @Override
  public void read(long offset, float[] values, int from, int count) {
    expect(offset, (long) count * Float.BYTES);
    new FloatPointer(at(offset)).get(values, from, count);
  }

  @Override
  public void write(long offset, byte[] values, int from, int count) {
    expect(offset, count);
    new BytePointer(at(offset)).put(values, from, count);
  }

  @Override
  public void read(long offset, byte[] values, int from, int count) {
    expect(offset, count);
    new BytePointer(at(offset)).get(values, from, count);
  }

  @Override
  public void write(long offset, int[] values, int from, int count) {
    expect(offset, (long) count * Integer.BYTES);
    new IntPointer(at(offset)).put(values, from, count);
  }

  @Override
  public void copy(long offset, Memory from, long fromOffset, long count) {
    expect(offset, count);
    ((CpuMemory) from).expect(fromOffset, count);
    Pointer.memcpy(at(offset), from.at(fromOffset), count);
  }

  @Override
  public void close() {
    if (base != null) {
      Native.memory_free(base);
      base = null;
    }
  }
}
