package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.DegradedImages;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.dataset.write.DatasetFormat;
import dev.fizzy.dataset.write.Exporter;
import dev.fizzy.dataset.write.FolderNames;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.image.degrade.Degradation;
import dev.fizzy.report.ProgressReporter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Mixin: a data set with degradations of another one's images, and the table of their labels. */
final class DegradedOutput extends JsonOutput {
  private static final String TABLE = "degradations.csv";

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATASET",
      description = "Data set in any format, such as one folder per identity.")
  private Path data;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the new data set, one subfolder per identity; also its labels.")
  private Path out;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "S",
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private Threads threads;

  /**
   * Writes each image and its degradations.
   *
   * @param undisturbed kind of the images as they are, for the labels
   */
  void write(List<Degradation> degradations, String undisturbed) {
    long begin = System.nanoTime();
    try (LabeledImages set = ImageSets.open(data)) {
      DegradedImages images = new DegradedImages(set, degradations, seed);
      Exporter.Result result;
      try (ProgressReporter progress = new ProgressReporter("make", "images", images.count())) {
        result =
            Exporter.run(images, data, out, DatasetFormat.FOLDER, false, threads.count(), progress);
      }
      Set<String> skipped =
          result.skipped().stream().map(Skipped::name).collect(Collectors.toSet());
      writeLabels(images, skipped, undisturbed);
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("out", out.toString());
      fields.put("labels", out.resolve(TABLE).toString());
      fields.put("images", result.images());
      fields.put("images_before", result.before());
      fields.put("skipped", result.skipped().stream().map(Skipped::toString).toList());
      keepDataset(out, Shard.ALL, result.images(), begin, threads.count(), fields);
      print(
          fields,
          result.images()
              + " images in "
              + out
              + " ("
              + result.before()
              + " from earlier runs), labels in "
              + out.resolve(TABLE)
              + ", "
              + result.skipped().size()
              + " skipped");
    } catch (IOException e) {
      throw FileException.of("write", out, e);
    }
  }

  /** The table: where each image is, what it was made of, and how. */
  private void writeLabels(DegradedImages images, Set<String> skipped, String undisturbed)
      throws IOException {
    List<String> folders =
        FolderNames.of(IntStream.range(0, images.classes()).mapToObj(images::className).toList());
    int[] next = new int[images.classes()];
    StringWriter table = new StringWriter();
    try (CSVPrinter rows = new CSVPrinter(table, CSVFormat.DEFAULT)) {
      rows.printRecord("file", "identity", "original", "kind", "level");
      for (int i = 0; i < images.count(); i++) {
        if (skipped.contains(images.name(i)) && unlabeled(images, i)) {
          continue;
        }
        int label = images.label(i);
        String file = String.format("%s/%05d.png", folders.get(label), next[label]++);
        Degradation change = images.degradation(i);
        if (!skipped.contains(images.name(i))) {
          rows.printRecord(
              file,
              folders.get(label),
              images.original(i),
              change == null ? undisturbed : change.kind(),
              change == null ? 0 : change.level());
        }
      }
    }
    AtomicFile.write(out.resolve(TABLE), table.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** An image without a label has no place in the folders. */
  private static boolean unlabeled(DegradedImages images, int image) {
    try {
      return images.label(image) < 0;
    } catch (IOException e) {
      return true;
    }
  }
}
