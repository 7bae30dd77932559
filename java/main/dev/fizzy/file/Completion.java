package dev.fizzy.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Work on a file that runs on another thread, such as forcing it to the disk. */
public final class Completion {
  /** Work that is already done. */
  public static final Completion DONE = new Completion(CompletableFuture.completedFuture(null));

  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "to-disk");
            thread.setDaemon(true);
            return thread;
          });

  /** The work. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  private final CompletableFuture<Void> future;

  private Completion(CompletableFuture<Void> future) {
    this.future = future;
  }

  /** Starts the work on a new thread. */
  public static Completion of(Work work) {
    return new Completion(
        CompletableFuture.runAsync(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            THREADS));
  }

  boolean isDone() {
    return future.isDone();
  }

  /** Waits until the work is done; every call throws its failure. */
  public void await() throws IOException {
    try {
      future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UncheckedIOException failure) {
        throw new IOException(FileException.reason(failure.getCause()), failure.getCause());
      }
      throw e;
    }
  }
}
