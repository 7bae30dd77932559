package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.parquet.ManifestRow;
import dev.fizzy.dataset.parquet.ManifestWriter;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.read.Skipped;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.report.ProgressReporter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "manifest",
    description =
        "Lists the images of a data set in a Parquet file: file, label, identity, bytes, sha256.",
    footer = {
      "",
      "Example:",
      "  fizzy make manifest faces/ --out faces/faces.parquet",
      "",
      "If the data set has one folder per identity and the manifest is in the set's folder or above"
          + " it, other commands read the manifest as a data set: fizzy export faces/faces.parquet"
          + " --format recordio --out train/"
    })
final class MakeManifestCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(MakeManifestCommand.class);

  @Parameters(paramLabel = "DATASET", description = "Data set to list.")
  private Path source;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.parquet",
      description = "Manifest to write.")
  private Path out;

  @Mixin private JsonOutput output;

  private final List<String> skipped = new ArrayList<>();

  @Override
  public Integer call() {
    Outputs.checkFile(out, ".parquet");
    long[] rows = {0};
    try (LabeledImages images = ImageSets.open(source);
        ProgressReporter progress = new ProgressReporter("manifest", "images", images.count())) {
      images.skipped().forEach(this::skip);
      AtomicFile.write(out, stream -> rows[0] = write(images, stream, progress));
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("out", out.toString());
    json.put("images", rows[0]);
    json.put("skipped", skipped);
    output.print(json, rows[0] + " images in " + out + " (" + skipped.size() + " skipped)");
    return 0;
  }

  private long write(LabeledImages images, OutputStream stream, ProgressReporter progress)
      throws IOException {
    long rows = 0;
    String below = prefix();
    try (ManifestWriter writer = new ManifestWriter(stream)) {
      for (int i = 0; i < images.count(); i++) {
        try {
          int label = images.label(i);
          byte[] bytes = images.bytes(i);
          writer.add(
              new ManifestRow(
                  below + images.name(i),
                  label,
                  images.className(label),
                  bytes.length,
                  Sha256.of(bytes)));
          rows++;
        } catch (IOException e) {
          skip(new Skipped(images.name(i), FileException.reason(e)));
        }
        progress.accept(i + 1L);
      }
    }
    return rows;
  }

  private void skip(Skipped file) {
    skipped.add(file.toString());
    log.warn("skipped {}", file);
  }

  /** The path from the manifest to the set's folder. */
  private String prefix() {
    Path from = out.toAbsolutePath().normalize().getParent();
    Path to = source.toAbsolutePath().normalize();
    if (!Files.isDirectory(to) || from.equals(to) || !to.startsWith(from)) {
      return "";
    }
    return from.relativize(to).toString().replace('\\', '/') + "/";
  }
}
