package dev.fizzy.alignment;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.dataset.read.Workers;
import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.OutputPath;
import dev.fizzy.image.ImageDecoder;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Aligns every photo of a folder into another folder, under the same paths. Each photo is processed
 * independently: one without a face, or one that cannot be read, gives no file, is named and does
 * not affect the others. Started again on the same folders, it continues where it stopped.
 */
public final class FaceAligner implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FaceAligner.class);

  /** Limits on the photos that a thread processes together: their number and their pixels. */
  private static final int TOGETHER = 32;

  private static final long PIXELS_TOGETHER = 16_000_000;

  private final FaceFolder photos;
  private final Path out;
  private final AlignmentRun run;
  private final FaceChoice choice;
  private final ImageWriter format;
  private final Map<String, String> names;
  private final AlignmentReport report;
  private final List<String> todo = new ArrayList<>();

  /**
   * The outcome, including earlier runs.
   *
   * @param aligned number of faces in the folder
   * @param notFound photos without a face
   * @param skipped photos that cannot be used
   * @param before number of photos done by earlier runs
   */
  public record Result(int aligned, List<String> notFound, List<Skipped> skipped, int before) {}

  /** Opens the output folder; throws if its faces were aligned with other settings. */
  public FaceAligner(
      FaceFolder photos, Path out, AlignmentRun run, FaceChoice choice, ImageWriter format) {
    this.photos = photos;
    this.out = out;
    this.run = run;
    this.choice = choice;
    this.format = format;
    this.names = AlignedNames.of(photos.names(), format.ending());
    OutputPath.requireOutside(out, photos.folder());
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw FileException.of("use the output folder", out, e);
    }
    run.claim(out);
    report = new AlignmentReport(out);
    deleteLeftovers();
    report.retain(photos.names());
    photos.names().stream().filter(n -> !done(n)).forEach(todo::add);
  }

  /** Deletes the temporary files of a killed run. */
  private void deleteLeftovers() {
    Stream<Path> folders = names.values().stream().map(name -> out.resolve(name).getParent());
    Stream.concat(Stream.of(out), folders)
        .distinct()
        .filter(Files::isDirectory)
        .forEach(AtomicFile::deleteLeftovers);
  }

  /** Whether a photo is done; photos that could not be read are tried again. */
  private boolean done(String photo) {
    AlignmentReport.Line line = report.line(photo);
    if (line == null || line.skipped() != null) {
      return false;
    }
    try {
      return line.aligned() == null
          || line.aligned().equals(names.get(photo))
              && Files.size(out.resolve(line.aligned())) == line.bytes();
    } catch (IOException e) {
      return false;
    }
  }

  public int total() {
    return photos.names().size();
  }

  /** Number of photos done by earlier runs. */
  public int before() {
    return total() - todo.size();
  }

  /**
   * Aligns the remaining photos.
   *
   * @param detectors makes a detector for the calling thread
   * @param done is told the number of photos done, including earlier runs, from any thread
   */
  public Result run(Supplier<FaceDetector> detectors, int threads, LongConsumer done) {
    AtomicInteger next = new AtomicInteger();
    AtomicLong count = new AtomicLong(before());
    int chunks = (todo.size() + TOGETHER - 1) / TOGETHER;
    int workers = Math.max(1, Math.min(threads, chunks));
    Workers.forEach(
        chunks == 0 ? 0 : workers,
        workers,
        worker -> {
          try (FaceDetector detector = detectors.get()) {
            for (int c = next.getAndIncrement(); c < chunks; c = next.getAndIncrement()) {
              int end = Math.min(todo.size(), (c + 1) * TOGETHER);
              align(
                  todo.subList(c * TOGETHER, end),
                  detector,
                  () -> done.accept(count.incrementAndGet()));
            }
          } finally {
            next.set(chunks); // after a failure the other threads stop too
          }
        });
    report.sort();
    return result();
  }

  private void align(List<String> files, FaceDetector detector, Runnable done) {
    List<Photo> decoded = new ArrayList<>();
    long pixels = 0;
    for (String file : files) {
      try {
        Rgb image = ImageDecoder.decode(photos.folder().resolve(file));
        long size = (long) image.width() * image.height();
        if (pixels + size > PIXELS_TOGETHER) {
          alignDecoded(decoded, detector, done);
          decoded.clear();
          pixels = 0;
        }
        decoded.add(new Photo(file, image));
        pixels += size;
      } catch (IOException e) {
        skip(file, FileException.reason(e));
        done.run();
      }
    }
    alignDecoded(decoded, detector, done);
  }

  private void alignDecoded(List<Photo> decoded, FaceDetector detector, Runnable done) {
    if (decoded.isEmpty()) {
      return;
    }
    List<List<Detection>> detections = detector.detect(decoded);
    for (int i = 0; i < decoded.size(); i++) {
      align(decoded.get(i).name(), decoded.get(i).image(), detections.get(i));
      done.run();
    }
  }

  private void align(String file, Rgb photo, List<Detection> faces) {
    Detection face = choice.of(faces, photo.width(), photo.height());
    if (face == null) {
      report.append(AlignmentReport.Line.notFound(file));
      return;
    }
    AlignedFace aligned;
    try {
      aligned = AlignedFace.of(photo, face.points(), run.size());
    } catch (IOException e) {
      skip(file, FileException.reason(e));
      return;
    }
    byte[] bytes = format.encode(aligned.image(), null);
    String name = names.get(file);
    store(name, bytes);
    report.append(
        AlignmentReport.Line.aligned(
            file, name, bytes.length, faces.size(), face, aligned.outside()));
  }

  private void skip(String file, String reason) {
    report.append(AlignmentReport.Line.skipped(file, reason));
  }

  private void store(String name, byte[] bytes) {
    Path target = out.resolve(name);
    try {
      Files.createDirectories(target.getParent());
      Path part = AtomicFile.temporary(target);
      Files.write(part, bytes);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new FileException(
          "cannot write "
              + target
              + ": "
              + FileException.reason(e)
              + "; written faces are kept, and the same command continues from there",
          e);
    }
  }

  private Result result() {
    List<String> notFound = new ArrayList<>();
    List<Skipped> skipped = new ArrayList<>(photos.skipped());
    int aligned = 0;
    for (AlignmentReport.Line line : report.lines().values()) {
      if (line.aligned() != null) {
        aligned++;
      } else if (line.skipped() != null) {
        skipped.add(new Skipped(line.image(), line.skipped()));
      } else {
        notFound.add(line.image());
      }
    }
    skipped.forEach(s -> log.warn("skipped {}", s));
    notFound.forEach(n -> log.warn("no face found in {}", n));
    return new Result(aligned, notFound, skipped, before());
  }

  @Override
  public void close() {
    report.close();
  }
}
