package dev.fizzy.cli;

import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The times of a run's steps, from noise to image. Options that choose some of the times must
 * choose some of these, and not all: otherwise they would change nothing without a word.
 */
final class StepTimes {
  /** Of more times, the first and the last are listed. */
  static final int MOST = 25;

  private final double[] times;

  StepTimes(float... times) {
    this.times = IntStream.range(0, times.length).mapToDouble(i -> times[i]).toArray();
  }

  /**
   * Checks when images get their identity.
   *
   * @param from the time from which on they have it
   * @param when the change below which an image has it before; null for none has
   */
  void checkIdentity(int from, Double when) {
    int without = count(t -> t > from);
    if (without == 0) {
      throw nothing("--identity-from " + from, "no step has a time above it");
    }
    if (when == null && without == times.length) {
      throw new OptionException(
          "--identity-from " + from + " leaves no step for the identity; " + this);
    }
    if (when != null && without < 3) { // two predictions tell the first change
      throw nothing(
          "--identity-when " + when,
          "it can give an image its identity from the third step on, where it has it by"
              + " --identity-from "
              + from);
    }
  }

  /**
   * Checks at which times guidance applies.
   *
   * @param from the largest time with the identity, without which there is no guidance
   */
  void checkGuidance(int first, int last, int from) {
    int guided = guided(first, last, from);
    String option = "--guidance-times " + first + "," + last;
    if (guided == 0) {
      throw new OptionException(option + " leaves no step for guidance; " + this);
    }
    if (guided == withIdentity(from)) {
      String which = guided == times.length ? "every step" : "every step with the identity";
      throw nothing(option, which + " has a time in it");
    }
  }

  /** When images have their identity, for the log; {@link #checkIdentity} accepts the options. */
  String identity(int from, Double when) {
    int with = withIdentity(from);
    return with == 0
        ? "images have their identity by --identity-when alone"
        : "images have their identity from step %d of %d %s"
            .formatted(
                times.length - with + 1, times.length, when == null ? "on" : "at the latest");
  }

  /** The steps with guidance, for the log; {@link #checkGuidance} accepts the options. */
  String guidance(int first, int last, int from) {
    int before = count(t -> t > Math.min(last, from));
    int guided = guided(first, last, from);
    String steps = guided == 1 ? "step " : "steps " + (before + 1) + " to ";
    return "guidance in " + steps + (before + guided) + " of " + times.length;
  }

  /** Steps that have the identity from a time on. */
  private int withIdentity(int from) {
    return count(t -> t <= from);
  }

  /** Steps with guidance, one after the other. */
  private int guided(int first, int last, int from) {
    return count(t -> t >= first && t <= last && t <= from);
  }

  private int count(DoublePredicate of) {
    return (int) DoubleStream.of(times).filter(of).count();
  }

  private OptionException nothing(String option, String reason) {
    return new OptionException(option + " changes nothing: " + reason + "; " + this);
  }

  /** Such as: the 3 steps have the times 999, 666.5, 332. */
  @Override
  public String toString() {
    String all =
        times.length > MOST
            ? text(times[0]) + " down to " + text(times[times.length - 1])
            : DoubleStream.of(times).mapToObj(StepTimes::text).collect(Collectors.joining(", "));
    return times.length == 1
        ? "the only step has the time " + all
        : "the " + times.length + " steps have the times " + all;
  }

  private static String text(double time) {
    if (time == Math.rint(time)) {
      return Long.toString((long) time);
    }
    String text = String.format(Locale.ROOT, "%.1f", time);
    return text.endsWith(".0") ? String.format(Locale.ROOT, "%.2f", time) : text;
  }
}
