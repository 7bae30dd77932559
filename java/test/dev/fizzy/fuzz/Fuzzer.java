package dev.fizzy.fuzz;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Drives a parser with damaged files until the time is up. A file may be read or refused with a
 * sentence; anything else thrown, more memory than the bound and more time than the limit are
 * faults. The file of a fault is kept, and belongs among the fixtures once it is mended.
 */
final class Fuzzer {
  private static final Path KEPT = Path.of("target", "fuzz");
  private static final long BYTES = 96L << 20;
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int SEED = 20;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final FuzzTarget target;
  private final Path file;

  Fuzzer(FuzzTarget target, Path folder) {
    this.target = target;
    this.file = folder.resolve(target.name());
  }

  /** What happened to the files. */
  record Tally(long files, long refused) {}

  Tally run(Duration time) throws Exception {
    ExecutorService worker =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "fuzz-" + target.name());
              thread.setDaemon(true);
              return thread;
            });
    try {
      for (byte[] seed : target.seeds()) {
        if (!read(worker, seed)) {
          throw new AssertionError(target.name() + ": a valid file was refused");
        }
      }
      Mutator mutator = new Mutator(SEED, target.seeds());
      long end = System.nanoTime() + time.toNanos();
      long files = 0;
      long refused = 0;
      while (System.nanoTime() < end || files < 100) {
        files++;
        if (!read(worker, mutator.next())) {
          refused++;
        }
      }
      return new Tally(files, refused);
    } finally {
      worker.shutdownNow();
    }
  }

  /** Whether the file was read; false where it was refused with a sentence. */
  private boolean read(ExecutorService worker, byte[] bytes) throws Exception {
    Files.write(file, bytes);
    try {
      return worker.submit(() -> parse(bytes)).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw fault(bytes, "is read for more than " + LIMIT.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AssertionError fault) {
        throw fault;
      }
      throw e;
    }
  }

  private boolean parse(byte[] bytes) throws IOException {
    long before = threads.getCurrentThreadAllocatedBytes();
    boolean read = true;
    try {
      target.parser().parse(file);
    } catch (Throwable e) {
      if (!target.allows(e)) {
        throw fault(bytes, "makes it throw " + e, e);
      }
      String message = e.getMessage();
      if (message == null || message.isBlank()) {
        throw fault(bytes, "is refused without a sentence", e);
      }
      read = false;
    }
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    if (allocated > BYTES + 8L * bytes.length) {
      throw fault(bytes, "makes it allocate " + allocated + " bytes", null);
    }
    return read;
  }

  private AssertionError fault(byte[] bytes, String what, Throwable cause) throws IOException {
    Files.createDirectories(KEPT);
    Path kept = Files.write(KEPT.resolve(target.name()), bytes);
    return new AssertionError(
        "a damaged file " + what + "; it is kept as " + kept.toAbsolutePath(), cause);
  }
}
