package dev.fizzy.report;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongConsumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Progress, rate and remaining time of a long task: a bar on a terminal, otherwise a log line every
 * ten seconds and one at the end. Everything goes to stderr.
 */
public final class ProgressReporter implements AutoCloseable, LongConsumer {
  private static final Logger log = LoggerFactory.getLogger(ProgressReporter.class);
  private static final int TERMINAL_MILLIS = 200;
  private static final long LINE_NANOS = 10_000_000_000L;

  private final String task;
  private final String unit;
  private final long total;
  private final long before;
  private final long begin = System.nanoTime();

  /** Null if lines are logged. */
  private final ProgressBar bar;

  private long done;
  private String note = "";
  private long lastLine = begin;

  /**
   * @param unit what is counted, in the plural, such as "images"
   * @param total number of items, or -1 if unknown
   * @param done items done before by a run that is resumed
   */
  public ProgressReporter(String task, String unit, long total, long done) {
    this.task = task;
    this.unit = unit;
    this.total = total;
    this.before = done;
    this.done = done;
    this.bar = System.console() != null && log.isInfoEnabled() ? bar() : null;
  }

  public ProgressReporter(String task, String unit, long total) {
    this(task, unit, total, 0);
  }

  private ProgressBar bar() {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .startsFrom(before, Duration.ZERO)
        .setUnit(" " + unit, 1)
        .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(TERMINAL_MILLIS)
        .setConsumer(
            new ConsoleProgressBarConsumer(
                new PrintStream(new FileOutputStream(FileDescriptor.err))))
        .build();
  }

  /**
   * Sets the number of items done. Any thread may call it; a lower number than before is ignored.
   */
  @Override
  public synchronized void accept(long done) {
    if (done <= this.done) {
      return;
    }
    this.done = done;
    if (bar != null) {
      bar.stepTo(done);
    } else if (System.nanoTime() - lastLine >= LINE_NANOS && done != total) {
      lastLine = System.nanoTime();
      log.info("{}", line(lastLine - begin));
    }
  }

  /** Sets a short text after the progress, such as the loss. */
  public synchronized void note(String text) {
    note = text;
    if (bar != null) {
      bar.setExtraMessage(" " + text); // the bar adds no space before it
    }
  }

  /** "embed: 30 of 120 faces (25 %), 7.5 faces/s, 12 s left, loss 0.1". */
  private String line(long nanos) {
    StringBuilder line = new StringBuilder(task).append(": ").append(done);
    if (total >= 0) {
      line.append(" of ").append(total);
    }
    line.append(' ').append(unit);
    if (total > 0) {
      line.append(" (").append(100 * done / total).append(" %)");
    }
    double rate = (done - before) / (Math.max(1, nanos) / 1e9);
    if (done > before) {
      line.append(String.format(Locale.ROOT, ", %.1f %s/s", rate, unit));
    }
    if (done > before && done < total) {
      line.append(", ").append(left((long) ((total - done) / rate))).append(" left");
    }
    return line.append(note.isEmpty() ? "" : ", " + note).toString();
  }

  private static String left(long seconds) {
    return seconds < 120
        ? seconds + " s"
        : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }

  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
    } else {
      log.info("{}", line(System.nanoTime() - begin));
    }
  }
}
