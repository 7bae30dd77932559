package dev.fizzy.weights;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small valid files of every format that tensors are read from. */
final class Samples {
  static final float[] FIRST = {1, 2, 3, 4, 5, 6};
  static final float[] SECOND = {-1, 0.5f};

  private Samples() {}

  /** {"epoch": 7, "net": {"w": [3,2], "t": w transposed, "b": [2]}}; w and t share a storage. */
  static byte[] stateDict() {
    PickleBytes p = new PickleBytes().raw('}', '(').text("epoch").number(7).text("net");
    p.global("collections", "OrderedDict").raw(')', 'R', '(');
    p.text("w").tensor("FloatStorage", "0", 6, 0, new long[] {3, 2}, new long[] {2, 1});
    p.text("t").tensor("FloatStorage", "0", 6, 0, new long[] {2, 3}, new long[] {1, 2});
    p.text("b").tensor("FloatStorage", "1", 2, 0, new long[] {2}, new long[] {1});
    return p.raw('u', 'u').end();
  }

  static byte[] torchZip(ByteOrder order) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", stateDict());
    entries.put(
        "archive/byteorder",
        (order == ByteOrder.BIG_ENDIAN ? "big" : "little").getBytes(StandardCharsets.US_ASCII));
    entries.put("archive/data/0", Zips.floats(order, FIRST));
    entries.put("archive/data/1", Zips.floats(order, SECOND));
    entries.put("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return Zips.of(false, entries);
  }

  static byte[] torchStream() {
    Map<String, float[]> storages = new LinkedHashMap<>();
    storages.put("0", FIRST);
    storages.put("1", SECOND);
    return PickleBytes.stream(stateDict(), storages);
  }

  static byte[] arrays() {
    PickleBytes p = new PickleBytes().raw('}', '(');
    p.text("anna").array("f4", Zips.floats(ByteOrder.LITTLE_ENDIAN, SECOND), 2);
    p.text("ben").array("f4", Zips.floats(ByteOrder.LITTLE_ENDIAN, FIRST), 3, 2);
    return p.raw('u').end();
  }

  /** A list of the textual protocol 0, with every kind of line. */
  static byte[] stateless() {
    return "(lp0\nI7\naI01\naF1.5\naS'it\\'s \\x00'\np1\naVtext\nag1\naL12345678901L\na."
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] npy(String type, String order, String shape, byte[] data) {
    String header =
        "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': (" + shape + "), }";
    header = header + " ".repeat(63 - (header.length() + 10) % 64) + "\n";
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    out.writeBytes("\u0093NUMPY\1\0".getBytes(StandardCharsets.ISO_8859_1));
    out.write(header.length());
    out.write(header.length() >> 8);
    out.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(data);
    return out.toByteArray();
  }

  static byte[] npy() {
    return npy("<f4", "False", "3, 2", Zips.floats(ByteOrder.LITTLE_ENDIAN, FIRST));
  }

  static byte[] npyObjects() {
    PickleBytes p = new PickleBytes();
    p.global("numpy.core.multiarray", "_reconstruct").global("numpy", "ndarray");
    p.numbers(0).bytes(new byte[] {'b'}).raw(0x87, 'R', '(').number(1).numbers();
    p.global("numpy", "dtype").text("O8").number(0).number(1).raw(0x87, 'R', '(').number(3);
    p.text("|").raw('N', 'N', 'N').number(-1).number(-1).number(63).raw('t', 'b', 0x89);
    p.raw(']', '}', '(').text("conv1").raw('}', '(').text("weights");
    p.array("f4", Zips.floats(ByteOrder.LITTLE_ENDIAN, FIRST), 3, 2);
    return npy("|O", "False", "", p.raw('u', 'u', 'a', 't', 'b').end());
  }

  static byte[] npz(boolean deflated) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("x.npy", npy());
    entries.put("t.npy", npy(">f4", "True", "2,", Zips.floats(ByteOrder.BIG_ENDIAN, SECOND)));
    return Zips.of(deflated, entries);
  }

  static byte[] safetensors(Path folder) throws IOException {
    Path file = folder.resolve("made.safetensors");
    Safetensors.write(
        file,
        Map.of("k", "v"),
        List.of(Safetensors.Entry.f32("w", FIRST, 3, 2), Safetensors.Entry.f32("b", SECOND, 2)));
    return Files.readAllBytes(file);
  }
}
