package dev.fizzy.weights.pickle;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import dev.fizzy.weights.Safetensors.Type;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** The supported names of PyTorch: tensors, parameters, storages. */
final class TorchGlobals {
  private static final Set<String> REBUILD =
      Set.of(
          "_rebuild_tensor",
          "_rebuild_tensor_v2",
          "_rebuild_tensor_v3",
          "_rebuild_parameter",
          "_rebuild_parameter_with_state");
  private static final Set<String> LISTS =
      Set.of("build_intlist", "build_tensorlist", "build_doublelist", "build_boollist");

  boolean knows(PyGlobal global) {
    String name = global.name();
    return switch (global.module()) {
      case "torch._utils" -> REBUILD.contains(name);
      case "torch", "torch.cuda", "torch.storage" ->
          PyStorage.type(name) != null
              || name.equals("Size")
              || name.equals("device")
              || name.equals("Tensor")
              || dtype(name) != null;
      case "torch.jit._pickle" -> LISTS.contains(name) || name.equals("restore_type_tag");
      case "torch._tensor" -> name.equals("_rebuild_from_type_v2");
      case "torch.nn.parameter", "torch.serialization" ->
          name.equals("Parameter") || name.equals("_get_layout");
      default -> false;
    };
  }

  private static Type dtype(String name) {
    return switch (name) {
      case "float64", "double" -> Type.F64;
      case "float32", "float" -> Type.F32;
      case "float16", "half" -> Type.F16;
      case "bfloat16" -> Type.BF16;
      case "int64", "long" -> Type.I64;
      case "int32", "int" -> Type.I32;
      case "int16", "short" -> Type.I16;
      case "int8" -> Type.I8;
      case "uint8" -> Type.U8;
      case "uint16" -> Type.U16;
      case "uint32" -> Type.U32;
      case "uint64" -> Type.U64;
      case "bool" -> Type.BOOL;
      default -> null;
    };
  }

  Object reduce(PyGlobal global, List<Object> args, Function<String, FileException> fault) {
    if (LISTS.contains(global.name()) || global.name().startsWith("_rebuild_parameter")) {
      return first(global, args, fault);
    }
    return switch (global.name()) {
      case "_rebuild_tensor", "_rebuild_tensor_v2" -> tensor(args, null, fault);
      case "_rebuild_tensor_v3" -> {
        if (args.size() < 7
            || !(args.get(6) instanceof PyGlobal named)
            || dtype(named.name()) == null) {
          throw fault.apply("rebuilds a tensor of an unsupported type");
        }
        yield tensor(args, dtype(named.name()), fault);
      }
      case "_rebuild_from_type_v2" -> fromType(args, fault);
      case "restore_type_tag" -> first(global, args, fault);
      case "Size" -> first(global, args, fault);
      case "device" -> new PyTuple(args);
      default -> throw fault.apply("calls " + Quoted.of(global) + ", which is not read");
    };
  }

  private static Object first(
      PyGlobal global, List<Object> args, Function<String, FileException> fault) {
    if (args.isEmpty()) {
      throw fault.apply("calls " + Quoted.of(global) + " with nothing");
    }
    return args.get(0);
  }

  /** Rebuilds a tensor with attributes from (function, class, arguments, state). */
  private Object fromType(List<Object> args, Function<String, FileException> fault) {
    if (args.size() != 4
        || !(args.get(0) instanceof PyGlobal function)
        || !function.module().equals("torch._utils")
        || !(args.get(2) instanceof PyTuple inner)) {
      throw fault.apply("rebuilds a tensor of an unsupported class");
    }
    return reduce(function, inner.items(), fault);
  }

  /** (storage, offset, shape, strides, ...). */
  private static PyTensor tensor(
      List<Object> args, Type type, Function<String, FileException> fault) {
    if (args.size() < 4
        || !(args.get(0) instanceof PyStorage storage)
        || !(args.get(1) instanceof Long offset)) {
      throw fault.apply("rebuilds a tensor from an object that is not a storage");
    }
    long[] shape = longs(args.get(2), fault);
    long[] strides = longs(args.get(3), fault);
    return new PyTensor(storage, type == null ? storage.type() : type, offset, shape, strides);
  }

  static long[] longs(Object value, Function<String, FileException> fault) {
    List<?> items =
        value instanceof PyTuple tuple
            ? tuple.items()
            : value instanceof List<?> list ? list : null;
    if (items == null || items.size() > 64) {
      throw fault.apply("has an invalid shape");
    }
    long[] longs = new long[items.size()];
    for (int i = 0; i < longs.length; i++) {
      if (!(items.get(i) instanceof Long extent)) {
        throw fault.apply("has a shape that is not made of integers");
      }
      longs[i] = extent;
    }
    return longs;
  }
}
