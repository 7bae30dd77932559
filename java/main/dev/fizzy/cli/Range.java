package dev.fizzy.cli;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.AnnotatedElement;
import java.util.Collection;
import java.util.List;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Bounds of an option that is a number or a list of numbers, checked before the command runs. NaN
 * and infinity are outside every range.
 */
@Retention(RetentionPolicy.RUNTIME)
@interface Range {
  double min() default Double.NEGATIVE_INFINITY;

  double max() default Double.POSITIVE_INFINITY;

  /** Exclusive lower bound. */
  double above() default Double.NEGATIVE_INFINITY;

  /** Exclusive upper bound. */
  double below() default Double.POSITIVE_INFINITY;

  /** Checks the option values of a parsed command. */
  final class Check {
    private Check() {}

    static void all(CommandSpec command) {
      command.args().forEach(Check::one);
    }

    private static void one(ArgSpec arg) {
      Range range =
          arg.userObject() instanceof AnnotatedElement e ? e.getAnnotation(Range.class) : null;
      if (range == null || arg.getValue() == null) {
        return;
      }
      Object value = arg.getValue();
      for (Object each : value instanceof Collection<?> list ? list : List.of(value)) {
        double number = ((Number) each).doubleValue();
        if (!Double.isFinite(number)
            || number < range.min()
            || number > range.max()
            || number <= range.above()
            || number >= range.below()) {
          throw new ParameterException(
              arg.command().commandLine(),
              OptionTypes.name(arg) + " must be " + words(range) + ", not " + each);
        }
      }
    }

    private static String words(Range range) {
      boolean upper = range.max() < Double.POSITIVE_INFINITY;
      if (range.min() > Double.NEGATIVE_INFINITY) {
        String least = text(range.min());
        return upper
            ? "from " + least + " to " + text(range.max())
            : range.below() < Double.POSITIVE_INFINITY
                ? "at least " + least + " and below " + text(range.below())
                : "at least " + least;
      }
      return range.above() > Double.NEGATIVE_INFINITY
          ? "above " + text(range.above())
          : "a finite number";
    }

    private static String text(double bound) {
      return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
  }
}
