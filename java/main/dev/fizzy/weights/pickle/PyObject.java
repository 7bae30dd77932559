package dev.fizzy.weights.pickle;

/** An object of a class that we do not build: what it was given, and nothing else. */
public final class PyObject {
  private final PyGlobal type;
  private Object state;

  PyObject(PyGlobal type, Object state) {
    this.type = type;
    this.state = state;
  }

  public PyGlobal type() {
    return type;
  }

  /** The arguments or the attributes that the pickle holds of it. */
  public Object state() {
    return state;
  }

  void state(Object given) {
    state = given;
  }
}
