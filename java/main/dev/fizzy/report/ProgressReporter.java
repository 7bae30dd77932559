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
 * How far a long task is, how fast it goes and when it will be done: a bar on a terminal, a line
 * now and then elsewhere. Everything goes to stderr.
 */
public final class ProgressReporter implements AutoCloseable, LongConsumer {
  private static final Logger log = LoggerFactory.getLogger(ProgressReporter.class);
  private static final int TERMINAL_MILLIS = 200;
  private static final int LOG_MILLIS = 10_000;

  private final ProgressBar bar;

  /**
   * @param unit what is counted, in the plural: "images", say
   * @param total how many there are to do, or -1
   * @param done how many were done before, by a run that is resumed
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

  /** So many are done in all; may be called from any thread, out of order. */
  @Override
  public synchronized void accept(long done) {
    if (done > bar.getCurrent()) {
      bar.stepTo(done);
    }
  }

  /** A few words behind the bar: the loss, say. */
  public void note(String text) {
    bar.setExtraMessage(" " + text); // the bar puts nothing between its rate and this
  }

  @Override
  public void close() {
    bar.close();
  }
}
