package dev.fizzy.cluster;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Workers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Networks of an executor. Each is lent to one task at a time and computes on a thread of its own;
 * those on the CPU share their weights.
 */
public final class Networks<T extends Workers.Network<T>> implements AutoCloseable {
  private final Function<Device, T> open;
  private final Map<Slot, Deque<Workers<T>>> idle = new HashMap<>();
  private final List<Workers<T>> all = new ArrayList<>();
  private T first;

  /**
   * @param open opens a network for the calling thread
   */
  public Networks(Function<Device, T> open) {
    this.open = open;
  }

  /** Computes on an idle network of a slot, or on a new one. */
  public void lend(Slot slot, Consumer<Workers<T>> work) {
    Workers<T> network = take(slot);
    try {
      work.accept(network);
    } finally {
      giveBack(slot, network);
    }
  }

  private synchronized Workers<T> take(Slot slot) {
    Workers<T> network = idle.computeIfAbsent(slot, s -> new ArrayDeque<>()).poll();
    return network == null ? add(slot) : network;
  }

  private synchronized void giveBack(Slot slot, Workers<T> network) {
    idle.get(slot).push(network);
  }

  private Workers<T> add(Slot slot) {
    boolean cpu = slot.device().equals(Devices.CPU);
    T shared = cpu ? first : null;
    Workers<T> network =
        Workers.on(
            List.of(slot.device()),
            1,
            slot.threads(),
            device -> shared == null ? open.apply(device) : shared.twin());
    if (cpu && first == null) {
      first = network.first();
    }
    all.add(network);
    return network;
  }

  /** Closes the networks, the first last. */
  @Override
  public synchronized void close() {
    for (int i = all.size() - 1; i >= 0; i--) {
      all.get(i).close();
    }
    all.clear();
  }
}
