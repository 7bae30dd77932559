package dev.fizzy.identity;

import dev.fizzy.file.FileException;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Contexts in files of other programs: a dict of name to vector, as in IDiff-Face's PyTorch
 * pickles, or one matrix with a row per identity.
 */
final class ContextArrays {
  private static final String MATRIX = "contexts";

  private ContextArrays() {}

  static Contexts of(TensorFile in) {
    Map<String, StoredTensor> tensors = in.tensors();
    if (tensors.isEmpty()) {
      throw new FileException(in.path() + " (" + in.format() + ") contains no arrays");
    }
    StoredTensor only =
        tensors.size() == 1 ? tensors.values().iterator().next() : tensors.get(MATRIX);
    if (only != null && only.shape().length == 2 && (only.shape()[0] != 1 || unnamed(in))) {
      return Contexts.numbered(rows(in, only));
    }
    List<String> names = new ArrayList<>();
    List<float[]> vectors = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          long[] shape = tensor.shape();
          boolean vector = shape.length == 1 || shape.length == 2 && shape[0] == 1;
          if (!vector) {
            throw new FileException(
                in.path()
                    + ": array "
                    + name
                    + " has shape "
                    + Arrays.toString(shape)
                    + "; expected one vector per identity, or one matrix");
          }
          names.add(name);
          vectors.add(tensor.floats());
        });
    return new Contexts(names, vectors.toArray(float[][]::new));
  }

  private static boolean unnamed(TensorFile in) {
    return in.names().equals(Set.of(TensorFile.ARRAY)) || in.names().equals(Set.of(MATRIX));
  }

  private static float[][] rows(TensorFile in, StoredTensor matrix) {
    float[] values = matrix.floats();
    int width = (int) matrix.shape()[1];
    if (width == 0) {
      throw new FileException(in.path() + " contains contexts of width 0");
    }
    float[][] rows = new float[(int) matrix.shape()[0]][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }
    return rows;
  }
}
