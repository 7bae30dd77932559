package dev.fizzy.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes pickles of protocol 2 by hand, as PyTorch and NumPy do: fixtures for the readers. */
public final class PickleBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public PickleBytes() {
    raw(0x80, 2);
  }

  public PickleBytes raw(int... opcodes) {
    for (int opcode : opcodes) {
      out.write(opcode);
    }
    return this;
  }

  public PickleBytes raw(String ascii) {
    out.writeBytes(ascii.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  public PickleBytes global(String module, String name) {
    return raw("c" + module + "\n" + name + "\n");
  }

  public PickleBytes number(long value) {
    if (value >= 0 && value < 256) {
      return raw('K', (int) value);
    }
    raw('J');
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt((int) value).array());
    return this;
  }

  public PickleBytes text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    raw('X');
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
    out.writeBytes(utf8);
    return this;
  }

  /** A Python 2 str. */
  public PickleBytes bytes(byte[] value) {
    raw('T');
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value.length).array());
    out.writeBytes(value);
    return this;
  }

  public PickleBytes numbers(long... values) {
    raw('(');
    for (long value : values) {
      number(value);
    }
    return raw('t');
  }

  /** torch._utils._rebuild_tensor_v2 of a storage by its persistent id. */
  public PickleBytes tensor(
      String storage, String key, long elements, long offset, long[] shape, long[] strides) {
    global("torch._utils", "_rebuild_tensor_v2").raw('(', '(').text("storage");
    global("torch", storage).text(key).text("cpu").number(elements).raw('t', 'Q');
    number(offset).numbers(shape).numbers(strides).raw(0x89).global("collections", "OrderedDict");
    return raw(')', 'R', 't', 'R');
  }

  /** numpy.core.multiarray._reconstruct with its state. */
  public PickleBytes array(String type, byte[] data, long... shape) {
    global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray");
    numbers(0).bytes(new byte[] {'b'}).raw(0x87, 'R', '(').number(1).numbers(shape);
    global("numpy", "dtype").text(type).number(0).number(1).raw(0x87, 'R', '(').number(3);
    text("<").raw('N', 'N', 'N').number(-1).number(-1).number(0).raw('t', 'b', 0x89);
    return bytes(data).raw('t', 'b');
  }

  public byte[] end() {
    out.write('.');
    return out.toByteArray();
  }

  /** The stream that torch wrote before 1.6; the storages follow in the order of the map. */
  static byte[] stream(byte[] root, Map<String, float[]> storages) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] magic = {0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a, (byte) 0xa8};
    PickleBytes first = new PickleBytes().raw(0x8a, 10);
    first.out.writeBytes(magic);
    all.writeBytes(first.raw(0x50, 0x19).end());
    all.writeBytes(new PickleBytes().number(1001).end());
    all.writeBytes(new PickleBytes().raw('}', '(').text("little_endian").raw(0x88, 'u').end());
    all.writeBytes(root);
    PickleBytes keys = new PickleBytes().raw(']', '(');
    storages.keySet().forEach(keys::text);
    all.writeBytes(keys.raw('e').end());
    for (float[] values : storages.values()) {
      ByteBuffer data = ByteBuffer.allocate(8 + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      data.putLong(values.length);
      data.asFloatBuffer().put(values);
      all.writeBytes(data.array());
    }
    return all.toByteArray();
  }
}
