package dev.fizzy.engine;

/** What runs one stage of a program again; it belongs to the program, which closes it. */
public interface Replay extends Runnable, AutoCloseable {
  /** One kernel after the other, each called from here. */
  static Replay inOrder(Runnable[] kernels) {
    return () -> {
      for (int i = 0; i < kernels.length; i++) {
        kernels[i].run();
      }
    };
  }

  @Override
  default void close() {
    // Nothing is held.
  }
}
