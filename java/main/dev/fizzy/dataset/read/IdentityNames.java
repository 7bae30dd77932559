package dev.fizzy.dataset.read;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The names that occur in a set, numbered in their order: all numbers ascending, else all as text.
 */
public final class IdentityNames {
  /** Digits of a number that fits into a long. */
  private static final int DIGITS = 18;

  private final Map<String, Integer> codes = new HashMap<>();
  private final List<String> names = new ArrayList<>();

  /** The code of a name, numbered by first occurrence. */
  public int code(String name) {
    Integer code = codes.putIfAbsent(name, names.size());
    if (code == null) {
      names.add(name);
      return names.size() - 1;
    }
    return code;
  }

  /** The name with a code. */
  public String name(int code) {
    return names.get(code);
  }

  private boolean areNumbers() {
    return names.stream().allMatch(IdentityNames::isNumber);
  }

  public static boolean isNumber(String name) {
    return !name.isEmpty()
        && name.length() <= DIGITS
        && name.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** The names in order; numbers have at least six digits. */
  public List<String> sorted() {
    boolean numbers = areNumbers();
    return IntStream.of(order())
        .mapToObj(names::get)
        .map(name -> numbers ? String.format("%06d", Long.parseLong(name)) : name)
        .toList();
  }

  /** The position of each code in {@link #sorted}. */
  public int[] positions() {
    int[] order = order();
    int[] positions = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      positions[order[i]] = i;
    }
    return positions;
  }

  private int[] order() {
    Comparator<Integer> byName =
        areNumbers()
            ? Comparator.comparingLong(code -> Long.parseLong(names.get(code)))
            : Comparator.comparing(names::get);
    Integer[] order = IntStream.range(0, names.size()).boxed().toArray(Integer[]::new);
    Arrays.sort(order, byName);
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
