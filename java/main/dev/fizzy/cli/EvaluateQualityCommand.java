package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.ChosenImages;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Cosines;
import dev.fizzy.image.Rgb;
import dev.fizzy.recognition.quality.PixelQuality;
import dev.fizzy.recognition.quality.SetComparison;
import dev.fizzy.report.ProgressReporter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "quality",
    description =
        "Compares the images of a data set with real ones: distance and overlap of their"
            + " distributions, sharpness, clipping.",
    footer = {
      "",
      "Examples:",
      "  fizzy evaluate quality --data faces/ --real crops/ --embedder mobilefacenet.onnx --out"
          + " quality.json",
      "  fizzy evaluate quality --data faces/ --real crops/ --embedder mobilefacenet.onnx"
          + " --embedder judge.onnx --preset mobilefacenet-112x96",
      "",
      "Distance and overlap are those of equally many images of both sets, drawn by --seed, in the"
          + " space of each embedder: the Frechet distance of Gaussians fitted to the unit vectors,"
          + " and precision, recall, density and coverage of the regions of nearest neighbors. All"
          + " depend on the number of images, so the same figures of two parts of the real set are"
          + " printed beside them: a data set can hardly be better. Sharpness is the median"
          + " variance of the Laplacian; sharpness and clipping are measured at --size. Labels are"
          + " not used."
    })
final class EvaluateQualityCommand implements Callable<Integer> {
  private static final int SMALLEST = 3;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATASET",
      description = "Images to measure: a folder, searched recursively, or a set in any format.")
  private Path data;

  @Option(
      names = "--real",
      required = true,
      paramLabel = "DATASET",
      description = "Real images, aligned in the same way.")
  private Path real;

  @Option(
      names = "--samples",
      defaultValue = "10000",
      paramLabel = "N",
      description =
          "Largest number of images of each set to compare; ${DEFAULT-VALUE} by default, or as many"
              + " as the smaller set has.")
  @Range(min = 2)
  private int samples;

  @Option(
      names = "--neighbors",
      defaultValue = "3",
      paramLabel = "K",
      description =
          "Nearest neighbors that bound a region of precision and recall; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int neighbors;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description =
          "Side at which sharpness and clipping are measured; default: that of the set with the"
              + " smaller images.")
  @Range(min = SMALLEST, max = 4096)
  private Integer size;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the drawn images; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private Judges judges;
  @Mixin private ResultOutput output;

  @Override
  public Integer call() {
    output.begin();
    try (ImageSource mine = ImageSets.faces(data);
        ImageSource theirs = ImageSets.faces(real);
        Device device = Devices.open("cpu", judges.threads())) {
      int count = Math.min(samples, Math.min(mine.count(), theirs.count()));
      checkCounts(mine, theirs);
      int side = size == null ? Math.min(side(mine), side(theirs)) : size;
      judges.check();
      ImageSource set = ChosenImages.drawn(mine, count, seed);
      ImageSource all = ChosenImages.drawn(theirs, 2 * count, seed);
      Pixels pixels = pixels(set, all, side);
      List<Judges.Judged<SetComparison>> spaces =
          judges.each(embed -> compare(device, embed, set, all));
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("data", data.toString());
      fields.put("real", real.toString());
      fields.put("seed", seed);
      fields.put("neighbors", neighbors);
      fields.put(
          "skipped", set.count() + all.count() - pixels.mine.images() - pixels.theirs.images());
      fields.put("pixels", pixels.fields());
      fields.put("embedders", spaces.stream().map(s -> s.fields(SetComparison::fields)).toList());
      output.publish("quality", judges.threads(), fields, text(pixels, spaces));
    }
    return 0;
  }

  private void checkCounts(ImageSource mine, ImageSource theirs) {
    if (mine.count() <= neighbors || theirs.count() < 2 * (neighbors + 1)) {
      throw new FileException(
          String.format(
              Locale.ROOT,
              "%s has %d images and %s %d; --neighbors %d needs at least %d and %d",
              mine,
              mine.count(),
              theirs,
              theirs.count(),
              neighbors,
              neighbors + 1,
              2 * (neighbors + 1)));
    }
  }

  /** Side of the square of the first image that can be decoded. */
  private static int side(ImageSource images) {
    for (int i = 0; i < images.count(); i++) {
      try {
        Rgb image = images.decode(i);
        int side = Math.min(image.width(), image.height());
        if (side < SMALLEST) {
          throw new FileException(images.name(i) + " in " + images + " has only " + side + " rows");
        }
        return side;
      } catch (IOException e) {
        continue; // reported when the image is embedded
      }
    }
    throw new FileException(
        "none of the " + images.count() + " images of " + images + " is usable");
  }

  /** Sharpness and clipping of both sets at one size. */
  private record Pixels(int size, PixelQuality mine, PixelQuality theirs) {
    double sharpness() {
      return mine.laplacian().median() / theirs.laplacian().median();
    }

    Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("size", size);
      fields.put("data", mine.fields());
      fields.put("real", theirs.fields());
      fields.put("sharpness_ratio", sharpness());
      return fields;
    }
  }

  private Pixels pixels(ImageSource set, ImageSource all, int side) {
    try (ProgressReporter progress =
        new ProgressReporter("measure", "images", set.count() + all.count())) {
      return new Pixels(
          side,
          PixelQuality.of(set, side, judges.threads(), progress),
          PixelQuality.of(all, side, judges.threads(), n -> progress.accept(set.count() + n)));
    }
  }

  private SetComparison compare(
      Device device, Judges.Embed embed, ImageSource set, ImageSource all) {
    float[][] mine = Cosines.unit(embed.apply(set).contexts());
    float[][] theirs = Cosines.unit(embed.apply(all).contexts());
    long work = SetComparison.work(mine.length, theirs.length);
    try (ProgressReporter progress = new ProgressReporter("compare", "vectors", work)) {
      return SetComparison.of(device, mine, theirs, neighbors, progress);
    }
  }

  private static String text(Pixels pixels, List<Judges.Judged<SetComparison>> spaces) {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "at %d pixels: sharpness %.1f, real %.1f, ratio %.3f; clipped values %.2f %%, real %.2f"
                + " %%",
            pixels.size,
            pixels.mine.laplacian().median(),
            pixels.theirs.laplacian().median(),
            pixels.sharpness(),
            100 * pixels.mine.clippedMean(),
            100 * pixels.theirs.clippedMean()));
    spaces.forEach(space -> lines.add(space.embedder() + ": " + space.figures().text()));
    return String.join("\n", lines);
  }
}
