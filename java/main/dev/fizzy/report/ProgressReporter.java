package dev.fizzy.report;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Progress, rate and remaining time of a long task: a bar on a terminal, otherwise a log line every
 * ten seconds. Everything goes to stderr.
 */
public final class ProgressReporter implements AutoCloseable, LongConsumer {
  private static final Logger log = LoggerFactory.getLogger(ProgressReporter.class);
  private static final int TERMINAL_MILLIS = 200;
  private static final int LOG_MILLIS = 10_000;

  private final ProgressBar bar;

  /**
   * @param unit what is counted, in the plural, such as "images"
   * @param total number of items, or -1 if unknown
   * @param done items done before by a run that is resumed
   */
  public ProgressReporter(String task, String unit, long total, long done) {
    boolean terminal = System.console() != null;
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .startsFrom(done, java.time.Duration.ZERO)
            .setUnit(" " + unit, 1)
            .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(terminal ? TERMINAL_MILLIS : LOG_MILLIS);
    if (terminal) {
      builder.setConsumer(
          new ConsoleProgressBarConsumer(
              new PrintStream(new FileOutputStream(FileDescriptor.err))));
    } else {
      builder.setConsumer(
          new DelegatingProgressBarConsumer(line -> log.info("{}", line.strip()), 120));
    }
    bar = builder.build();
  }

  public ProgressReporter(String task, String unit, long total) {
    this(task, unit, total, 0);
  }

  /**
   * Sets the number of items done. Any thread may call it; a lower number than before is ignored.
   */
  @Override
  public synchronized void accept(long done) {
    if (done > bar.getCurrent()) {
      bar.stepTo(done);
    }
  }

  /** Sets a short text after the bar, such as the loss. */
  public void note(String text) {
    bar.setExtraMessage(" " + text); // the bar adds no space before it
  }

  @Override
  public void close() {
    bar.close();
  }
}
