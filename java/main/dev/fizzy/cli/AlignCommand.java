package dev.fizzy.cli;

import dev.fizzy.alignment.AlignmentRun;
import dev.fizzy.alignment.FaceAligner;
import dev.fizzy.alignment.FaceChoice;
import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.engine.Devices;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "align",
    description =
        "Finds the face in every photo and aligns it to the five-point ArcFace template. If"
            + " interrupted, run it again to continue.",
    footer = {
      "",
      "Example:",
      "  fizzy align --in photos/ --mtcnn facenet/src/align --out crops/ --size 112",
      "",
      "Paths are kept, so identities keep their folders. OUT/alignment.jsonl has a line for every"
          + " photo: the box, the landmarks and the score of its face, or that no face was found,"
          + " or why the photo was skipped."
    })
final class AlignCommand implements Callable<Integer> {
  private static final int LARGEST = 4096;

  @Option(
      names = {"--in", "--data"},
      required = true,
      paramLabel = "DIR",
      description = "Folder of photos, searched recursively.")
  private Path in;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the aligned faces.")
  private Path out;

  @Option(
      names = "--size",
      defaultValue = "112",
      description = "Side of an aligned face in pixels; default: ${DEFAULT-VALUE}.")
  @Range(min = 1, max = LARGEST)
  private int size;

  @Option(
      names = "--face",
      defaultValue = "LARGEST",
      description =
          "Which face to take if a photo has several: ${COMPLETION-CANDIDATES} (the largest area"
              + " minus twice the squared distance from the center); default: ${DEFAULT-VALUE}.")
  private FaceChoice face;

  @Option(
      names = "--format",
      defaultValue = "png",
      description =
          "Image format: png, jpeg or jpeg:QUALITY (1 to 100); default: ${DEFAULT-VALUE}.")
  private ImageWriter format;

  @Mixin private DetectorOptions detector;
  @Mixin private DeviceOptions device;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    FaceFolder photos = FaceFolder.open(in);
    DetectorOptions.Opened opened = detector.open(device.name());
    Devices.check(device.names());
    AlignmentRun run =
        new AlignmentRun(
            opened.description(), face.name().toLowerCase(Locale.ROOT), size, format.name());
    long begin = System.nanoTime();
    try (FaceAligner aligner = new FaceAligner(photos, out, run, face, format)) {
      FaceAligner.Result result;
      try (ProgressReporter progress =
          new ProgressReporter("align", "photos", aligner.total(), aligner.before())) {
        result = aligner.run(opened.detectors(), device.threads(), progress);
      }
      report(result, aligner.total(), (System.nanoTime() - begin) / 1e9);
    }
    return 0;
  }

  private void report(FaceAligner.Result result, int photos, double seconds) {
    double rate = (photos - result.before()) / seconds;
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("out", out.toString());
    json.put("photos", photos);
    json.put("photos_before", result.before());
    json.put("aligned", result.aligned());
    json.put("not_found", result.notFound());
    json.put("skipped", result.skipped().stream().map(Object::toString).toList());
    json.put("seconds", seconds);
    json.put("photos_per_second", rate);
    if (photos > result.before()) {
      output.keepCommand(out.resolve("alignment-made.json"), "alignment", json);
    }
    output.print(
        json,
        String.format(
            Locale.ROOT,
            "%d faces in %s from %d photos (%d from earlier runs), %.1f photos/s; no face found in"
                + " %d, %d skipped",
            result.aligned(),
            out,
            photos,
            result.before(),
            rate,
            result.notFound().size(),
            result.skipped().size()));
  }
}
