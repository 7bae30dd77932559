package dev.fizzy.weights.pickle;

import dev.fizzy.file.ByteSource;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Quoted;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Reads Python pickles, protocols 0 to 5 (PEP 3154, PEP 574), from untrusted files. Plain
 * containers, arrays and tensors are built; every other name is rejected, or kept as an inert
 * {@link PyObject} if {@link PyGlobals} lists it. No code is ever called. A budget limits memory
 * use, byte strings stay in the file, errors are reported with their offset, and arrays of
 * gigabytes are never copied; no general library does this.
 *
 * <p>None becomes null; integers Long or BigInteger; str String; bytes {@link Span}; dict
 * LinkedHashMap; list and set ArrayList; tuple {@link PyTuple}; arrays {@link PyArray}; tensors
 * {@link PyTensor}.
 */
public final class PickleReader {
  /** Longer texts stay in the file. */
  static final int TEXT = 1 << 16;

  private static final int PROTOCOL = 5;
  private static final int LONG_BYTES = 1024;
  private static final int KEY_DEPTH = 4;

  /** Longest dict key made from a tuple, in characters. */
  private static final int KEY = 4_096;

  /** Resolves the persistent ids of a PyTorch file. */
  @FunctionalInterface
  public interface Persistent {
    /**
     * @throws FileException if the id is unknown
     */
    Object load(Object id);
  }

  private final PickleInput in;
  private final Persistent persistent;
  private final Budget budget;
  private final PyGlobals globals;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();
  private long opcodeAt;

  private PickleReader(ByteSource source, long at, Persistent persistent) {
    this.in = new PickleInput(source, at);
    this.persistent = persistent;
    this.budget = new Budget(source);
    this.globals = new PyGlobals(budget);
  }

  /** The value of a pickle, and the offset after it. */
  public record Result(Object value, long end) {}

  public static Object read(ByteSource source) {
    return read(source, 0, null).value();
  }

  /**
   * @param persistent null if persistent ids are not allowed
   */
  public static Result read(ByteSource source, long at, Persistent persistent) {
    PickleReader reader = new PickleReader(source, at, persistent);
    return new Result(reader.run(), reader.in.at());
  }

  private Object run() {
    while (true) {
      opcodeAt = in.at();
      int opcode = in.u1();
      budget.charge(8, opcodeAt);
      if (opcode == '.') {
        Object value = pop();
        if (!stack.isEmpty() || !marks.isEmpty()) {
          throw fault("ends with " + stack.size() + " values left over");
        }
        return value;
      }
      step(opcode);
    }
  }

  private FileException fault(String what) {
    return in.fault(what, opcodeAt);
  }

