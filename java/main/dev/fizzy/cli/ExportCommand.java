package dev.fizzy.cli;

import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.dataset.write.Exporter;
import dev.fizzy.dataset.write.Shard;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "export",
    description =
        "Converts a data set to another format without re-encoding its images. If interrupted, run"
            + " it again to continue.",
    footer = {
      "",
      "Example:",
      "  fizzy export faces/ --format recordio --out train/",
      "  fizzy export train/ --format webdataset --per-tar 5000 --out shards/",
      "",
      "DATASET is " + ImageSets.FORMATS + "."
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "DATASET", description = "Data set to convert.")
  private Path source;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the new data set.")
  private Path out;

  @Option(
      names = "--check",
      description = "When resuming, verify the checksum of every image that was written before.")
  private boolean check;

  @Mixin private FormatOptions format;
  @Mixin private Threads threads;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    try (LabeledImages images = ImageSets.open(source);
        ProgressReporter progress = new ProgressReporter("export", "images", images.count())) {
      Exporter.Result result =
          Exporter.run(images, source, out, format.format(), check, threads.count(), progress);
      report(result, begin);
    }
    return 0;
  }

  private void report(Exporter.Result result, long begin) {
    double seconds = (System.nanoTime() - begin) / 1e9;
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("out", out.toString());
    json.put("images", result.images());
    json.put("images_before", result.before());
    json.put("classes", result.classes());
    json.put("bytes", result.bytes());
    json.put("seconds", seconds);
    json.put("skipped", result.skipped().stream().map(Object::toString).toList());
    output.keepDataset(out, Shard.ALL, result.images(), begin, threads.count(), json);
    output.print(
        json,
        String.format(
            Locale.ROOT,
            "%d images of %d identities in %s (%d from earlier runs, %d skipped), %.1f MiB/s",
            result.images(),
            result.classes(),
            out,
            result.before(),
            result.skipped().size(),
            result.bytes() / seconds / (1 << 20)));
  }
}
