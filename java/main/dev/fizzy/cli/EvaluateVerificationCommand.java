package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FaceEmbedding;
import dev.fizzy.recognition.Verification;
import dev.fizzy.recognition.protocol.VerificationBin;
import dev.fizzy.recognition.protocol.VerificationPairs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "verification",
    description =
        "Evaluates an embedder on lists of pairs: accuracy over 10 folds, error rates, ROC.",
    footer = {
      "",
      "Examples:",
      "  fizzy evaluate verification --embedder mobilefacenet.onnx --pairs lfw_pairs.txt --images"
          + " lfw112/ --json",
      "  fizzy evaluate verification --embedder mobilefacenet.onnx --bin lfw.bin --bin cfp_fp.bin"
          + " --bin agedb_30.bin",
      "",
      "Each fold uses the threshold that is best on the other folds. Faces must be aligned as for"
          + " training. Several sets give one table with their mean accuracy."
    })
final class EvaluateVerificationCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(EvaluateVerificationCommand.class);

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "List of pairs in the format of LFW (Labeled Faces in the Wild); needs --images.")
  private Path pairs;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Folder of the aligned images, name_0001.jpg or name/name_0001.jpg.")
  private Path images;

  @Option(
      names = "--bin",
      paramLabel = "FILE.bin",
      description = "Verification set of InsightFace; may be given several times.")
  private List<Path> bins = List.of();

  @Mixin private PairOptions options;
  @Mixin private ResultOutput output;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    output.begin();
    if ((pairs == null) != (images == null) || pairs == null && bins.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "give --pairs FILE with --images DIR, or --bin FILE, or both");
    }
    VerificationTable table = new VerificationTable();
    Map<String, Object> last = null;
    try (Embedder network = options.embedder().open()) {
      if (pairs != null) {
        last = judgeList(network, table);
      }
      for (Path bin : bins) {
        last = judgeBin(network, bin, table);
      }
    }
    boolean single = table.size() == 1;
    Map<String, Object> fields = single ? last : table.fields();
    options.describe(fields);
    output.publish(
        single ? "verification" : "verification sets",
        options.embedder().threads(),
        fields,
        table.text());
    return 0;
  }

  private Map<String, Object> judgeList(Embedder network, VerificationTable table) {
    FaceFolder folder = FaceFolder.open(images);
    VerificationPairs.Listed list = VerificationPairs.readLfw(pairs, folder);
    check(list.listed() - list.found().pairs().size(), list, pairs, images);
    list.found().missing().forEach(name -> log.warn("there is no image {}", name));
    return judge(network, list, folder.only(list.found().images()), pairs, table);
  }

  private Map<String, Object> judgeBin(Embedder network, Path bin, VerificationTable table) {
    try (VerificationBin set = VerificationBin.open(bin)) {
      VerificationPairs found = set.pairs();
      VerificationPairs.Listed list = new VerificationPairs.Listed(found, found.pairs().size());
      return judge(network, list, set, bin, table);
    }
  }

  private Map<String, Object> judge(
      Embedder network,
      VerificationPairs.Listed list,
      ImageSource source,
      Path name,
      VerificationTable table) {
    FaceEmbedding faces = options.embedder().embed(network, source, options.bothWays());
    Verification result = Verification.of(list.found(), list.listed(), faces.contexts());
    check(result.skipped(), list, name, source);
    List<String> unusable = new ArrayList<>(list.found().missing());
    faces.skipped().forEach(s -> unusable.add(s.toString()));
    Map<String, Object> fields = result.fields();
    fields.put("unusable", unusable);
    table.add(name.getFileName().toString(), result, fields);
    return fields;
  }

  private void check(int skipped, VerificationPairs.Listed list, Path name, Object source) {
    Set<String> missing = list.found().missing();
    options.checkSkipped(
        skipped,
        list.listed(),
        "in "
            + name
            + " lack an image in "
            + source
            + (missing.isEmpty() ? "" : ", the first " + missing.iterator().next()));
  }
}
