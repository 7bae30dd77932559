package dev.fizzy.weights;

import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A NumPy array file, version 1 or 2, of float32 or float64 in C order. Doubles are rounded to
 * floats.
 *
 * @param shape sizes, outermost dimension first
 * @param values in row-major order
 */
public record Npy(int[] shape, float[] values) {
  private static final byte[] MAGIC = "\u0093NUMPY".getBytes(StandardCharsets.ISO_8859_1);
  private static final Pattern DESCR =
      Pattern.compile("['\"]descr['\"]\\s*:\\s*['\"]([^'\"]*)['\"]");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([0-9,\\s]*)\\)");
  private static final int HEADER_LIMIT = 1 << 16;

  public static Npy of(float[][] rows) {
    int width = rows.length == 0 ? 0 : rows[0].length;
    float[] flat = new float[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * width, width);
    }
    return new Npy(new int[] {rows.length, width}, flat);
  }

  /** The rows of a matrix. */
  public float[][] rows() {
    if (shape.length != 2) {
      throw new FileException("an array of shape " + Arrays.toString(shape) + " is not a matrix");
    }
    float[][] rows = new float[shape[0]][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(values, i * shape[1], (i + 1) * shape[1]);
    }
    return rows;
  }

  /**
   * The position and type of the values.
   *
   * @param at offset of the values
   * @param size bytes per value: 4 or 8
   */
  record Layout(int[] shape, long at, int size, ByteOrder order) {}

  public static Npy read(Path file) {
    try (FileChannel in = InputFile.channel(file)) {
      Layout layout = layout(in, file);
      float[] values = new float[count(layout)];
      int step = 1 << 18;
      for (int i = 0; i < values.length; i += step) {
        int n = Math.min(step, values.length - i);
        long at = layout.at + (long) i * layout.size;
        decode(read(in, at, n * layout.size, file), layout, values, i, n);
      }
      return new Npy(layout.shape, values);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  private static int count(Layout layout) {
    int count = 1;
    for (int extent : layout.shape) {
      count *= extent;
    }
    return count;
  }

  /** Decodes values at the position of the buffer. */
  static void decode(ByteBuffer bytes, Layout layout, float[] values, int from, int count) {
    bytes.order(layout.order);
    for (int k = from; k < from + count; k++) {
      values[k] = layout.size == 4 ? bytes.getFloat() : (float) bytes.getDouble();
    }
  }

  /** Reads the header and checks it against the size of the file. */
  static Layout layout(FileChannel in, Path file) throws IOException {
    ByteBuffer start = read(in, 0, 12, file);
    byte[] magic = new byte[6];
    start.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new FileException(
          file + " is not a NumPy array file: it does not begin with \\x93NUMPY");
    }
    int major = start.get();
    start.get();
    if (major < 1 || major > 3) {
      throw new FileException(
          file + " is a NumPy file of version " + major + "; supported are versions 1 to 3");
    }
    int at = major == 1 ? 10 : 12;
    long length = major == 1 ? start.getShort() & 0xffff : start.getInt() & 0xffffffffL;
    if (length > HEADER_LIMIT || at + length > in.size()) {
      throw new FileException(
          file
              + " has a header of "
              + length
              + " bytes, more than the file or the limit of "
              + HEADER_LIMIT);
    }
    ByteBuffer header = read(in, at, (int) length, file);
    String text = StandardCharsets.ISO_8859_1.decode(header).toString();
    return layout(in, at + length, text, file);
  }

  private static Layout layout(FileChannel in, long at, String header, Path file)
      throws IOException {
    String type = field(DESCR, "descr", header, file);
    if (!type.matches("[<>=]f[48]")) {
      throw new FileException(
          file
              + " holds values of type "
              + type
              + "; supported are float32 and float64 (<f4, <f8)"
              + (type.contains("O") ? ", not pickled objects" : ""));
    }
    if (field(ORDER, "fortran_order", header, file).equals("True")) {
      throw new FileException(file + " is in Fortran order; save it with numpy.ascontiguousarray");
    }
    int[] shape = shape(field(SHAPE, "shape", header, file), file);
    int size = type.charAt(2) - '0';
    long count = 1;
    for (int extent : shape) {
      count *= extent;
      if (count > Integer.MAX_VALUE - 8) {
        throw new FileException(
            file + " of shape " + Arrays.toString(shape) + " has too many values for one array");
      }
    }
    if (in.size() - at != count * size) {
      throw new FileException(
          file
              + " of shape "
              + Arrays.toString(shape)
              + " needs "
              + count * size
              + " bytes after its header and has "
              + (in.size() - at));
    }
    ByteOrder order = type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return new Layout(shape, at, size, order);
  }

  private static String field(Pattern pattern, String name, String header, Path file) {
    Matcher m = pattern.matcher(header);
    if (!m.find()) {
      throw new FileException(
          file + " has a header without a " + name + " that can be read: " + header.strip());
    }
    return m.group(1);
  }

  private static int[] shape(String text, Path file) {
    try {
      return Arrays.stream(text.split(","))
          .map(String::strip)
          .filter(s -> !s.isEmpty())
          .mapToInt(Integer::parseInt)
          .toArray();
    } catch (NumberFormatException e) {
      throw new FileException(file + " has a shape that is too large: (" + text + ")", e);
    }
  }

  static ByteBuffer read(FileChannel in, long at, int length, Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (in.read(buffer, at + buffer.position()) < 0) {
        throw new EOFException("it ends after " + in.size() + " bytes");
      }
    }
    return buffer.flip();
  }

  /** Writes version 1, float32, atomically. */
  public void write(Path file) {
    AtomicFile.write(file, this::write);
  }

  /**
   * @param before called with the complete temporary file before it is renamed
   */
  public void write(Path file, Consumer<Path> before) {
    AtomicFile.write(file, this::write, before);
  }

  /** Writes several arrays as one .npz, atomically; the same arrays give the same bytes. */
  public static void writeArchive(Path file, Map<String, Npy> arrays) {
    AtomicFile.write(
        file,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          zip.setLevel(Deflater.NO_COMPRESSION);
          for (var array : arrays.entrySet()) {
            ZipEntry entry = new ZipEntry(array.getKey() + ".npy");
            entry.setTimeLocal(LocalDateTime.of(2000, 1, 1, 0, 0));
            zip.putNextEntry(entry);
            array.getValue().write(zip);
            zip.closeEntry();
          }
          zip.finish();
        });
  }

  private void write(OutputStream out) throws IOException {
    StringBuilder text = new StringBuilder("{'descr': '<f4', 'fortran_order': False, 'shape': (");
    for (int extent : shape) {
      text.append(extent).append(shape.length == 1 ? "," : ", ");
    }
    if (shape.length > 1) {
      text.setLength(text.length() - 2);
    }
    text.append("), }");
    while ((10 + text.length() + 1) % 64 != 0) {
      text.append(' ');
    }
    text.append('\n');
    out.write(MAGIC);
    out.write(new byte[] {1, 0, (byte) text.length(), (byte) (text.length() >> 8)});
    out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    Floats.write(out, values);
  }
}
