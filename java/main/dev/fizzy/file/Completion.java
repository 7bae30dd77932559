package dev.fizzy.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Something that another thread does with a file, forcing it to the disk say. */
public final class Completion {
  /** Nothing to wait for. */
  public static final Completion DONE = new Completion(CompletableFuture.completedFuture(null));

  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "to-disk");
            thread.setDaemon(true);
            return thread;
          });

  /** What is to be done. */
  @FunctionalInterface
  public interface Work {
    void run() throws IOException;
  }

  private final CompletableFuture<Void> future;

  private Completion(CompletableFuture<Void> future) {
    this.future = future;
  }

  /** Begins the work on a thread of its own. */
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

  /** Waits until it is done; a failure comes out here, as often as one asks. */
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
