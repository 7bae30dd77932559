package dev.fizzy.weights.pickle;

import java.util.List;

/** A Python tuple. Equal only to itself, because tuples may be cyclic. */
public final class PyTuple {
  private final List<Object> items;

  public PyTuple(List<Object> items) {
    this.items = items;
  }

  public List<Object> items() {
    return items;
  }
}
