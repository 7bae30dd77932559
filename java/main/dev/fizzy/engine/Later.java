package dev.fizzy.engine;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A value on its way from a device, which may still be computing it.
 *
 * @param ready whether {@link #get} does not wait for the device
 * @param value called once
 */
public record Later<T>(boolean ready, Supplier<T> value) {
  public static <T> Later<T> of(T value) {
    return new Later<>(true, () -> value);
  }

  public static <T> Later<List<T>> all(List<Later<T>> parts) {
    return new Later<>(
        parts.stream().allMatch(Later::ready), () -> parts.stream().map(Later::get).toList());
  }

  /** The value; must be called by the device's thread, once. */
  public T get() {
    return value.get();
  }

  /** What a function makes of the value. */
  public <R> Later<R> map(Function<T, R> function) {
    return new Later<>(ready, () -> function.apply(get()));
  }
}
