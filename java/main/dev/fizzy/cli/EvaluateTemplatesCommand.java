package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FaceEmbedding;
import dev.fizzy.recognition.TemplateVerification;
import dev.fizzy.recognition.protocol.TemplateLists;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "templates",
    description = "Evaluates an embedder on templates of several images, as IJB-B and IJB-C do.",
    footer = {
      "",
      "Example:",
      "  fizzy evaluate templates --embedder r50.onnx --images ijbc/aligned/ --faces"
          + " ijbc_face_tid_mid.txt"
          + " --pairs ijbc_template_pair_label.txt --points ijbc_name_5pts_score.txt",
      "",
      "Images must be aligned as for training and named as in --faces. A template is the sum over"
          + " its media of the mean unit vector of the medium's images, weighted by the detector's"
          + " score if --points gives it. The protocol is tested on synthetic lists; it was not"
          + " compared with published figures, because the published sets were not available."
    })
final class EvaluateTemplatesCommand implements Callable<Integer> {
  @Option(
      names = "--faces",
      required = true,
      paramLabel = "FILE",
      description = "List with image, template and medium per line: *_face_tid_mid.txt.")
  private Path faces;

  @Option(
      names = "--pairs",
      required = true,
      paramLabel = "FILE",
      description = "List with template, template and 1 or 0 per line: *_template_pair_label.txt.")
  private Path pairs;

  @Option(
      names = "--points",
      paramLabel = "FILE",
      description =
          "List with image, five landmarks and score per line: *_name_5pts_score.txt; images are"
              + " weighted by the score; default: equal weights.")
  private Path points;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the aligned images.")
  private Path images;

  @Mixin private PairOptions options;
  @Mixin private ResultOutput output;

  @Override
  public Integer call() {
    output.begin();
    TemplateLists lists = TemplateLists.read(faces, pairs, points);
    FaceFolder folder = FaceFolder.open(images).only(new HashSet<>(lists.images()));
    if (folder.count() == 0) {
      throw new FileException(
          "none of the images that "
              + faces
              + " names is in "
              + images
              + ", the first "
              + lists.images().get(0));
    }
    FaceEmbedding embedded;
    try (Embedder network = options.embedder().open()) {
      embedded = options.embedder().embed(network, folder, options.bothWays());
    }
    TemplateVerification result = TemplateVerification.of(lists, embedded.contexts());
    options.checkSkipped(
        result.skipped(), lists.same().length, "have a template without a usable image");
    Map<String, Object> fields = result.fields();
    options.describe(fields);
    fields.put("skipped", embedded.skipped().stream().map(Object::toString).toList());
    output.publish(
        "templates",
        options.embedder().threads(),
        fields,
        String.format(
            Locale.ROOT,
            "%d templates of %d images, %d pairs (%d skipped): TAR %s; EER %.2f %%; AUC %.4f",
            result.templates(),
            result.images(),
            result.pairs(),
            result.skipped(),
            VerificationTable.percents(result.acceptance()),
            100 * result.scores().equalErrorRate(),
            result.scores().areaUnderCurve()));
    return 0;
  }
}
