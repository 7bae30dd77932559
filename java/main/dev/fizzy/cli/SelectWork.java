package dev.fizzy.cli;

import dev.fizzy.cluster.MergedWork;
import dev.fizzy.dataset.read.ChosenImages;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.image.PixelStatistics;
import dev.fizzy.recognition.VectorSearch;
import dev.fizzy.recognition.quality.PixelQuality;
import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The measuring of {@code select} on an executor.
 *
 * @param arguments of the command
 * @param checksum of the images' names and of the vectors, which the worker must have as well
 */
record SelectWork(List<String> arguments, String checksum) implements MergedWork<SelectWork.Found> {

  /**
   * What parts have found, by their numbers.
   *
   * @param pixels empty if not measured
   * @param misaligned empty without a detector
   * @param vectors null if no rule needs them
   */
  record Found(
      TreeMap<Integer, PixelStatistics[]> pixels,
      TreeMap<Integer, double[]> misaligned,
      VectorSearch.Found vectors)
      implements Serializable {

    /** Of all images; null if not measured. */
    PixelStatistics[] allPixels() {
      Collection<PixelStatistics[]> parts = pixels.values();
      return parts.isEmpty()
          ? null
          : parts.stream().flatMap(Stream::of).toArray(PixelStatistics[]::new);
    }

    /** Of all images; null without a detector. */
    double[] allMisaligned() {
      Collection<double[]> parts = misaligned.values();
      return parts.isEmpty() ? null : parts.stream().flatMapToDouble(DoubleStream::of).toArray();
    }
  }

  /**
   * What is measured, of which each part does its share.
   *
   * @param pixels whether to measure pixels
   * @param vectors null if no rule needs them
   */
  record Measuring(
      ImageSource images, boolean pixels, SelectionOptions selection, VectorSearch vectors) {

    /** Number of items: images, for each kind of measurement, and blocks of vectors. */
    long count() {
      long times = (pixels ? 1 : 0) + (selection.hasDetector() ? 1 : 0);
      return times * images.count() + (vectors == null ? 0 : vectors.blocks());
    }

    Found part(Shard part, int threads, LongConsumer done) {
      int from = (int) part.begin(images.count());
      int to = (int) part.end(images.count());
      ImageSource some = new ChosenImages(images, IntStream.range(from, to).toArray());
      TreeMap<Integer, PixelStatistics[]> measured = new TreeMap<>();
      TreeMap<Integer, double[]> placed = new TreeMap<>();
      if (pixels) {
        measured.put(part.index(), PixelQuality.each(some, 0, threads, done));
      }
      long before = pixels ? some.count() : 0;
      if (selection.hasDetector()) {
        placed.put(part.index(), selection.misaligned(some, threads, n -> done.accept(before + n)));
      }
      long all = before + (selection.hasDetector() ? some.count() : 0);
      return new Found(measured, placed, search(part, threads, n -> done.accept(all + n)));
    }

    private VectorSearch.Found search(Shard part, int threads, LongConsumer done) {
      if (vectors == null) {
        return null;
      }
      try (Device device = Devices.open(Devices.CPU, threads)) {
        return vectors.of(device, part.index() - 1, part.count(), done);
      }
    }
  }

  @Override
  public String key() {
    return toString();
  }

  @Override
  public Opened<Found> open() {
    return Resent.parsed(arguments, SelectCommand.class).openOnWorker(checksum)::part;
  }

  @Override
  public Found merge(Found one, Found other) {
    one.pixels.putAll(other.pixels);
    one.misaligned.putAll(other.misaligned);
    return new Found(
        one.pixels, one.misaligned, one.vectors == null ? null : one.vectors.merge(other.vectors));
  }
}
