package dev.fizzy.alignment.mtcnn;

import dev.fizzy.alignment.Detection;
import dev.fizzy.alignment.Photo;
import dev.fizzy.engine.Devices;
import dev.fizzy.image.ImageDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Compares MTCNN on Fizzy's engine with the same networks on ONNX Runtime, by turns in one process
 * on the same photos: {@code MtcnnBench WEIGHTS PHOTOS [COUNT] [ROUNDS]}. Fizzy takes 32 photos at
 * a time on each of two threads, ONNX Runtime one photo at a time with two threads.
 */
public final class MtcnnBench {
  private static final int THREADS = Integer.getInteger("fizzy.bench.threads", 2);
  private static final int TOGETHER = 32;

  private MtcnnBench() {}

  public static void main(String[] args) throws Exception {
    MtcnnWeightFiles weights = MtcnnWeightFiles.open(Path.of(args[0]));
    int count = args.length > 2 ? Integer.parseInt(args[2]) : 128;
    int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 5;
    List<Photo> photos = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of(args[1]))) {
      for (Path file : files.sorted().limit(count).toList()) {
        photos.add(new Photo(file.getFileName().toString(), ImageDecoder.decode(file)));
      }
    }
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    double[] theirNetworks = new double[rounds];
    double[] ourNetworks = new double[rounds];
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    List<Mtcnn> detectors = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      detectors.add(
          pool.submit(() -> new Mtcnn(Devices.open("cpu", 1), weights, MtcnnOptions.DEFAULT))
              .get());
    }
    try (OnnxMtcnn rival = new OnnxMtcnn(weights, THREADS)) {
      for (int r = -1; r < rounds; r++) {
        long n0 = detectors.stream().mapToLong(Mtcnn::nanos).sum();
        long begin = System.nanoTime();
        List<List<Detection>> found = ours(photos, detectors, pool);
        long middle = System.nanoTime();
        long networks = rival.nanos();
        List<List<Detection>> others = new ArrayList<>();
        for (Photo photo : photos) {
          others.add(rival.detect(photo.image()));
        }
        long end = System.nanoTime();
        if (r >= 0) {
          ours[r] = (middle - begin) / 1e6 / photos.size();
          ourNetworks[r] =
              (detectors.stream().mapToLong(Mtcnn::nanos).sum() - n0)
                  / 1e6
                  / photos.size()
                  / THREADS;
          theirs[r] = (end - middle) / 1e6 / photos.size();
          theirNetworks[r] = (rival.nanos() - networks) / 1e6 / photos.size();
        } else {
          compare(found, others);
        }
      }
    }
    pool.shutdown();
    System.out.printf(
        Locale.ROOT,
        "ms per photo: ours %.2f (networks %.2f), ONNX Runtime %.2f (networks %.2f); ratio %.2f,"
            + " networks %.2f%n",
        median(ours),
        median(ourNetworks),
        median(theirs),
        median(theirNetworks),
        median(theirs) / median(ours),
        median(theirNetworks) / median(ourNetworks));
  }

  private static List<List<Detection>> ours(
      List<Photo> photos, List<Mtcnn> detectors, ExecutorService pool) throws Exception {
    List<Future<List<List<Detection>>>> parts = new ArrayList<>();
    int share = (photos.size() + detectors.size() - 1) / detectors.size();
    for (int t = 0; t < detectors.size(); t++) {
      Mtcnn detector = detectors.get(t);
      List<Photo> part =
          photos.subList(
              Math.min(photos.size(), t * share), Math.min(photos.size(), (t + 1) * share));
      parts.add(
          pool.submit(
              () -> {
                Devices.open("cpu", 1).close();
                List<List<Detection>> all = new ArrayList<>();
                for (int i = 0; i < part.size(); i += TOGETHER) {
                  all.addAll(detector.detect(part.subList(i, Math.min(part.size(), i + TOGETHER))));
                }
                return all;
              }));
    }
    List<List<Detection>> all = new ArrayList<>();
    for (Future<List<List<Detection>>> part : parts) {
      all.addAll(part.get());
    }
    return all;
  }

  /** Checks that both find the same faces; otherwise the times mean nothing. */
  private static void compare(List<List<Detection>> a, List<List<Detection>> b) {
    int faces = 0;
    int different = 0;
    double worst = 0;
    for (int i = 0; i < a.size(); i++) {
      faces += a.get(i).size();
      if (a.get(i).size() != b.get(i).size()) {
        different++;
        continue;
      }
      for (int k = 0; k < a.get(i).size(); k++) {
        double[] p = a.get(i).get(k).points().xy();
        double[] q = b.get(i).get(k).points().xy();
        for (int j = 0; j < p.length; j++) {
          worst = Math.max(worst, Math.abs(p[j] - q[j]));
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d photos, %d faces; different numbers of faces in %d; largest difference of a landmark"
            + " %.4f pixels%n",
        a.size(),
        faces,
        different,
        worst);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
