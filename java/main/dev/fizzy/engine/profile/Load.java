package dev.fizzy.engine.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How busy the machine was with other work while something was measured.
 *
 * @param others share of the processors that other processes used, 0 to 1; NaN if unknown
 * @param steal share that the hypervisor gave to other machines, 0 to 1; NaN if unknown
 * @param average the load average of the last minute, which includes this process
 */
public record Load(double others, double steal, double average) {
  private static final double OTHERS_LIMIT = .05;
  private static final double STEAL_LIMIT = .02;

  private static final Path MACHINE = Path.of("/proc/stat");
  private static final Path PROCESS = Path.of("/proc/self/stat");
  private static final Path AVERAGE = Path.of("/proc/loadavg");

  /** Whether times measured meanwhile are too long to compare with others. */
  public boolean busy() {
    return others > OTHERS_LIMIT || steal > STEAL_LIMIT;
  }

  /** For example "other processes used 43 % of the processors, steal 0 %, load average 3.1". */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "other processes used %.0f %% of the processors, steal %.0f %%, load average %.1f",
        100 * others,
        100 * steal,
        average);
  }

  /** Observes the load from its creation on. */
  static final class Watch {
    private final Ticks begin = Ticks.of(read(MACHINE), read(PROCESS));

    /** The load so far. */
    Load load() {
      double average = number(read(AVERAGE).split(" ")[0]);
      return Ticks.of(read(MACHINE), read(PROCESS)).since(begin, average);
    }

    private static String read(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        return ""; // the load is then unknown
      }
    }
  }

  /**
   * Clock ticks since the start of the machine.
   *
   * @param total of all processors
   * @param used by any process
   * @param steal given to other machines
   * @param own used by this process
   */
  record Ticks(double total, double used, double steal, double own) {
    private static final List<String> NAMES =
        List.of("cpu", "user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal");

    /** From the texts of /proc/stat and /proc/self/stat. */
    static Ticks of(String machine, String process) {
      String[] fields = machine.split("\\R")[0].split(" +");
      double total = 0;
      double idle = 0;
      double steal = 0;
      for (int i = 1; i < Math.min(NAMES.size(), fields.length); i++) {
        double ticks = number(fields[i]);
        total += ticks;
        idle += NAMES.get(i).matches("idle|iowait") ? ticks : 0;
        steal += NAMES.get(i).equals("steal") ? ticks : 0;
      }
      // After the name in parentheses: state, 10 numbers, utime, stime.
      String[] own = process.substring(process.lastIndexOf(')') + 1).strip().split(" ");
      double used = own.length > 12 ? number(own[11]) + number(own[12]) : Double.NaN;
      return new Ticks(total, total - idle - steal, steal, used);
    }

    Load since(Ticks begin, double average) {
      double all = total - begin.total;
      double others = used - begin.used - (own - begin.own);
      return all > 0
          ? new Load(Math.max(0, others) / all, (steal - begin.steal) / all, average)
          : new Load(Double.NaN, Double.NaN, average);
    }
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
