package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.recognition.protocol.VerificationBinWriter;
import dev.fizzy.recognition.protocol.VerificationPairs;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "bin",
    description =
        "Packs a list of pairs and its images into a .bin, the verification format of InsightFace.",
    footer = {
      "",
      "Example:",
      "  fizzy make bin --pairs lfw_pairs.txt --images lfw112/ --out lfw.bin",
      "",
      "Images are copied without re-encoding; for networks that InsightFace trains they must be"
          + " aligned and 112 x 112. The .bin is a pickle of protocol 3, for Python 3."
    })
final class MakeBinCommand implements Callable<Integer> {
  @Option(
      names = "--pairs",
      required = true,
      paramLabel = "FILE",
      description = "List of pairs in the format of LFW (Labeled Faces in the Wild).")
  private Path pairs;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the aligned images, name_0001.jpg or name/name_0001.jpg.")
  private Path images;

  @Option(names = "--out", required = true, paramLabel = "FILE.bin", description = "File to write.")
  private Path out;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    Outputs.checkFile(out, ".bin");
    FaceFolder folder = FaceFolder.open(images);
    VerificationPairs list = VerificationPairs.readWholeLfw(pairs, folder);
    int count = list.pairs().size();
    try (ProgressReporter progress = new ProgressReporter("make bin", "pairs", count)) {
      VerificationBinWriter.write(out, list, folder, progress);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("out", out.toString());
    json.put("pairs", count);
    output.print(json, count + " pairs in " + out);
    return 0;
  }
}
