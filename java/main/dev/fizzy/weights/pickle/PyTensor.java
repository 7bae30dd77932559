package dev.fizzy.weights.pickle;

import dev.fizzy.weights.Safetensors.Type;
import dev.fizzy.weights.StoredTensor;

/**
 * A torch tensor as its pickle tells it.
 *
 * @param offset in elements of {@code type}
 */
public record PyTensor(PyStorage storage, Type type, long offset, long[] shape, long[] strides) {

  /** The tensor in its storage; checked against the storage's bytes. */
  public StoredTensor stored() {
    if (offset < 0 || offset > storage.bytes().size() / type.bytes) {
      throw storage.bytes().fault("has a tensor that begins at element " + offset, 0);
    }
    return new StoredTensor(
        type, shape, strides, storage.bytes(), offset * type.bytes, storage.order());
  }
}
