package dev.fizzy.generation;

import dev.fizzy.dataset.write.DatasetWriter;
import dev.fizzy.dataset.write.ImageKey;
import dev.fizzy.identity.Contexts;
import dev.fizzy.image.Rgb;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.LongConsumer;

/**
 * Draws what a {@link DatasetWriter} has still to do, batch by batch; a last, short batch is padded
 * to the planned size. Several workers, each with a device of its own, may share one work list: an
 * image does not depend on who draws it.
 */
public final class Generator {
  private final Contexts contexts;
  private final DatasetWriter writer;
  private final int size;
  private final long seed;
  private final LongConsumer done;
  private final Iterator<ImageKey> todo;
  private long drawn;
  private boolean stopped;

  /**
   * @param size side of the images in pixels
   * @param done told the number of this shard's images that are drawn
   */
  public Generator(
      Contexts contexts, DatasetWriter writer, int size, long seed, LongConsumer done) {
    this.contexts = contexts;
    this.writer = writer;
    this.size = size;
    this.seed = seed;
    this.done = done;
    this.todo = writer.todo();
    this.drawn = writer.total() - writer.remaining();
  }

  /** Gives a worker its next images; 0 when there are no more. */
  private synchronized int take(ImageKey[] keys) {
    int count = 0;
    while (!stopped && count < keys.length && todo.hasNext()) {
      keys[count++] = todo.next();
    }
    return count;
  }

  private synchronized void finished(int count) {
    drawn += count;
    done.accept(drawn);
  }

  /** Lets every worker end after its batch: what is not drawn will be when the run is resumed. */
  public synchronized void stop() {
    stopped = true;
  }

  /** Works until nothing is left to do. */
  public void run(FaceSampler sampler) {
    int batch = sampler.batch();
    int bytes = size * size * 3;
    float[][] vectors = new float[batch][];
    int[] rows = new int[2 * batch];
    ImageKey[] keys = new ImageKey[batch];
    Distinct distinct = new Distinct();
    for (int count = take(keys); count > 0; count = take(keys)) {
      for (int i = 0; i < batch; i++) {
        ImageKey key = keys[Math.min(i, count - 1)];
        vectors[i] = contexts.vector(key.identity());
        rows[2 * i] = key.identity();
        rows[2 * i + 1] = key.image();
      }
      byte[] pixels = sampler.draw(vectors, rows, seed);
      distinct.require(rows, pixels, count);
      for (int i = 0; i < count; i++) {
        writer.write(
            keys[i], new Rgb(size, size, Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes)));
      }
      finished(count);
    }
  }
}
