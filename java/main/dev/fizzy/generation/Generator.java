package dev.fizzy.generation;

import dev.fizzy.dataset.write.DatasetWriter;
import dev.fizzy.dataset.write.ImageKey;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Workers;
import dev.fizzy.image.Rgb;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Draws the images that a {@link DatasetWriter} still needs, batch by batch. The workers share one
 * list of work: an image does not depend on which of them draws it.
 */
public final class Generator {
  private final Drawing drawing;
  private final DatasetWriter writer;
  private final long seed;
  private final LongConsumer done;
  private final Iterator<ImageKey> todo;
  private long drawn;
  private boolean stopped;

  /**
   * @param done is told the number of this shard's images that are drawn
   */
  public Generator(Drawing drawing, DatasetWriter writer, long seed, LongConsumer done) {
    this.drawing = drawing;
    this.writer = writer;
    this.seed = seed;
    this.done = done;
    this.todo = writer.todo();
    this.drawn = writer.total() - writer.remaining();
  }

  /** The next images of a worker; empty when there are no more. */
  private synchronized List<ImageKey> take(int limit) {
    List<ImageKey> keys = new ArrayList<>();
    while (!stopped && keys.size() < limit && todo.hasNext()) {
      keys.add(todo.next());
    }
    return keys;
  }

  private synchronized void finished(int count) {
    drawn += count;
    done.accept(drawn);
  }

  /** Makes every worker stop after its batch; a resumed run draws the rest. */
  public synchronized void stop() {
    stopped = true;
  }

  /** Draws until no image is left; after a failure all stop, and a resumed run draws the rest. */
  public void run(Workers<FaceSampler> workers) {
    workers.each(
        sampler -> {
          try {
            draw(sampler);
          } catch (RuntimeException | Error e) {
            stop();
            throw e;
          }
        });
  }

  /** A GPU draws a batch while the images of the one before are taken and encoded. */
  private void draw(FaceSampler sampler) {
    Distinct distinct = new Distinct();
    Runnable writeBefore = () -> {};
    for (List<ImageKey> keys = take(drawing.images(sampler.batch()));
        !keys.isEmpty();
        keys = take(drawing.images(sampler.batch()))) {
      List<ImageKey> own = keys;
      Later<List<Rgb>> images = drawing.draw(sampler, own, seed, distinct);
      writeBefore.run();
      writeBefore = () -> write(own, images.get());
      if (images.ready()) {
        writeBefore.run();
        writeBefore = () -> {};
      }
    }
    writeBefore.run();
  }

  private void write(List<ImageKey> keys, List<Rgb> images) {
    for (int i = 0; i < images.size(); i++) {
      writer.write(keys.get(i), images.get(i));
    }
    finished(images.size());
  }
}
