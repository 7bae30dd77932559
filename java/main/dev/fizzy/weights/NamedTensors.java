package dev.fizzy.weights;

import dev.fizzy.file.ByteSource;
import dev.fizzy.weights.pickle.PyArray;
import dev.fizzy.weights.pickle.PyObject;
import dev.fizzy.weights.pickle.PyTensor;
import dev.fizzy.weights.pickle.PyTuple;
import dev.fizzy.weights.pickle.Span;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects the tensors of nested dicts and lists under names with dots. Containers may be cyclic,
 * and settings objects are: an object that is being visited is not entered again, and each object
 * is visited once.
 */
final class NamedTensors {
  private static final int DEPTH = 24;
  private static final int VISITS = 5_000_000;
  private static final int NOTES = 1_000;
  private static final int NOTE = 4_096;
  private static final long NAMES = 64L << 20;

  private final ByteSource source;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Set<Object> entered = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<PyObject> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private int settings; // objects being visited
  private int visits;
  private long names;

  NamedTensors(ByteSource source) {
    this.source = source;
  }

  Map<String, StoredTensor> tensors() {
    return tensors;
  }

  Map<String, String> metadata() {
    return metadata;
  }

  void add(String name, StoredTensor tensor) {
    names += 64 + name.length();
    if (names > NAMES) {
      throw source.fault("has too many tensors", 0);
    }
    if (tensors.put(name, tensor) != null) {
      throw source.fault("has two tensors named " + name, 0);
    }
  }

  void flatten(String name, Object value) {
    flatten(name, value, 0);
  }

  private void flatten(String name, Object value, int depth) {
    if (++visits > VISITS) {
      throw source.fault("holds more than " + VISITS + " values", 0);
    }
    if (value instanceof PyTensor tensor) {
      add(or(name), tensor.stored());
    } else if (value instanceof PyArray array && array.numbers() != null) {
      add(or(name), array.numbers());
    } else if (container(value)) {
      enter(name, value, depth);
    } else {
      note(name, value);
    }
  }

  private static boolean container(Object value) {
    return value instanceof PyArray
        || value instanceof Map
        || value instanceof PyTuple
        || value instanceof List
        || value instanceof PyObject;
  }

  private void enter(String name, Object value, int depth) {
    if (value instanceof PyObject object && !seen.add(object) || !entered.add(value)) {
      return;
    }
    if (depth == DEPTH && settings == 0) {
      throw source.fault("nests its containers deeper than " + DEPTH, 0);
    }
    if (depth < DEPTH) {
      items(name, value, depth);
    }
    entered.remove(value);
  }

  private void items(String name, Object value, int depth) {
    if (value instanceof PyArray array) {
      List<Object> objects = array.objects();
      if (objects != null && objects.size() == 1) {
        flatten(name, objects.get(0), depth + 1);
      } else if (objects != null) {
        list(name, objects, depth);
      }
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> flatten(joined(name, String.valueOf(key)), item, depth + 1));
    } else if (value instanceof PyTuple tuple) {
      list(name, tuple.items(), depth);
    } else if (value instanceof List<?> list) {
      list(name, list, depth);
    } else if (value instanceof PyObject object) {
      settings++;
      flatten(name, object.state(), depth + 1);
      settings--;
    }
  }

  private void list(String name, List<?> items, int depth) {
    for (int i = 0; i < items.size(); i++) {
      flatten(joined(name, Integer.toString(i)), items.get(i), depth + 1);
    }
  }

  private String joined(String name, String part) {
    String joined = name.isEmpty() ? part : name + "." + part;
    names += joined.length() / 8;
    if (joined.length() > NOTE || names > NAMES) {
      throw source.fault("has names that are too long", 0);
    }
    return joined;
  }

  private static String or(String name) {
    return name.isEmpty() ? TensorFile.ARRAY : name;
  }

  private void note(String name, Object value) {
    if (value == null || metadata.size() >= NOTES) {
      return;
    }
    String text =
        value instanceof Span span ? span.size() + " bytes" : String.valueOf(value).strip();
    metadata.put(or(name), text.substring(0, Math.min(NOTE, text.length())));
  }
}
