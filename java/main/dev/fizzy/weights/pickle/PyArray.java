package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.weights.Safetensors.Type;
import dev.fizzy.weights.StoredTensor;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** A NumPy array, of numbers that stay in the file or of Python objects. */
public final class PyArray {
  /** An element type: {@code O} for objects, or NumPy's letter and number of bytes. */
  static final class DType {
    private final String name;
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;

    DType(String name) {
      this.name = name;
    }

    boolean objects() {
      return name.startsWith("O");
    }

    @Override
    public String toString() {
      return name;
    }

    Type type(Function<String, FileException> fault) {
      Type type = PyArray.type(name);
      if (type == null) {
        throw fault.apply("has an array of type " + Quoted.of(name) + ", which is not read");
      }
      return type;
    }
  }

  private StoredTensor numbers;
  private List<Object> objects;

  PyArray() {}

  /** The element type of NumPy's letter and size, for example f4; null if it is not supported. */
  public static Type type(String name) {
    return switch (name) {
      case "f8" -> Type.F64;
      case "f4" -> Type.F32;
      case "f2" -> Type.F16;
      case "i8" -> Type.I64;
      case "i4" -> Type.I32;
      case "i2" -> Type.I16;
      case "i1" -> Type.I8;
      case "u8" -> Type.U64;
      case "u4" -> Type.U32;
      case "u2" -> Type.U16;
      case "u1" -> Type.U8;
      case "b1", "?" -> Type.BOOL;
      default -> null;
    };
  }

  /** The numbers, or null if the array contains objects. */
  public StoredTensor numbers() {
    return numbers;
  }

  /** The objects in row-major order, or null if the array contains numbers. */
  public List<Object> objects() {
    return objects;
  }

  void numbers(
      long[] shape,
      DType dtype,
      boolean columns,
      ByteSource bytes,
      Function<String, FileException> fault) {
    Type type = dtype.type(fault);
    StoredTensor made =
        new StoredTensor(
            type,
            shape,
            columns ? StoredTensor.columnStrides(shape) : StoredTensor.rowStrides(shape),
            bytes,
            0,
            dtype.order);
    if (made.elements() * type.bytes != bytes.size()) {
      throw fault.apply(
          "has an array of shape "
              + Arrays.toString(shape)
              + " and type "
              + dtype
              + " in "
              + bytes.size()
              + " bytes");
    }
    numbers = made;
  }

  void objects(long[] shape, List<Object> items, Function<String, FileException> fault) {
    long count = 1;
    for (long extent : shape) {
      if (extent < 0 || extent > items.size()) {
        throw fault.apply("has an array of objects of shape " + Arrays.toString(shape));
      }
      count = Math.min(count * extent, Integer.MAX_VALUE);
    }
    if (count != items.size()) {
      throw fault.apply(
          "has an array of " + items.size() + " objects and the shape " + Arrays.toString(shape));
    }
    objects = items;
  }
}
