package dev.fizzy.weights;

import dev.fizzy.file.ByteSource;
import dev.fizzy.weights.pickle.PyArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a NumPy array file: "\x93NUMPY", version, header length (u16 in version 1, u32 in 2
 * and 3), a Python dict literal.
 *
 * @param type for example {@code <f4}, or {@code |O} for pickled objects
 * @param columns whether the array is stored in Fortran order
 * @param data offset of the values
 */
record NpyHeader(String type, boolean columns, long[] shape, long data) {
  static final String MAGIC = "\u0093NUMPY";

  private static final Pattern DESCR =
      Pattern.compile("['\"]descr['\"]\\s*:\\s*['\"]([^'\"]*)['\"]");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([0-9,\\sL]*)\\)");
  private static final int LIMIT = 1 << 16;

  static NpyHeader read(ByteSource in) throws IOException {
    ByteBuffer start = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    start.limit((int) Math.min(12, in.size()));
    in.read(0, start);
    if (start.position() < 12
        || !new String(start.array(), 0, 6, StandardCharsets.ISO_8859_1).equals(MAGIC)) {
      throw in.fault("is not a NumPy array: it does not begin with \\x93NUMPY", 0);
    }
    int major = start.get(6);
    if (major < 1 || major > 3) {
      throw in.fault("is a NumPy array of version " + major + "; supported are versions 1 to 3", 6);
    }
    int at = major == 1 ? 10 : 12;
    long length = major == 1 ? start.getShort(8) & 0xffff : start.getInt(8) & 0xffffffffL;
    if (length > LIMIT || at + length > in.size()) {
      throw in.fault(
          "has a header of " + length + " bytes, more than the file or the limit of " + LIMIT, 8);
    }
    ByteBuffer header = ByteBuffer.allocate((int) length);
    in.read(at, header);
    String text = new String(header.array(), StandardCharsets.ISO_8859_1);
    return new NpyHeader(
        field(DESCR, "descr", text, in),
        field(ORDER, "fortran_order", text, in).equals("True"),
        shape(field(SHAPE, "shape", text, in), in),
        at + length);
  }

  private static String field(Pattern pattern, String name, String header, ByteSource in) {
    Matcher m = pattern.matcher(header);
    if (!m.find()) {
      String start = header.strip();
      throw in.fault(
          "has a header without a "
              + name
              + " that can be read: "
              + start.substring(0, Math.min(200, start.length())),
          10);
    }
    String value = m.group(1);
    if (m.find()) {
      throw in.fault("has a header with two fields " + name, 10);
    }
    return value;
  }

  private static long[] shape(String text, ByteSource in) {
    try {
      return Arrays.stream(text.replace("L", "").split(","))
          .map(String::strip)
          .filter(s -> !s.isEmpty())
          .mapToLong(Long::parseLong)
          .toArray();
    } catch (NumberFormatException e) {
      throw in.fault("has an invalid shape: (" + text + ")", 10);
    }
  }

  boolean objects() {
    return type.endsWith("O");
  }

  /** The numbers of the array; they must fill the file. */
  StoredTensor numbers(ByteSource in) {
    Safetensors.Type element = type.length() < 2 ? null : PyArray.type(type.substring(1));
    if (element == null || "<>=|".indexOf(type.charAt(0)) < 0) {
      throw in.fault("has values of type " + type + ", which is not supported", 10);
    }
    ByteSource values = in.slice("", data, in.size() - data);
    StoredTensor made =
        new StoredTensor(
            element,
            shape,
            columns ? StoredTensor.columnStrides(shape) : StoredTensor.rowStrides(shape),
            values,
            0,
            type.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    if (made.elements() * element.bytes != values.size()) {
      throw in.fault(
          "of shape "
              + Arrays.toString(shape)
              + " and type "
              + type
              + " has "
              + values.size()
              + " bytes of values",
          data);
    }
    return made;
  }
}
