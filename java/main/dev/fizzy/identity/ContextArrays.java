package dev.fizzy.identity;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Memory;
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

  /**
   * A row an identity: [identities, width], with extents of 1 in between or behind, or one vector.
   */
  static float[][] matrix(TensorFile in, StoredTensor array) {
    long[] shape = array.shape();
    int count = shape.length < 2 ? 1 : Math.toIntExact(shape[0]);
    long wide = Arrays.stream(shape).skip(1).filter(extent -> extent != 1).count();
    if (shape.length == 0 || wide > 1) {
      throw new FileException(
          in.path()
              + " has an array of shape "
              + Arrays.toString(shape)
              + ", which is not a matrix with one row per identity");
    }
    return rows(in, array, count);
  }

  private static float[][] rows(TensorFile in, StoredTensor matrix) {
    return rows(in, matrix, (int) matrix.shape()[0]);
  }

  private static float[][] rows(TensorFile in, StoredTensor matrix, int count) {
    Memory.require(
        count + " rows of numbers in " + in.path(), 2.0 * Float.BYTES * matrix.elements());
    float[] values = matrix.floats();
    int width = count == 0 ? 0 : values.length / count;
    if (width == 0) {
      throw new FileException(in.path() + " holds no contexts: it is empty");
    }
    float[][] rows = new float[count][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }
    return rows;
  }
}
