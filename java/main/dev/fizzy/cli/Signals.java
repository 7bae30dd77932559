package dev.fizzy.cli;

import java.util.Set;
import sun.misc.Signal;

/**
 * SIGINT and SIGTERM. A training that watches finishes its step and saves a checkpoint; another
 * command ends at once. The exit code is 128 plus the signal's number.
 */
final class Signals {
  /** Commands that continue where they were interrupted, by their first words. */
  private static final Set<String> RESUMABLE = Set.of("align", "export", "generate", "quickstart");

  private static final int OFFSET = 128;

  private static volatile boolean watched;
  private static volatile int received;

  private Signals() {}

  /**
   * Handles the signals of this process.
   *
   * @param command the first word of the command line
   */
  static void handle(String command) {
    for (String name : new String[] {"INT", "TERM"}) {
      try {
        Signal.handle(new Signal(name), signal -> receive(signal, command));
      } catch (IllegalArgumentException e) {
        // Java was told to leave the signals alone (-Xrs).
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
              + ": saving a checkpoint after this step; a second signal ends at once");
      return;
    }
    System.err.println(
        "fizzy: ended by SIG"
            + signal.getName()
            + (RESUMABLE.contains(command)
                ? "; what is written is kept, and the same command goes on from there"
                : ""));
    Runtime.getRuntime().halt(OFFSET + signal.getNumber());
  }

  /** The signals are left to {@link #received} until it is closed. */
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
