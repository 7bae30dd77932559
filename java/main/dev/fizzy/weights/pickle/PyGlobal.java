package dev.fizzy.weights.pickle;

/** The name of a Python class or function; nothing is looked up or called. */
public record PyGlobal(String module, String name) {
  @Override
  public String toString() {
    return module + "." + name;
  }
}
