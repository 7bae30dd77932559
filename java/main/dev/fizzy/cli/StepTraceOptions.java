package dev.fizzy.cli;

import dev.fizzy.engine.EngineException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Mixin: records some steps of a training. */
final class StepTraceOptions extends TraceOptions {
  private static final Logger log = LoggerFactory.getLogger(StepTraceOptions.class);

  /**
   * Steps, counted from 1, both included.
   *
   * @param first at least 1
   */
  record Steps(long first, long last) {
    /** From "A:B". */
    static Steps parse(String text) {
      if (!text.matches("\\d{1,15}:\\d{1,15}")) {
        throw new EngineException("steps are FIRST:LAST, as 100:120, not " + text);
      }
      String[] parts = text.split(":");
      Steps steps = new Steps(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
      if (steps.first < 1 || steps.last < steps.first) {
        throw new EngineException("steps count from 1 and rise, unlike " + text);
      }
      return steps;
    }
  }

  @Option(
      names = "--profile-steps",
      defaultValue = "11:20",
      paramLabel = "A:B",
      description =
          "With --profile: the steps to record, both included; default: ${DEFAULT-VALUE}.")
  private Steps steps;

  /** Must be called before every step. */
  void starting(long step) {
    if (step == steps.first) {
      start();
    }
  }

  /** Must be called after every step. */
  void finished(long step) {
    if (step == steps.last) {
      close();
    }
  }

  /** Ends a recording that the last step did not end. */
  void end() {
    if (wanted() && !started()) {
      log.warn("no trace was recorded: this run did no step {} of --profile-steps", steps.first);
    }
    close();
  }
}
