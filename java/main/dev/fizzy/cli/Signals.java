package dev.fizzy.cli;

import java.util.Set;
import sun.misc.Signal;

/**
 * Handles SIGINT and SIGTERM. A training finishes its step and saves a checkpoint; other commands
 * exit immediately. The exit code is 128 plus the signal's number.
 */
final class Signals {
  /** First words of the commands that continue an interrupted run. */
  private static final Set<String> RESUMABLE = Set.of("align", "export", "generate", "quickstart");

  private static final int OFFSET = 128;

  private static volatile boolean watched;
  private static volatile int received;

  private Signals() {}

  /**
   * Installs the handlers of this process.
   *
   * @param command first word of the command line
   */
  static void handle(String command) {
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(name), signal -> receive(signal, command));
      } catch (IllegalArgumentException e) {
        // Java was started with -Xrs and handles no signals.
      }
    }
  }

  private static void receive(Signal signal, String command) {
    boolean first = received == 0;
    received = signal.getNumber();
    if (watched && first) {
      System.err.println(
          "fizzy: SIG"
              + signal.getName()
              + ": saving a checkpoint after this step; a second signal exits immediately");
      return;
    }
    System.err.println(
        "fizzy: ended by SIG"
            + signal.getName()
            + (RESUMABLE.contains(command)
                ? "; finished work is kept, run the same command again to continue"
                : ""));
    Runtime.getRuntime().halt(OFFSET + signal.getNumber());
  }

  /** While open, signals only set {@link #received}. */
  static final class Watch implements AutoCloseable {
    Watch() {
      watched = true;
    }

    @Override
    public void close() {
      watched = false;
    }
  }

  static boolean received() {
    return received != 0;
  }

  static int exitCode() {
    return OFFSET + received;
  }
}
