package dev.fizzy.engine;

/** Runs one stage of a program repeatedly; owned and closed by the program. */
public interface Replay extends Runnable, AutoCloseable {
  /** Calls one kernel after the other. */
  static Replay inOrder(Runnable[] kernels) {
    return () -> {
      for (int i = 0; i < kernels.length; i++) {
        kernels[i].run();
      }
    };
  }

  @Override
  default void close() {
    // Nothing to release.
  }
}
