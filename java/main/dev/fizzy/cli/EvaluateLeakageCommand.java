package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.NameList;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.Embeddings;
import dev.fizzy.recognition.Leakage;
import dev.fizzy.recognition.LeakageSummary;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "leakage",
    description = "Looks for real people in a data set: how near it comes to the training faces.",
    footer = {
      "",
      "Examples:",
      "  fizzy evaluate leakage --data faces/ --training crops/ --labels people.csv --embedder"
          + " mobilefacenet.onnx \\",
      "      --out leakage.json",
      "  fizzy evaluate leakage --embeddings faces.npy --training-embeddings crops.npy"
          + " --write-exclude leaks.txt",
      "  fizzy contexts select --from identities.npy --exclude leaks.txt --out clean.npy",
      "",
      "Every identity (the mean of its images' vectors, and each image) is compared with every"
          + " training face.",
      "Beside it stand real people: the scores of pairs of two of them, whose false match rate"
          + " gives thresholds,",
      "and the nearest stranger that each of some real people has among the same training faces."
          + " Training faces",
      "are told apart by their folders or by --labels; without either each counts as a person of"
          + " its own, and",
      "some of the pairs may be of one person. Embeddings in .npy files are read block by block."
    })
final class EvaluateLeakageCommand implements Callable<Integer> {
  private static final double MILLION = 1e6;

  @Option(
      names = "--training",
      paramLabel = "DIR",
      description = "The real faces that the model was trained on; needs --embedder.")
  private Path training;

  @Option(
      names = "--training-embeddings",
      paramLabel = "FILE",
      description = "Their embeddings instead, as `fizzy embed` writes them.")
  private Path trainingEmbeddings;

  @Option(
      names = "--labels",
      paramLabel = "FILE.csv",
      description = "Who the training faces are of: a table with columns file and identity.")
  private Path labels;

  @Option(
      names = "--people",
      defaultValue = "1000",
      paramLabel = "N",
      description = "Real people to search for, drawn by --seed; default: ${DEFAULT-VALUE}.")
  @Range(min = 2)
  private int people;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--closest",
      defaultValue = "20",
      paramLabel = "N",
      description = "Identities to name with their nearest face; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private int closest;

  @Option(
      names = "--write-exclude",
      paramLabel = "FILE",
      description = "Write the names of the identities above --above, one a line.")
  private Path exclude;

  @Option(
      names = "--above",
      defaultValue = "fmr:1e-4",
      paramLabel = "RULE",
      description =
          "fmr:RATE, the cosine that so many pairs of two real people reach; search:SHARE, the one"
              + " that so many real people find in a stranger among the training faces; or a"
              + " cosine. Default: ${DEFAULT-VALUE}.")
  private String above;

  @Mixin private FacesInput input;
  @Mixin private ResultOutput output;

  @Override
  public Integer call() {
    output.begin();
    check();
    FacesInput.Opened read = input.openRows();
    try (Embeddings mine = read.faces();
        Embeddings real = training();
        Device device = Devices.open("cpu", input.threads())) {
      List<String> who =
          labels == null
              ? FaceLabels.byFolder(real.names())
              : FaceLabels.byTable(real.names(), labels);
      Leakage leakage = measure(device, mine, real, who);
      LeakageSummary summary = new LeakageSummary(leakage);
      List<String> leaks = summary.above(summary.threshold(above));
      if (exclude != null) {
        NameList.write(
            exclude,
            String.format(
                Locale.ROOT,
                "%d of %d identities are nearer to a training face than %s, cosine %.4f",
                leaks.size(),
                leakage.identityCount(),
                above,
                summary.threshold(above)),
            leaks);
      }
      Map<String, Object> fields = summary.fields(closest);
      fields.put("seed", seed);
      fields.put("above_rule", above);
      fields.put("above_identities", leaks.size());
      fields.put("skipped", read.skipped());
      output.publish("leakage", input.threads(), fields, text(summary, leaks.size()));
    }
    return 0;
  }

  private void check() {
    input.check();
    if ((training == null) == (trainingEmbeddings == null)) {
      throw input.misuse("give --training DIR with --embedder FILE, or --training-embeddings FILE");
    }
    if (training != null && input.embedder() == null) {
      throw input.misuse("--training needs --embedder FILE");
    }
    if (exclude != null) {
      Outputs.checkFile(exclude);
    }
  }

  private Embeddings training() {
    if (trainingEmbeddings != null) {
      return Embeddings.open(trainingEmbeddings);
    }
    try (Embedder network = input.open(input.embedder())) {
      return Embeddings.of(input.embed(network, FaceFolder.open(training), false).contexts());
    }
  }

  private Leakage measure(Device device, Embeddings mine, Embeddings real, List<String> who) {
    ProgressReporter[] bar = new ProgressReporter[1];
    try {
      return Leakage.of(
          device,
          mine,
          real,
          who,
          new Leakage.Options(people, seed, 0, 0),
          total -> {
            bar[0] = new ProgressReporter("search", "million pairs", Math.round(total / MILLION));
            return done -> bar[0].accept(Math.round(done / MILLION));
          });
    } finally {
      if (bar[0] != null) {
        bar[0].close();
      }
    }
  }

  private String text(LeakageSummary summary, int leaks) {
    return String.format(
        Locale.ROOT,
        "%s\n%d identities above %s%s%s",
        summary.text(),
        leaks,
        above,
        exclude == null ? "" : " in " + exclude,
        summary.closest(closest));
  }
}
