package dev.fizzy.weights;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes plain dicts of f32 tensors as PyTorch's zips, for tests. */
public final class TorchZip {
  private final PickleBytes pickle = new PickleBytes();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private int tensors;

  public TorchZip() {
    entries.put("archive/data.pkl", null);
    pickle.raw('}', '(');
  }

  public TorchZip add(String name, float[] values, int... shape) {
    long[] extents = new long[shape.length];
    for (int i = 0; i < shape.length; i++) {
      extents[i] = shape[i];
    }
    String key = Integer.toString(tensors++);
    pickle.text(name);
    pickle.tensor("FloatStorage", key, values.length, 0, extents, StoredTensor.rowStrides(extents));
    entries.put("archive/data/" + key, Zips.floats(ByteOrder.LITTLE_ENDIAN, values));
    return this;
  }

  public Path write(Path file) throws IOException {
    entries.put("archive/data.pkl", pickle.raw('u').end());
    entries.put("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return Files.write(file, Zips.of(false, entries));
  }
}
