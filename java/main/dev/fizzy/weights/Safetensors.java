package dev.fizzy.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The safetensors format: u64 N, N bytes of JSON, then one little-endian buffer without holes.
 * Opening reads and checks only the header; tensors are read on demand.
 */
public final class Safetensors implements AutoCloseable {
  /** Element types by their names in the format. */
  public enum Type {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U64(8),
    U32(4),
    U16(2),
    U8(1),
    BOOL(1);

    public final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  /**
   * A tensor to write.
   *
   * @param type F32, BF16 or I8
   * @param values called once when the tensor is written, so that not all values are in memory at a
   *     time; for I8 integers in -128..127
   */
  public record Entry(String name, Type type, long[] shape, Supplier<float[]> values) {
    public Entry {
      if (type != Type.F32 && type != Type.BF16 && type != Type.I8) {
        throw new IllegalArgumentException("tensors are written as F32, BF16 or I8, not " + type);
      }
    }

    public static Entry f32(String name, float[] values, long... shape) {
      return new Entry(name, Type.F32, shape, () -> values);
    }

    long elements() {
      return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }
  }

  private static final int STEP = 1 << 20;

  private final Path file;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private Safetensors(Path file, FileChannel channel, SafetensorsHeader header) {
    this.file = file;
    this.channel = channel;
    this.header = header;
  }

  public static Safetensors open(Path file) {
    FileChannel channel = null;
    try {
      channel = InputFile.channel(file);
      Safetensors opened = new Safetensors(file, channel, SafetensorsHeader.read(channel, file));
      channel = null;
      return opened;
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    } finally {
      if (channel != null) {
        try {
          channel.close();
        } catch (IOException e) {
          // Only the first failure is reported.
        }
      }
    }
  }

  /** Names of the tensors in the order of the data. */
  public Set<String> names() {
    return header.tensors().keySet();
  }

  public boolean has(String name) {
    return header.tensors().containsKey(name);
  }

  public Map<String, String> metadata() {
    return header.metadata();
  }

  public long[] shape(String name) {
    return slot(name).shape().clone();
  }

  public Type type(String name) {
    return slot(name).type();
  }

  private SafetensorsHeader.Slot slot(String name) {
    SafetensorsHeader.Slot slot = header.tensors().get(name);
    if (slot == null) {
      throw new FileException(file + " has no tensor " + name);
    }
    return slot;
  }

  /** The values of a tensor of any type, as floats. */
  public float[] floats(String name) {
    SafetensorsHeader.Slot slot = slot(name);
    int size = slot.type().bytes;
    long count = (slot.end() - slot.begin()) / size;
    if (count > Integer.MAX_VALUE - 8) {
      throw new FileException(
          file + ": tensor " + name + " of " + count + " values is too large for one array");
    }
    float[] values = new float[(int) count];
    ByteBuffer part =
        ByteBuffer.allocate((int) Math.min(STEP, Math.max(1, count * size)))
            .order(ByteOrder.LITTLE_ENDIAN);
    int perPart = part.capacity() / size;
    try {
      for (int i = 0; i < values.length; i += perPart) {
        int n = Math.min(perPart, values.length - i);
        part.clear().limit(n * size);
        long at = header.dataStart() + slot.begin() + (long) i * size;
        while (part.hasRemaining()) {
          if (channel.read(part, at + part.position()) < 0) {
            throw new EOFException("it was truncated while being read");
          }
        }
        part.flip();
        convert(slot.type(), part, values, i, n);
      }
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
    return values;
  }

  private static void convert(Type type, ByteBuffer in, float[] out, int from, int n) {
    switch (type) {
      case F32 -> in.asFloatBuffer().get(out, from, n);
      default -> {
        for (int i = from; i < from + n; i++) {
          out[i] =
              switch (type) {
                case F64 -> (float) in.getDouble();
                case F32 -> in.getFloat();
                case F16 -> Floats.fromF16(in.getShort());
                case BF16 -> Floats.fromBf16(in.getShort());
                case I64 -> in.getLong();
                case I32 -> in.getInt();
                case I16 -> in.getShort();
                case I8 -> in.get();
                case U64 -> (float) TensorReader.unsigned(in.getLong());
                case U32 -> in.getInt() & 0xffffffffL;
                case U16 -> in.getShort() & 0xffff;
                case U8, BOOL -> in.get() & 255;
              };
        }
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw FileException.of("close", file, e);
    }
  }

  /** Writes a file atomically; the same tensors and metadata give the same bytes. */
  public static void write(Path file, Map<String, String> metadata, List<Entry> entries) {
    byte[] header = header(metadata, entries);
    AtomicFile.write(
        file,
        out -> {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          out.write(length.putLong(header.length).array());
          out.write(header);
          for (Entry entry : entries) {
            float[] values = entry.values().get();
            if (values.length != entry.elements()) {
              throw new IOException(
                  "tensor "
                      + entry.name()
                      + " of shape "
                      + Arrays.toString(entry.shape())
                      + " was given "
                      + values.length
                      + " values");
            }
            switch (entry.type()) {
              case F32 -> Floats.write(out, values);
              case BF16 -> Floats.writeBf16(out, values);
              default -> Floats.writeI8(out, values);
            }
          }
        });
  }

  static byte[] header(Map<String, String> metadata, List<Entry> entries) {
    ObjectMapper mapper = new ObjectMapper(new JsonFactory());
    ObjectNode root = mapper.createObjectNode();
    if (!metadata.isEmpty()) {
      root.set("__metadata__", mapper.valueToTree(new TreeMap<>(metadata)));
    }
    long at = 0;
    for (Entry entry : entries) {
      if (root.has(entry.name())) {
        throw new IllegalArgumentException("two tensors are named " + entry.name());
      }
      ObjectNode node = root.putObject(entry.name());
      node.put("dtype", entry.type().name());
      node.set("shape", mapper.valueToTree(entry.shape()));
      long end = at + entry.elements() * entry.type().bytes;
      node.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    // Padded with spaces to a multiple of 8, so that the data are aligned.
    StringBuilder text = new StringBuilder(root.toString());
    while (text.toString().getBytes(StandardCharsets.UTF_8).length % 8 != 0) {
      text.append(' ');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