  private void step(int opcode) {
    switch (opcode) {
      case 0x80 -> protocol();
      case 0x95 -> in.i8(); // the length of a frame is ignored
      case '(' -> marks.add(stack.size());
      case '0' -> pop();
      case '1' -> mark();
      case '2' -> push(top());
      case 'N' -> push(null);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'K' -> number((long) in.u1());
      case 'M' -> number((long) in.u2());
      case 'J' -> number((long) in.i4());
      case 0x8a -> push(integer(in.bytes(in.u1(), LONG_BYTES)));
      case 0x8b -> push(integer(in.bytes(in.i4() & 0xffffffffL, LONG_BYTES)));
      case 'G' -> number(in.f8());
      case 'I' -> push(PickleText.integer(in.line(), this::fault, true));
      case 'L' -> push(PickleText.integer(in.line().replaceFirst("L$", ""), this::fault, false));
      case 'F' -> push(PickleText.real(in.line(), this::fault));
      case 'S' ->
          bytes(Latin1.bytes(PickleText.quoted(in.latin1(), this::fault), budget, this::fault));
      case 'V' -> string(PickleText.escaped(in.latin1(), this::fault));
      case 'T' -> bytes(in.span(in.i4(), false));
      case 'U' -> bytes(in.span(in.u1(), false));
      case 'B' -> bytes(in.span(in.i4() & 0xffffffffL, false));
      case 'C' -> bytes(in.span(in.u1(), false));
      case 0x8e, 0x96 -> bytes(in.span(in.i8(), false));
      case 0x8c -> text(in.span(in.u1(), true));
      case 'X' -> text(in.span(in.i4() & 0xffffffffL, true));
      case 0x8d -> text(in.span(in.i8(), true));
      case ')' -> tuple(List.of());
      case 0x85 -> tuple(popped(1));
      case 0x86 -> tuple(popped(2));
      case 0x87 -> tuple(popped(3));
      case 't' -> tuple(mark());
      case ']', 0x8f -> list(List.of());
      case 'l', 0x91 -> list(mark());
      case '}' -> dict(List.of());
      case 'd' -> dict(mark());
      case 'a' -> append(popped(1));
      case 'e', 0x90 -> append(mark());
      case 's' -> setItems(popped(2));
      case 'u' -> setItems(mark());
      case 'c' -> global(in.line(), in.line());
      case 0x93 -> {
        List<Object> names = popped(2);
        global(name(names.get(0)), name(names.get(1)));
      }
      case 'R', 0x81 -> {
        Object arguments = pop();
        reduce(pop(), arguments);
      }
      case 0x92 -> {
        Object keywords = pop();
        Object arguments = pop();
        if (!(keywords instanceof Map<?, ?> map) || !map.isEmpty()) {
          throw fault("makes an object with keywords");
        }
        reduce(pop(), arguments);
      }
      case 'b' -> {
        Object state = pop();
        stack.set(stack.size() - 1, globals.build(top(), state, this::fault));
      }
      case 'P' -> push(load(in.line()));
      case 'Q' -> push(load(pop()));
      case 'p' -> put(PickleText.index(in.line(), this::fault));
      case 'q' -> put(in.u1());
      case 'r' -> put(in.i4() & 0xffffffffL);
      case 0x94 -> put(memo.size());
      case 'g' -> get(PickleText.index(in.line(), this::fault));
      case 'h' -> get(in.u1());
      case 'j' -> get(in.i4() & 0xffffffffL);
      default ->
          throw fault(
              String.format("has the pickle opcode 0x%02x, which is unknown or not read", opcode));
    }
  }

  private void protocol() {
    int version = in.u1();
    if (version > PROTOCOL) {
      throw fault("is a pickle of protocol " + version + "; 0 to " + PROTOCOL + " are read");
    }
  }

  private void push(Object value) {
    stack.add(value);
  }

  private void number(Object value) {
    budget.charge(24, opcodeAt);
    push(value);
  }

