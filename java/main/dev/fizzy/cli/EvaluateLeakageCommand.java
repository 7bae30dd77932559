package dev.fizzy.cli;

import dev.fizzy.cluster.Cluster;
import dev.fizzy.cluster.MergedJob;
import dev.fizzy.dataset.ImageSets;
import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.dataset.read.ImageSource;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.file.NameList;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.Embeddings;
import dev.fizzy.recognition.Leakage;
import dev.fizzy.recognition.LeakageSearch;
import dev.fizzy.recognition.LeakageSummary;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "leakage",
    description =
        "Searches a data set for real people: how similar are its identities to the training"
            + " faces?",
    footer = {
      "",
      "Examples:",
      "  fizzy evaluate leakage --data faces/ --training crops/ --labels people.csv --embedder"
          + " mobilefacenet.onnx"
          + " --out leakage.json",
      "  fizzy evaluate leakage --embeddings faces.npy --training-embeddings crops.npy"
          + " --write-exclude leaks.txt",
      "  fizzy evaluate leakage --embeddings /shared/faces --training-embeddings /shared/crops"
          + " --cluster spark://host:7077",
      "  fizzy contexts select --from identities.npy --exclude leaks.txt --out clean.npy",
      "",
      "Every identity (the mean of its images' vectors, and each image) is compared with every"
          + " training face.",
      "Real people give the baseline: the scores of pairs of two different real people, whose false"
          + " match rates give thresholds, and the most similar other person that a sample of real"
          + " people has among the same training faces. The folders or --labels say who a training"
          + " face is of; without either, each face counts as a separate person, and some pairs may"
          + " be of one person. Embeddings in .npy and Parquet files are read block by block.",
      "With --cluster every machine must have the embeddings (and --labels, --exclude) at the same"
          + " paths; the result has the same bits."
    })
final class EvaluateLeakageCommand implements Callable<Integer> {
  private static final double MILLION = 1e6;

  @Option(
      names = "--training",
      paramLabel = "DIR",
      description = "Folder of the model's training faces; needs --embedder.")
  private Path training;

  @Option(
      names = "--training-embeddings",
      paramLabel = "FILE",
      description = "Embeddings of the training faces, from `fizzy embed`, instead of --training.")
  private Path trainingEmbeddings;

  @Option(
      names = "--labels",
      paramLabel = "FILE.csv",
      description = "Identities of the training faces: CSV with the columns file and identity.")
  private Path labels;

  @Option(
      names = "--people",
      defaultValue = "1000",
      paramLabel = "N",
      description =
          "Number of real people to search for, drawn at random; default: ${DEFAULT-VALUE}.")
  @Range(min = 2)
  private int people;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--closest",
      defaultValue = "20",
      paramLabel = "N",
      description =
          "Number of most similar identities to print, with their nearest face; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private int closest;

  @Option(
      names = "--write-exclude",
      paramLabel = "FILE",
      description =
          "Write the names of the identities above the threshold --above to this file, one per"
              + " line.")
  private Path exclude;

  @Option(
      names = "--above",
      defaultValue = "fmr:1e-4",
      paramLabel = "RULE",
      description =
          "Threshold: fmr:RATE, the cosine that this share of the pairs of two real people reaches;"
              + " search:SHARE, the cosine to the most similar other person that this share of real"
              + " people reaches; or a cosine. Default: ${DEFAULT-VALUE}.")
  private String above;

  @Mixin private FacesInput input;
  @Mixin private ResultOutput output;
  @Mixin private ClusterOptions cluster;

  @Override
  public Integer call() throws Exception {
    output.begin();
    check();
    OptionTypes.checked(() -> LeakageSummary.checkRule(above));
    try (Embeddings stored =
            trainingEmbeddings == null ? null : Embeddings.open(trainingEmbeddings);
        Device device = Devices.open("cpu", input.threads())) {
      if (stored != null) {
        input.expect("the vectors of " + trainingEmbeddings, stored.width());
      }
      FacesInput.Opened read = input.openRows();
      try (Embeddings mine = read.faces();
          Embeddings real = stored != null ? stored : training(mine)) {
        return report(device, read, real);
      }
    }
  }

  /** Opens the search of a worker; what it reads stays open. */
  LeakageSearch openOnWorker(String checksum) {
    Embeddings mine = input.openRows().faces();
    Embeddings real = Embeddings.open(trainingEmbeddings);
    SharedInput.check(input.embeddings(), checksum(mine, real), checksum);
    return search(mine, real);
  }

  private String checksum(Embeddings mine, Embeddings real) {
    return String.join(
        " ",
        SharedInput.vectors(input.embeddings(), mine),
        SharedInput.vectors(trainingEmbeddings, real),
        SharedInput.file(labels));
  }

  private LeakageSearch search(Embeddings mine, Embeddings real) {
    List<String> who =
        labels == null
            ? FaceLabels.byFolder(real.names())
            : FaceLabels.byTable(real.names(), labels);
    return LeakageSearch.of(mine, real, who, new Leakage.Options(people, seed, 0, 0));
  }

  private int report(Device device, FacesInput.Opened read, Embeddings real) throws Exception {
    Leakage leakage = measure(device, read.faces(), real);
    LeakageSummary summary = new LeakageSummary(leakage);
    List<String> leaks = summary.above(summary.threshold(above));
    if (exclude != null) {
      NameList.write(
          exclude,
          String.format(
              Locale.ROOT,
              "%d of %d identities are more similar to a training face than %s, cosine %.4f",
              leaks.size(),
              leakage.identityCount(),
              above,
              summary.threshold(above)),
          leaks);
    }
    Map<String, Object> fields = summary.fields(closest);
    input.describe(fields);
    if (training != null) {
      fields.put("training", training.toString());
    }
    fields.put("seed", seed);
    fields.put("above_rule", above);
    fields.put("above_identities", leaks.size());
    fields.put("skipped", read.skipped());
    output.publish("leakage", input.threads(), fields, text(summary, leaks.size()));
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
    if (cluster.given()) {
      input.embeddings();
      if (training != null) {
        throw input.misuse("--cluster needs --training-embeddings instead of --training");
      }
    }
  }

  private Embeddings training(Embeddings mine) {
    try (ImageSource faces = ImageSets.faces(training);
        Embedder network = input.open(input.embedder())) {
      input.expect("the data set's vectors", mine.width());
      input.checkWidth(network.width(), input.embedder());
      return Embeddings.of(input.embed(network, faces, false).contexts());
    }
  }

  private Leakage measure(Device device, Embeddings mine, Embeddings real) throws Exception {
    LeakageSearch search = search(mine, real);
    long pairs = Math.round(search.comparisons() / MILLION);
    try (ProgressReporter bar = new ProgressReporter("search", "million pairs", pairs)) {
      LongConsumer done = n -> bar.accept(Math.round(n / MILLION));
      return search.leakage(
          cluster.given()
              ? onCluster(search, checksum(mine, real), done)
              : search.all(device, done));
    }
  }

  private LeakageSearch.Found onCluster(LeakageSearch search, String checksum, LongConsumer done)
      throws Exception {
    try (Cluster spark = cluster.open("evaluate leakage")) {
      int wanted = cluster.parts(spark);
      List<String> arguments =
          Resent.arguments(output.command().getCommandSpec(), ClusterOptions.placing());
      LeakageWork work = new LeakageWork(arguments, checksum, wanted);
      return new MergedJob<>("evaluate leakage", search.parts(wanted), work, cluster.allowMixed())
          .run(spark, search.comparisons(), done);
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
