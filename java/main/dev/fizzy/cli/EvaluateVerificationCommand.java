package dev.fizzy.cli;

import dev.fizzy.dataset.FaceEmbedding;
import dev.fizzy.dataset.FaceFolder;
import dev.fizzy.dataset.VerificationPairs;
import dev.fizzy.engine.EngineException;
import dev.fizzy.identity.Embedder;
import dev.fizzy.recognition.Verification;
import dev.fizzy.weights.FileException;
import dev.fizzy.weights.Sha256;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "verification",
    description = "Judges an embedder by a list of pairs: accuracy over 10 folds, rates, ROC.",
    footer = {
      "",
      "Example:",
      "  fizzy evaluate verification --embedder mobilefacenet.onnx --pairs lfw_pairs.txt --images lfw112/ --out lfw.json",
      "",
      "Each fold is judged by the threshold that is best on the others. Faces must be aligned as for training."
    })
final class EvaluateVerificationCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(EvaluateVerificationCommand.class);

  @Option(
      names = "--pairs",
      required = true,
      paramLabel = "FILE",
      description = "List of pairs in the format of Labeled Faces in the Wild.")
  private Path pairs;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "DIR",
      description = "Folder of the aligned images, name_0001.jpg or name/name_0001.jpg.")
  private Path images;

  @Option(
      names = "--no-flip",
      description = "The image alone; default: the sum with its mirror image's features.")
  private boolean noFlip;

  @Option(
      names = "--missing",
      paramLabel = "SHARE",
      defaultValue = "0.01",
      description =
          "Largest share of pairs to leave out where an image is missing; default: ${DEFAULT-VALUE}.")
  private double missing;

  @Mixin private EmbedderOptions embedder;
  @Mixin private ResultOutput output;

  @Override
  public Integer call() {
    output.begin();
    if (!(missing >= 0 && missing < 1)) {
      throw new EngineException("--missing must be from 0 to below 1, not " + missing);
    }
    FaceFolder folder = FaceFolder.open(images);
    VerificationPairs.Listed list = VerificationPairs.readLfw(pairs, folder);
    check(list.listed() - list.found().pairs().size(), list);
    list.found().missing().forEach(name -> log.warn("there is no image {}", name));
    FaceEmbedding faces;
    try (Embedder network = embedder.open()) {
      faces = embedder.embed(network, folder.only(list.found().images()), !noFlip);
    }
    Verification result = Verification.of(list.found(), list.listed(), faces.contexts());
    check(result.leftOut(), list);
    List<String> unusable = new ArrayList<>(list.found().missing());
    faces.skipped().forEach(s -> unusable.add(s.toString()));
    Map<String, Object> fields = result.fields();
    fields.put("embedder", embedder.file().getFileName().toString());
    fields.put("embedder_sha256", Sha256.of(embedder.file()));
    fields.put("flip", !noFlip);
    fields.put("unusable", unusable);
    output.publish(
        "verification",
        embedder.threads(),
        fields,
        String.format(
            Locale.ROOT,
            "accuracy %.2f %% +- %.2f (%d pairs, %d left out); TAR %s; EER %.2f %%; AUC %.4f",
            100 * result.folded().accuracy(),
            100 * result.folded().deviation(),
            result.pairs(),
            result.leftOut(),
            result.scores().acceptance(),
            100 * result.scores().equalErrorRate(),
            result.scores().areaUnderCurve()));
    return 0;
  }

  private void check(int leftOut, VerificationPairs.Listed list) {
    if (leftOut > missing * list.listed()) {
      throw new FileException(
          leftOut
              + " of "
              + list.listed()
              + " pairs in "
              + pairs
              + " lack an image in "
              + images
              + (list.found().missing().isEmpty()
                  ? ""
                  : ", the first " + list.found().missing().iterator().next())
              + "; --missing sets the share that may be left out, now "
              + missing);
    }
  }
}
