package dev.fizzy.weights.pickle;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The names that a pickle may use. Plain containers, arrays and tensors are built; classes of
 * training frameworks, which contain settings and not weights, become inert objects; all other
 * names are rejected.
 */
final class PyGlobals {
  private static final Set<String> PLAIN =
      Set.of(
          "collections.OrderedDict",
          "collections.defaultdict",
          "_codecs.encode",
          "copy_reg._reconstructor",
          "copyreg._reconstructor");

  private static final Set<String> BUILTINS =
      Set.of(
          "list",
          "tuple",
          "dict",
          "set",
          "frozenset",
          "bytes",
          "bytearray",
          "object",
          "int",
          "float",
          "str",
          "bool",
          "unicode",
          "long",
          "complex");

  /** Modules whose classes contain settings in checkpoints; their objects are inert. */
  private static final List<String> INERT =
      List.of(
          "pytorch_lightning.",
          "lightning.",
          "lightning_fabric.",
          "omegaconf.",
          "argparse.Namespace",
          "pathlib.",
          "typing.",
          "enum.",
          "torch.optim.",
          "__torch__.");

  private final Budget budget;
  private final NumpyGlobals numpy;
  private final TorchGlobals torch = new TorchGlobals();

  PyGlobals(Budget budget) {
    this.budget = budget;
    this.numpy = new NumpyGlobals();
  }

  PyGlobal named(String module, String name, Function<String, FileException> fault) {
    PyGlobal global = new PyGlobal(module, name);
    if (!builtin(global)
        && !PLAIN.contains(global.toString())
        && !numpy.knows(global)
        && !torch.knows(global)
        && !inert(global)) {
      throw fault.apply(
          "asks for "
              + Quoted.of((module + "." + name).strip())
              + ", which is not a tensor, array or plain container; no code was run. "
              + "Save only a state dict");
    }
    return global;
  }

  private static boolean builtin(PyGlobal global) {
    return (global.module().equals("builtins") || global.module().equals("__builtin__"))
        && BUILTINS.contains(global.name());
  }

  private static boolean inert(PyGlobal global) {
    String name = global.toString();
    return INERT.stream().anyMatch(name::startsWith);
  }

  Object reduce(PyGlobal global, List<Object> args, Function<String, FileException> fault) {
    if (numpy.knows(global)) {
      return numpy.reduce(global, args, fault);
    }
    if (torch.knows(global)) {
      return torch.reduce(global, args, fault);
    }
    if (inert(global)) {
      return new PyObject(global, new PyTuple(args));
    }
    return switch (global.name()) {
      case "OrderedDict", "dict" -> dict(args, fault);
      case "defaultdict" -> new LinkedHashMap<>();
      case "list", "set", "frozenset" -> new ArrayList<>(items(args, fault));
      case "tuple" -> new PyTuple(items(args, fault));
      case "encode" -> encode(args, fault);
      case "bytes", "bytearray" -> bytes(args, fault);
      case "_reconstructor" -> reconstruct(args, fault);
      default -> throw fault.apply("calls " + Quoted.of(global) + ", which is not read");
    };
  }

  private Map<Object, Object> dict(List<Object> args, Function<String, FileException> fault) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (Object pair : items(args, fault)) {
      List<Object> two =
          pair instanceof PyTuple tuple
              ? tuple.items()
              : pair instanceof List<?> l ? copy(l) : null;
      if (two == null || two.size() != 2 || !(two.get(0) instanceof String key)) {
        throw fault.apply("makes a dict from objects that are not pairs");
      }
      if (map.put(key, two.get(1)) != null) {
        throw fault.apply("has the key " + Quoted.of(key) + " twice in one dict");
      }
    }
    return map;
  }

  private static List<Object> copy(List<?> list) {
    return new ArrayList<>(list);
  }

  private List<Object> items(List<Object> args, Function<String, FileException> fault) {
    if (args.isEmpty()) {
      return List.of();
    }
    Object first = args.get(0);
    List<Object> items =
        first instanceof PyTuple tuple
            ? tuple.items()
            : first instanceof List<?> l ? copy(l) : null;
    if (items == null || args.size() > 1) {
      throw fault.apply("makes a container from an object that is not one");
    }
    budget.charge(64L * items.size(), 0);
    return items;
  }

  /** Python 3 writes bytes in protocol 2 as text in which each character is a byte. */
  private Span encode(List<Object> args, Function<String, FileException> fault) {
    boolean latin =
        args.size() == 2
            && args.get(1) instanceof String code
            && (code.equals("latin1") || code.equals("latin-1"));
    if (!latin) {
      throw fault.apply("encodes text with another encoding than latin1");
    }
    return Latin1.bytes(args.get(0), budget, fault);
  }

  private Span bytes(List<Object> args, Function<String, FileException> fault) {
    if (args.isEmpty()) {
      return Latin1.bytes("", budget, fault);
    }
    if (args.get(0) instanceof Span span && !span.text()) {
      return span;
    }
    if (args.get(0) instanceof String text && args.size() == 2) {
      return encode(args, fault);
    }
    throw fault.apply("makes bytes from an object that is not bytes");
  }

  private static Object reconstruct(List<Object> args, Function<String, FileException> fault) {
    if (args.isEmpty() || !(args.get(0) instanceof PyGlobal type) || !inert(type)) {
      throw fault.apply("reconstructs an object that is not read");
    }
    return new PyObject(type, null);
  }

  /** Applies a state, like Python's __setstate__. */
  Object build(Object of, Object state, Function<String, FileException> fault) {
    if (of instanceof PyArray || of instanceof PyArray.DType) {
      return numpy.build(of, state, fault);
    }
    if (of instanceof PyObject object) {
      object.state(state);
      return object;
    }
    if (of instanceof Map<?, ?>) {
      return of; // attributes of a state dict: versions of its modules
    }
    throw fault.apply("sets the state of an object without one");
  }
}
