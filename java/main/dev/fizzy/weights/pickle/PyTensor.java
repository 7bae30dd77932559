package dev.fizzy.weights.pickle;

import dev.fizzy.weights.Safetensors.Type;
import dev.fizzy.weights.StoredTensor;

/**
 * A PyTorch tensor as described in a pickle.
 *
 * @param offset in elements of {@code type}
 */
public record PyTensor(PyStorage storage, Type type, long offset, long[] shape, long[] strides) {

  /** The stored tensor, checked against the bytes of its storage. */
  public StoredTensor stored() {
    if (offset < 0 || offset > storage.bytes().size() / type.bytes) {
      throw storage.bytes().fault("has a tensor that begins at element " + offset, 0);
    }
    return new StoredTensor(
        type, shape, strides, storage.bytes(), offset * type.bytes, storage.order());
  }
}
