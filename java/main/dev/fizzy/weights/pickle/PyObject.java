package dev.fizzy.weights.pickle;

/** An object of a class that is not built; only its state is kept. */
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

  /** The arguments or attributes of the object in the pickle. */
  public Object state() {
    return state;
  }

  void state(Object given) {
    state = given;
  }
}