  private Object integer(byte[] littleEndian) {
    budget.charge(24 + littleEndian.length, opcodeAt);
    byte[] bytes = littleEndian.length == 0 ? new byte[1] : littleEndian;
    for (int i = 0; i < bytes.length / 2; i++) {
      byte b = bytes[i];
      bytes[i] = bytes[bytes.length - 1 - i];
      bytes[bytes.length - 1 - i] = b;
    }
    BigInteger value = new BigInteger(bytes);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private void string(String text) {
    budget.charge(64 + 2L * text.length(), opcodeAt);
    push(text);
  }

  private void bytes(Span span) {
    budget.charge(96, opcodeAt);
    push(span);
  }

  /** Decodes text that stayed in the file. */
  private String decoded(Span span) {
    budget.charge(64 + 2 * span.size(), opcodeAt);
    return span.toText();
  }

  private void text(Span span) {
    if (span.size() <= TEXT) {
      string(span.toText());
    } else {
      bytes(span);
    }
  }

  private void tuple(List<Object> items) {
    budget.charge(64 + 8L * items.size(), opcodeAt);
    push(new PyTuple(items));
  }

  private void list(List<Object> items) {
    budget.charge(64 + 8L * items.size(), opcodeAt);
    push(new ArrayList<>(items));
  }

  private void dict(List<Object> items) {
    budget.charge(128, opcodeAt);
    push(new LinkedHashMap<>());
    setItems(items);
  }

  private Object top() {
    if (stack.isEmpty() || !marks.isEmpty() && stack.size() <= marks.get(marks.size() - 1)) {
      throw fault("takes a value from an empty stack");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private List<Object> popped(int n) {
    int mark = marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    if (stack.size() - mark < n) {
      throw fault("takes " + n + " values from a stack of " + (stack.size() - mark));
    }
    return cut(stack.size() - n);
  }

  /** Pops everything since the last mark. */
  private List<Object> mark() {
    if (marks.isEmpty()) {
      throw fault("takes values up to a mark that was not set");
    }
    return cut(marks.remove(marks.size() - 1));
  }

  private List<Object> cut(int from) {
    List<Object> tail = stack.subList(from, stack.size());
    List<Object> values = Arrays.asList(tail.toArray());
    tail.clear();
    return values;
  }

  private void append(List<Object> values) {
    if (!(top() instanceof List<?>)) {
      throw fault("appends to an object that is not a list");
    }
    @SuppressWarnings("unchecked")
    List<Object> list = (List<Object>) top();
    budget.charge(8L * values.size(), opcodeAt);
    list.addAll(values);
  }

  private void setItems(List<Object> pairs) {
    if (pairs.size() % 2 != 0) {
      throw fault("sets " + pairs.size() + " keys and values");
    }
    if (top() instanceof PyObject) {
      return; // items of an inert object
    }
    if (!(top() instanceof Map<?, ?>)) {
      throw fault("sets items of an object that is not a dict");
    }
    @SuppressWarnings("unchecked")
    Map<Object, Object> map = (Map<Object, Object>) top();
    for (int i = 0; i < pairs.size(); i += 2) {
      budget.charge(64, opcodeAt);
      Object key = key(pairs.get(i), 0);
      if (map.containsKey(key)) {
        throw fault("has the key " + Quoted.of(key) + " twice in one dict");
      }
      map.put(key, pairs.get(i + 1));
    }
  }

  private Object key(Object key, int depth) {
    if (key instanceof Span span) {
      return decoded(span);
    }
    if (key instanceof PyTuple tuple && depth < KEY_DEPTH) {
      return key(tuple, depth);
    }
    if (key == null
        || key instanceof String
        || key instanceof Number
        || key instanceof Boolean
        || key instanceof PyGlobal) {
      return key;
    }
    throw fault("has a dict with a key of an unsupported type");
  }

  /** A tuple as Python prints it; limited, because each opcode can double nested tuples. */
  private String key(PyTuple tuple, int depth) {
    StringJoiner text = new StringJoiner(", ", "[", "]");
    for (Object item : tuple.items()) {
      String part = String.valueOf(key(item, depth + 1));
      budget.charge(64 + 2L * part.length(), opcodeAt);
      text.add(part);
      if (text.length() > KEY) {
        throw fault("has a dict with a key of more than " + KEY + " characters");
      }
    }
    return text.toString();
  }

  private String name(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Span span) {
      return decoded(span);
    }
    throw fault("names a class by an object that is not text");
  }

  private void global(String module, String name) {
    budget.charge(64, opcodeAt);
    push(globals.named(module, name, this::fault));
  }

  private void reduce(Object callable, Object arguments) {
    if (!(callable instanceof PyGlobal global) || !(arguments instanceof PyTuple tuple)) {
      throw fault("calls an object that is not a known class");
    }
    budget.charge(128, opcodeAt);
    push(globals.reduce(global, tuple.items(), this::fault));
  }

  private Object load(Object id) {
    if (persistent == null) {
      throw fault("refers to a persistent object outside the pickle");
    }
    budget.charge(128, opcodeAt);
    return persistent.load(id);
  }

  private void put(long index) {
    budget.charge(64, opcodeAt);
    memo.put(index, top());
  }

  private void get(long index) {
    if (!memo.containsKey(index)) {
      throw fault("asks for memo " + index + ", which was not set");
    }
    push(memo.get(index));
  }
}
