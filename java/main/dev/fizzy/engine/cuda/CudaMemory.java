package dev.fizzy.engine.cuda;

import static org.bytedeco.cuda.global.cudart.cudaFree;
import static org.bytedeco.cuda.global.cudart.cudaMalloc;
import static org.bytedeco.cuda.global.cudart.cudaMemGetInfo;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Memory;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * A block of a GPU's memory. Its pointers are device addresses, which the host must not
 * dereference.
 */
final class CudaMemory implements Memory {
  private final long bytes;
  private final Staging staging;
  private final BytePointer base = new BytePointer();
  private final BytePointer moving;
  private boolean open;

  CudaMemory(CudaInfo device, Staging staging, long bytes) {
    this.bytes = bytes;
    this.staging = staging;
    long free = free();
    int status = bytes > free ? Cuda.OUT_OF_MEMORY : cudaMalloc(base, bytes);
    if (status == Cuda.OUT_OF_MEMORY) {
      throw new EngineException(
          "the plan needs "
              + Cuda.gib(bytes)
              + " in one block and GPU "
              + device.ordinal()
              + ", "
              + device.name()
              + ", has "
              + Cuda.gib(free)
              + " of "
              + Cuda.gib(device.memory())
              + " free: a smaller --batch or --type bf16 needs less");
    }
    Cuda.check(status, "allocating " + Cuda.gib(bytes) + " of the GPU's memory");
    this.moving = new BytePointer(base);
    this.open = true;
  }

  /** Free bytes of the current GPU. */
  static long free() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      Cuda.check(cudaMemGetInfo(free, total), "reading the GPU's free memory");
      return free.get();
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public Pointer at(long offset) {
    if (!open || offset < 0 || offset > bytes) {
      throw new EngineException("no byte " + offset + " in a block of " + bytes);
    }
    return new BytePointer(base).getPointer(offset);
  }

  private void expect(long offset, long count) {
    if (!open || offset < 0 || offset + count > bytes) {
      throw new EngineException(count + " bytes at " + offset + " do not fit a block of " + bytes);
    }
  }

  @Override
  public void write(long offset, float[] values, int from, int count) {
    expect(offset, (long) count * Float.BYTES);
    staging.write(moving, offset, values, from, count);
  }

  @Override
  public void read(long offset, float[] values, int from, int count) {
    expect(offset, (long) count * Float.BYTES);
    staging.read(moving, offset, values, from, count);
  }

  @Override
  public void write(long offset, byte[] values, int from, int count) {
    expect(offset, count);
    staging.write(moving, offset, values, from, count);
  }

  @Override
  public void read(long offset, byte[] values, int from, int count) {
    expect(offset, count);
    staging.read(moving, offset, values, from, count);
  }

  @Override
  public void write(long offset, int[] values, int from, int count) {
    expect(offset, (long) count * Integer.BYTES);
    staging.write(moving, offset, values, from, count);
  }

  @Override
  public void copy(long offset, Memory from, long fromOffset, long count) {
    expect(offset, count);
    ((CudaMemory) from).expect(fromOffset, count);
    staging.copy(at(offset), from.at(fromOffset), count);
  }

  @Override
  public Later<byte[]> readLater(long offset, int count) {
    expect(offset, count);
    return staging.readLater(at(offset), count);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      // Waits for work that still uses the block. Errors are ignored: a lost device was reported.
      cudaFree(base);
    }
  }
}
