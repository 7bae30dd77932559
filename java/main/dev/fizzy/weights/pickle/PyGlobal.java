package dev.fizzy.weights.pickle;

/** The name of a Python class or function. Nothing of that name exists here, nothing is called. */
public record PyGlobal(String module, String name) {
  @Override
  public String toString() {
    return module + "." + name;
  }
}
