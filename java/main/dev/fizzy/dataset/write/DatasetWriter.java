package dev.fizzy.dataset.write;

import dev.fizzy.engine.profile.Trace;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import dev.fizzy.image.SyntheticOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes a data set while it is being computed: images pass through a bounded queue to threads that
 * encode them, write each file atomically and list it in the manifest of the shard. Opened on the
 * folder of an unfinished run, it continues that run.
 */
public final class DatasetWriter implements AutoCloseable {
  private static final int QUEUE = 128;

  private record Job(ImageKey key, Rgb image) {}

  private static final Job END = new Job(null, null);

  /**
   * Statistics of the writing.
   *
   * @param images written by this writer
   * @param bytes total size of their files
   * @param waited nanoseconds that callers waited in {@link #write}, summed over threads
   * @param closing nanoseconds that {@link #close} waited
   * @param encoding nanoseconds in the encoder, summed over threads
   * @param storing nanoseconds in the file system, summed over threads
   */
  public record Figures(
      long images, long bytes, long waited, long closing, long encoding, long storing) {
    /** The share of a time that one of several callers waited. */
    public double waitingShare(double seconds, int callers) {
      return (waited / (double) callers + closing) / 1e9 / seconds;
    }
  }

  private final ImageStore store;
  private final List<String> identities;
  private final DatasetRun run;
  private final ImageWriter encoder;
  private final long begin;
  private final long end;
  private final BitSet before;
  private final BlockingQueue<Job> queue = new ArrayBlockingQueue<>(QUEUE);
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final AtomicLong images = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong encoding = new AtomicLong();
  private final AtomicLong storing = new AtomicLong();
  private final AtomicLong waited = new AtomicLong();
  private final AtomicLong closing = new AtomicLong();
  private boolean closed;

  /**
   * Opens or resumes a data set; throws if the folder belongs to another run, is not writable or
   * has too little space for the remaining images.
   *
   * @param identities names of the identities' folders, see {@link FolderNames}
   * @param checkAll whether a resumed run verifies the checksum of every image; else it verifies
   *     every size and the newest checksums
   * @param threads number of threads that encode and write
   */
  public static DatasetWriter open(
      Path root,
      DatasetRun run,
      List<String> identities,
      ImageWriter encoder,
      DatasetFormat format,
      Shard shard,
      boolean checkAll,
      int threads) {
    if (!run.imageFormat().equals(encoder.name())) {
      throw new FileException(
          "the run's images are " + run.imageFormat() + ", the writer's " + encoder.name());
    }
    ImageStore store =
        format.open(
            new Destination(
                root,
                run.json(),
                new GeneratedItems(run, identities),
                new ImageProperties(
                    encoder.ending(), run.imageSize(), encoder.estimate(run.imageSize())),
                shard,
                checkAll));
    try {
      DatasetWriter writer = new DatasetWriter(store, run, identities, encoder);
      store.checkSpace(writer.remaining());
      writer.start(threads);
      return writer;
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private DatasetWriter(
      ImageStore store, DatasetRun run, List<String> identities, ImageWriter encoder) {
    this.store = store;
    this.run = run;
    this.identities = identities;
    this.encoder = encoder;
    this.begin = store.begin();
    this.end = store.end();
    this.before = store.done();
  }

  /** Number of images in this shard. */
  public long total() {
    return end - begin;
  }

  /** Number of images of this shard that were missing when the folder was opened. */
  public long remaining() {
    return total() - before.get((int) begin, (int) end).cardinality();
  }

  /** The images that were missing when the folder was opened, ordered by identity. */
  public Iterator<ImageKey> todo() {
    return new Iterator<>() {
      private int next = before.nextClearBit((int) begin);

      @Override
      public boolean hasNext() {
        return next < end;
      }

      @Override
      public ImageKey next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int item = next;
        next = before.nextClearBit(item + 1);
        return new ImageKey(item / run.imagesPerIdentity(), item % run.imagesPerIdentity());
      }
    };
  }

  private void start(int count) {
    for (int t = 0; t < Math.max(1, count); t++) {
      Thread thread = new Thread(this::work, "dataset-writer-" + t);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  private void work() {
    try {
      for (Job job = queue.take(); job != END; job = queue.take()) {
        if (failure.get()
            == null) { // after a failure only drains the queue, so that no caller blocks
          store(job);
        }
      }
      queue.put(END); // for the next thread
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private long number(ImageKey key) {
    return (long) key.identity() * run.imagesPerIdentity() + key.image();
  }

  private void store(Job job) {
    try {
      long start = System.nanoTime();
      SyntheticOrigin origin =
          new SyntheticOrigin(
              run.seed(), identities.get(job.key.identity()), job.key.image(), run.model());
      byte[] encoded;
      try (Trace.Span ignored = Trace.span(Trace.Category.WORK, "encode")) {
        encoded = encoder.encode(job.image, origin);
      }
      long middle = System.nanoTime();
      try (Trace.Span ignored = Trace.span(Trace.Category.WORK, "store")) {
        store.store(number(job.key), encoded);
      }
      encoding.addAndGet(middle - start);
      storing.addAndGet(System.nanoTime() - middle);
      bytes.addAndGet(encoded.length);
      images.incrementAndGet();
    } catch (RuntimeException | Error e) {
      failure.compareAndSet(null, e);
      store.abort();
    }
  }

  /**
   * Queues an image; waits only while the queue is full. Throws the failure of an earlier image.
   *
   * @param image must not be modified afterwards
   */
  public void write(ImageKey key, Rgb image) {
    if (image.width() != run.imageSize() || image.height() != run.imageSize()) {
      throw new IllegalArgumentException(
          image.width()
              + " x "
              + image.height()
              + " pixels in a data set of size "
              + run.imageSize());
    }
    throwFailure();
    Job job = new Job(key, image);
    if (!queue.offer(job)) {
      long start = System.nanoTime();
      try (Trace.Span ignored = Trace.span(Trace.Category.WAIT, "writer")) {
        put(job);
      }
      waited.addAndGet(System.nanoTime() - start);
    }
  }

  private void put(Job job) {
    try {
      while (!queue.offer(job, 1, TimeUnit.SECONDS)) {
        throwFailure();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FileException("interrupted; run the same command again to continue", e);
    }
  }

  private void throwFailure() {
    Throwable cause = failure.get();
    if (cause instanceof FileException known) {
      throw new FileException(known.getMessage(), known);
    }
    if (cause != null) {
      throw new IllegalStateException("an image could not be encoded", cause);
    }
  }

  /** Number of images written so far, for the progress. */
  public long written() {
    return images.get();
  }

  public Figures figures() {
    return new Figures(
        images.get(), bytes.get(), waited.get(), closing.get(), encoding.get(), storing.get());
  }

  /** Waits until all images are written; throws any failure not thrown before. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    long start = System.nanoTime();
    try (Trace.Span ignored = Trace.span(Trace.Category.WAIT, "last images")) {
      queue.put(END); // the threads drain the queue even after a failure
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closing.addAndGet(System.nanoTime() - start);
      end();
    }
    throwFailure();
  }

  private void end() {
    try (store) {
      if (failure.get() == null && images.get() == remaining()) {
        store.finish();
      }
    }
  }
}
