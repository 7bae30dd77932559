package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import dev.fizzy.weights.Safetensors.Type;
import java.nio.ByteOrder;

/**
 * A storage, of which PyTorch tensors are views. In files from before PyTorch 1.6 its bytes follow
 * after the pickles.
 */
public final class PyStorage {
  private final Type type;
  private final long elements;
  private final ByteOrder order;
  private ByteSource bytes;

  public PyStorage(Type type, long elements, ByteOrder order) {
    this.type = type;
    this.elements = elements;
    this.order = order;
  }

  /** The element type of a PyTorch storage class, or null if it is not supported. */
  public static Type type(String name) {
    return switch (name) {
      case "DoubleStorage" -> Type.F64;
      case "FloatStorage" -> Type.F32;
      case "HalfStorage" -> Type.F16;
      case "BFloat16Storage" -> Type.BF16;
      case "LongStorage" -> Type.I64;
      case "IntStorage" -> Type.I32;
      case "ShortStorage" -> Type.I16;
      case "CharStorage" -> Type.I8;
      case "ByteStorage", "UntypedStorage" -> Type.U8;
      case "BoolStorage" -> Type.BOOL;
      default -> null;
    };
  }

  public Type type() {
    return type;
  }

  public long elements() {
    return elements;
  }

  ByteOrder order() {
    return order;
  }

  ByteSource bytes() {
    if (bytes == null) {
      throw new FileException("the file does not hold the storage of a tensor");
    }
    return bytes;
  }

  /** Sets the bytes of the storage, whose number must match. */
  public PyStorage bytes(ByteSource given) {
    if (elements < 0
        || elements > given.size() / type.bytes
        || elements * type.bytes != given.size()) {
      throw given.fault(
          "holds " + given.size() + " bytes for a storage of " + elements + " of " + type, 0);
    }
    bytes = given;
    return this;
  }
}
