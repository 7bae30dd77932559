package dev.fizzy.dataset;

import dev.fizzy.identity.Contexts;
import dev.fizzy.image.Rgb;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.LongConsumer;

/**
 * Draws what a {@link DatasetWriter} has still to do, batch by batch; a last, short batch is padded
 * to the planned size.
 */
public final class Generator {
  private Generator() {}

  /**
   * @param size side of the images in pixels
   * @param done told the number of this shard's images that are drawn
   */
  public static void run(
      FaceSampler sampler,
      Contexts contexts,
      DatasetWriter writer,
      int size,
      long seed,
      LongConsumer done) {
    int batch = sampler.batch();
    int bytes = size * size * 3;
    float[][] vectors = new float[batch][];
    int[] rows = new int[2 * batch];
    ImageKey[] keys = new ImageKey[batch];
    long drawn = writer.total() - writer.remaining();
    Iterator<ImageKey> todo = writer.todo();
    while (todo.hasNext()) {
      int count = 0;
      while (count < batch && todo.hasNext()) {
        keys[count++] = todo.next();
      }
      for (int i = 0; i < batch; i++) {
        ImageKey key = keys[Math.min(i, count - 1)];
        vectors[i] = contexts.vector(key.identity());
        rows[2 * i] = key.identity();
        rows[2 * i + 1] = key.image();
      }
      byte[] pixels = sampler.draw(vectors, rows, seed);
      for (int i = 0; i < count; i++) {
        writer.write(
            keys[i], new Rgb(size, size, Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes)));
      }
      drawn += count;
      done.accept(drawn);
    }
  }
}
