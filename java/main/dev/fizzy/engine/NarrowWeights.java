package dev.fizzy.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.Pointer;

/** The values of all parameters rounded to bf16, in the order of the regions. */
final class NarrowWeights implements AutoCloseable {
  private final Memory memory;

  NarrowWeights(Device device, long elements) {
    memory = device.allocate(bytes(elements));
  }

  static long bytes(long elements) {
    return Math.max(1, elements) * Short.BYTES;
  }

  /** The address of the value that a region has at this index. */
  Pointer at(long index) {
    return memory.at(index * Short.BYTES);
  }

  /** Rounds values into the places from an index on. */
  void put(long index, float[] values, int count) {
    ByteBuffer rounded = ByteBuffer.allocate(count * Short.BYTES).order(ByteOrder.nativeOrder());
    for (int i = 0; i < count; i++) {
      rounded.putShort(DType.bf16(values[i]));
    }
    memory.write(index * Short.BYTES, rounded.array(), 0, rounded.capacity());
  }

  /** Bits of the values from an index on. */
  short[] read(long index, int count) {
    byte[] raw = new byte[count * Short.BYTES];
    memory.read(index * Short.BYTES, raw, 0, raw.length);
    short[] bits = new short[count];
    ByteBuffer.wrap(raw).order(ByteOrder.nativeOrder()).asShortBuffer().get(bits);
    return bits;
  }

  @Override
  public void close() {
    memory.close();
  }
}
