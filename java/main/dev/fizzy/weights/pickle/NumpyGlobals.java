package dev.fizzy.weights.pickle;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.weights.TensorReader;
import dev.fizzy.weights.pickle.PyArray.DType;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The supported names of NumPy: arrays, element types, scalars. */
final class NumpyGlobals {
  private static final Set<String> NAMES =
      Set.of("_reconstruct", "ndarray", "dtype", "scalar", "_frombuffer");

  boolean knows(PyGlobal global) {
    return (global.module().equals("numpy")
            || global.module().startsWith("numpy.core.")
            || global.module().startsWith("numpy._core.")
            || global.module().equals("numpy.dtypes"))
        && (NAMES.contains(global.name()) || global.module().equals("numpy.dtypes"));
  }

  Object reduce(PyGlobal global, List<Object> args, Function<String, FileException> fault) {
    return switch (global.name()) {
      case "_reconstruct" -> new PyArray();
      case "dtype" -> dtype(args, fault);
      case "scalar" -> scalar(args, fault);
      case "_frombuffer" -> fromBuffer(args, fault);
      default -> throw fault.apply("calls " + Quoted.of(global) + ", which is not read");
    };
  }

  private static DType dtype(List<Object> args, Function<String, FileException> fault) {
    if (args.isEmpty()) {
      throw fault.apply("has an array type without a name");
    }
    String name =
        args.get(0) instanceof String s
            ? s
            : args.get(0) instanceof Span span && span.size() < 64 ? span.toText() : "of its own";
    return new DType(name.startsWith("<") || name.startsWith("|") ? name.substring(1) : name);
  }

  private static Object scalar(List<Object> args, Function<String, FileException> fault) {
    if (args.size() != 2
        || !(args.get(0) instanceof DType dtype)
        || !(args.get(1) instanceof Span span)) {
      throw fault.apply("has an invalid NumPy scalar");
    }
    PyArray one = new PyArray();
    one.numbers(new long[0], dtype, false, span.bytes(), fault);
    double[] value = new double[1];
    new TensorReader(one.numbers()).next(value);
    return switch (one.numbers().type()) {
      case BOOL -> value[0] != 0;
      case F64, F32, F16, BF16 -> value[0];
      default -> (long) value[0];
    };
  }

  /** numpy.core.numeric._frombuffer(buffer, dtype, shape, order), as written in protocol 5. */
  private static PyArray fromBuffer(List<Object> args, Function<String, FileException> fault) {
    if (args.size() != 4
        || !(args.get(0) instanceof Span span)
        || !(args.get(1) instanceof DType dtype)
        || !(args.get(3) instanceof String order)) {
      throw fault.apply("has an invalid NumPy buffer");
    }
    PyArray array = new PyArray();
    array.numbers(
        TorchGlobals.longs(args.get(2), fault), dtype, order.equals("F"), span.bytes(), fault);
    return array;
  }

  Object build(Object of, Object state, Function<String, FileException> fault) {
    if (!(state instanceof PyTuple tuple)) {
      throw fault.apply("sets the state of an array to what is none");
    }
    List<Object> items = tuple.items();
    if (of instanceof DType dtype) {
      if (items.size() < 3 || items.get(2) != null) {
        throw fault.apply("has an array type of several fields, which is not supported");
      }
      Object order = items.get(1);
      String letter =
          order instanceof Span span && span.size() < 8
              ? span.toText()
              : order instanceof String text ? text : "";
      dtype.order = letter.equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      return dtype;
    }
    PyArray array = (PyArray) of;
    if (items.size() != 5
        || !(items.get(2) instanceof DType dtype)
        || array.numbers() != null
        || array.objects() != null) {
      throw fault.apply("sets the state of an array to what is none");
    }
    long[] shape = TorchGlobals.longs(items.get(1), fault);
    if (dtype.objects()) {
      if (!(items.get(4) instanceof List<?> list)) {
        throw fault.apply("has an array of objects without the objects");
      }
      @SuppressWarnings("unchecked")
      List<Object> objects = (List<Object>) list;
      array.objects(shape, objects, fault);
    } else {
      if (!(items.get(4) instanceof Span data) || data.text()) {
        throw fault.apply("has an array without its bytes");
      }
      array.numbers(shape, dtype, Boolean.TRUE.equals(items.get(3)), data.bytes(), fault);
    }
    return array;
  }
}
