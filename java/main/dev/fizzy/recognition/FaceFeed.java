package dev.fizzy.recognition;

import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.engine.profile.Trace;
import dev.fizzy.image.Rgb;
import dev.fizzy.recognition.augment.RandAugment;
import dev.fizzy.training.Epochs;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Training batches, decoded and augmented in advance by worker threads. A batch depends only on the
 * seed and the step, not on the number of threads.
 */
public final class FaceFeed implements AutoCloseable {
  private static final int AHEAD = 3;

  /**
   * @param images RGB, [B,S,S,3]
   * @param labels number of each face's identity, [B]
   */
  public record Batch(byte[] images, int[] labels) {}

  private final IdentityFaces faces;
  private final RandAugment augment;
  private final int batch;
  private final long seed;
  private final Epochs epochs;
  private final ExecutorService pool;
  private final int ahead;
  private final Deque<Future<Batch>> queue = new ArrayDeque<>();
  private long next = -1;
  private double waited;

  /**
   * @param augment augmentation of each face, or null for none, not even mirroring
   */
  public FaceFeed(IdentityFaces faces, RandAugment augment, int batch, long seed, int threads) {
    this.faces = faces;
    this.augment = augment;
    this.batch = batch;
    this.seed = seed;
    this.epochs = new Epochs(seed, faces.count());
    this.ahead = AHEAD + threads;
    this.pool =
        Executors.newFixedThreadPool(
            threads,
            task -> {
              Thread thread = new Thread(task, "faces");
              thread.setDaemon(true);
              return thread;
            });
  }

  public int batch() {
    return batch;
  }

  /** The batch of a step, counted from 0. Steps must be requested in order. */
  public Batch take(long step) {
    long begin = System.nanoTime();
    if (queue.isEmpty() || step != next) {
      queue.forEach(ready -> ready.cancel(true));
      queue.clear();
      next = step;
    }
    while (queue.size() < ahead) {
      queue.add(submit(next + queue.size()));
    }
    next++;
    try (Trace.Span ignored = Trace.span(Trace.Category.WAIT, "faces")) {
      return queue.remove().get();
    } catch (ExecutionException e) {
      queue.clear();
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw (Error) e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      waited = (System.nanoTime() - begin) / 1e9;
    }
  }

  /** Seconds that the last {@link #take} waited. */
  public double waited() {
    return waited;
  }

  private Future<Batch> submit(long step) {
    int[] examples = new int[batch];
    long[] epoch = new long[batch];
    for (int i = 0; i < batch; i++) {
      long position = step * batch + i;
      examples[i] = epochs.example(position);
      epoch[i] = position / faces.count();
    }
    return pool.submit(() -> make(examples, epoch));
  }

  private Batch make(int[] examples, long[] epoch) {
    try (Trace.Span ignored = Trace.span(Trace.Category.WORK, "prepare faces")) {
      return prepared(examples, epoch);
    }
  }

  private Batch prepared(int[] examples, long[] epoch) {
    int size = faces.size();
    int bytes = 3 * size * size;
    byte[] images = new byte[batch * bytes];
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      Rgb face = new Rgb(size, size, faces.pixels(examples[i]));
      if (augment != null) {
        face = augment.apply(face, seed, epoch[i], examples[i]);
      }
      System.arraycopy(face.pixels(), 0, images, i * bytes, bytes);
      labels[i] = faces.label(examples[i]);
    }
    return new Batch(images, labels);
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
