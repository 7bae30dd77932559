package dev.fizzy.alignment;

import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.dataset.read.Workers;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/** How far the landmarks of faces are from their places in the ArcFace template. */
public final class Misalignment {
  private static final int SIZE = 112;

  /** Images that a detector is given at a time. */
  private static final int TOGETHER = 16;

  private Misalignment() {}

  /**
   * The mean distance of a face's five landmarks from the template, in pixels of an image of 112
   * pixels; infinite for an image without a face, NaN for one that cannot be decoded. Of several
   * faces the central one counts.
   *
   * @param detectors makes a detector for the calling thread
   * @param done is told the number of images that are done, from any thread
   */
  public static double[] of(
      ImageSource images, Supplier<FaceDetector> detectors, int threads, LongConsumer done) {
    double[] distances = new double[images.count()];
    AtomicInteger next = new AtomicInteger();
    AtomicLong count = new AtomicLong();
    int chunks = (distances.length + TOGETHER - 1) / TOGETHER;
    int workers = Math.max(1, Math.min(threads, chunks));
    Workers.forEach(
        workers,
        workers,
        worker -> {
          try (FaceDetector detector = detectors.get()) {
            for (int c = next.getAndIncrement(); c < chunks; c = next.getAndIncrement()) {
              int end = Math.min(distances.length, (c + 1) * TOGETHER);
              measure(images, c * TOGETHER, end, detector, distances);
              done.accept(count.addAndGet(end - c * TOGETHER));
            }
          } finally {
            next.set(chunks); // after a failure the other threads stop too
          }
        });
    return distances;
  }

  private static void measure(
      ImageSource images, int begin, int end, FaceDetector detector, double[] distances) {
    Arrays.fill(distances, begin, end, Double.NaN);
    List<Integer> decoded = new ArrayList<>();
    List<Photo> photos = new ArrayList<>();
    for (int i = begin; i < end; i++) {
      try {
        photos.add(new Photo(images.name(i), images.decode(i).square()));
        decoded.add(i);
      } catch (IOException e) {
        // stays NaN
      }
    }
    List<List<Detection>> found = photos.isEmpty() ? List.of() : detector.detect(photos);
    for (int i = 0; i < photos.size(); i++) {
      distances[decoded.get(i)] = distance(photos.get(i).image(), found.get(i));
    }
  }

  private static double distance(Rgb image, List<Detection> faces) {
    Detection face = FaceChoice.CENTRAL.of(faces, image.width(), image.height());
    if (face == null) {
      return Double.POSITIVE_INFINITY;
    }
    Landmarks wanted = ArcFaceTemplate.of(image.width());
    double sum = 0;
    for (int i = 0; i < Landmarks.COUNT; i++) {
      sum += Math.hypot(face.points().x(i) - wanted.x(i), face.points().y(i) - wanted.y(i));
    }
    return sum / Landmarks.COUNT * SIZE / image.width();
  }
}
