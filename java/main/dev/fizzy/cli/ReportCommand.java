package dev.fizzy.cli;

import dev.fizzy.file.FileException;
import dev.fizzy.report.QualityCurve;
import dev.fizzy.report.Report;
import dev.fizzy.report.ReportPage;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "report",
    description =
        "Writes an HTML report of a folder: data sets, training runs, evaluation results.",
    footer = {
      "",
      "Example:",
      "  fizzy evaluate separability --data work/faces/ --embedder mobilefacenet.onnx --out"
          + " work/separability.json",
      "  fizzy report work/",
      "  fizzy report work/ --curve curve.svg",
      "",
      "The report shows data sets (found by their manifest.json), loss curves (metrics.jsonl) and"
          + " results that `fizzy evaluate --out` wrote. The page is self-contained. report.json,"
          + " with the same data, is written next to it."
    })
final class ReportCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ReportCommand.class);

  @Parameters(paramLabel = "DIR", description = "Folder to search recursively.")
  private Path folder;

  @Option(
      names = "--out",
      paramLabel = "FILE.html",
      description = "Page to write; default: DIR/report.html.")
  private Path out;

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      description = "Title of the page; default: the folder's name.")
  private String title;

  @Option(
      names = "--curve",
      paramLabel = "FILE.svg",
      description =
          "Also write a picture: error rate, adherence, variation, distance to real faces and"
              + " sharpness of the generated sets that results judge, beside their cost.")
  private Path curve;

  @Option(
      names = "--curve-over",
      defaultValue = "evaluations",
      description =
          "What cost means in the picture: ${COMPLETION-CANDIDATES}; speed is the images/s of the"
              + " run that generated a set; default: ${DEFAULT-VALUE}.")
  private QualityCurve.Axis axis;

  @Option(
      names = "--real-faces",
      description =
          "Show the training faces nearest to the identities in leakage results. They are of real"
              + " people; by default they are left out.")
  private boolean realFaces;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    Path page = out == null ? folder.resolve("report.html") : out;
    Outputs.checkFile(page, ".html");
    if (curve != null) {
      Outputs.checkFile(curve, ".svg");
    }
    Report report =
        Report.of(
            folder,
            title == null ? folder.toAbsolutePath().normalize().getFileName().toString() : title,
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            Version.number(),
            realFaces);
    report.skipped().forEach(s -> log.warn("skipped {}", s));
    if (curve != null && !QualityCurve.write(report, axis, curve)) {
      throw new FileException(
          "no picture of quality can be drawn of "
              + folder
              + ": it needs results of `fizzy evaluate separability` or `quality` on sets that"
              + " `fizzy generate` of this version wrote, and whose folders still exist on this"
              + " machine");
    }
    ReportPage.write(report, page);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("out", page.toString());
    fields.put("datasets", report.datasets().size());
    fields.put("runs", report.runs().size());
    fields.put("results", report.results().size());
    fields.put("skipped", report.skipped());
    output.print(
        fields,
        page
            + ": "
            + report.datasets().size()
            + " data sets, "
            + report.runs().size()
            + " training runs, "
            + report.results().size()
            + " results; "
            + report.skipped().size()
            + " files skipped");
    return 0;
  }
}
