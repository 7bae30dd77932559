package dev.fizzy.cli;

import dev.fizzy.cluster.Cluster;
import dev.fizzy.cluster.MergedJob;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.identity.Contexts;
import dev.fizzy.recognition.ContextRanks;
import dev.fizzy.recognition.PairScores;
import dev.fizzy.recognition.RealComparison;
import dev.fizzy.recognition.Retrieval;
import dev.fizzy.recognition.Separability;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "separability",
    description = "Measures how well a face embedder distinguishes the identities of a data set.",
    footer = {
      "",
      "Examples:",
      "  fizzy evaluate separability --data faces/ --embedder mobilefacenet.onnx --contexts"
          + " identities.npy"
          + " --save-embeddings faces.npy --out separability.json",
      "  fizzy evaluate separability --embeddings faces.npy --seed 2",
      "  fizzy evaluate separability --embeddings /shared/faces --contexts /shared/c.npy --cluster"
          + " spark://host:7077",
      "  fizzy evaluate separability --data faces/ --embedder judge.onnx --real crops/ --labels"
          + " people.csv",
      "",
      "Compares all genuine pairs and randomly drawn impostor pairs. With --contexts, which must"
          + " come from the same embedder, it also measures the similarity of each image to the"
          + " identity it was generated from. Verification follows the 10-fold protocol of LFW,"
          + " with different people in different folds, on up to 6,000 pairs.",
      "",
      "With --contexts it also ranks the own context among all and those of --among, for each image"
          + " and for the mean of each identity. With --real it prints the same figures of real"
          + " people; if identities were generated from some of these photos (`contexts"
          + " authentic`), it also compares their images with the other photos of the person, on a"
          + " scale from 0, as strangers, to 1, as the photo itself.",
      "",
      "With --cluster every machine must have the embeddings and contexts at the same paths; the"
          + " result has the same bits. The comparison with --real is made on the driver."
    })
final class EvaluateSeparabilityCommand implements Callable<Integer> {
  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description = "Contexts that the data set was generated from.")
  private Path contexts;

  @Option(
      names = "--among",
      paramLabel = "FILE",
      description =
          "Further contexts to rank each image's own context among; those of people in --contexts"
              + " (the same name, or by --labels the same person) are left out.")
  private Path among;

  @Option(
      names = "--candidates",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "Largest number of contexts to rank among, those of --contexts included; the others are"
              + " drawn by --seed; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int candidates;

  @Option(
      names = "--impostors",
      paramLabel = "N",
      defaultValue = "1000000",
      description =
          "Number of distinct impostor pairs to draw, or all if there are fewer; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int impostors;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of the drawn pairs; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Mixin private FacesInput input;
  @Mixin private RealPhotos photos;
  @Mixin private ResultOutput output;
  @Mixin private ClusterOptions cluster;

  /** What the command compares. */
  private record Inputs(
      FacesInput.Read read, Contexts wanted, Retrieval.Others strangers, Contexts real) {
    /** The ranks, or null without contexts. */
    ContextRanks ranks() {
      return wanted == null ? null : new ContextRanks(read.faces(), wanted, strangers);
    }
  }

  @Override
  public Integer call() throws Exception {
    output.begin();
    Inputs inputs = inputs();
    if (cluster.given()) {
      SeparabilityWork.Found found = onCluster(inputs);
      publish(inputs, found.separability(), found.retrieval());
    } else {
      Contexts faces = inputs.read.faces();
      Separability result = compare(faces, inputs.wanted);
      publish(
          inputs,
          result,
          inputs.wanted == null ? null : rank(faces, inputs.wanted, inputs.strangers));
    }
    return 0;
  }

  private Inputs inputs() {
    input.check();
    if (cluster.given()) {
      input.embeddings();
    }
    Contexts stored = photos.check(input);
    if (among != null && contexts == null) {
      throw input.misuse("--among goes with --contexts FILE");
    }
    if (photos.labeled() && !photos.given() && among == null) {
      throw input.misuse("--labels goes with --real, --real-embeddings or --among");
    }
    input.expect("the embeddings of --real-embeddings", stored);
    return read(stored);
  }

  /** Reads what is compared; the embeddings of real people are needed on the driver alone. */
  private Inputs read(Contexts stored) {
    Contexts wanted = contexts == null ? null : Contexts.read(contexts);
    Contexts others = among == null ? null : Contexts.read(among);
    input.expect("the contexts", wanted);
    input.expect("the contexts of --among", others);
    Retrieval.Others strangers =
        others == null ? null : new Retrieval.Others(others, photos.person(), candidates, seed);
    return new Inputs(input.read(), wanted, strangers, stored);
  }

  private void publish(Inputs inputs, Separability result, Retrieval retrieval) {
    Contexts faces = inputs.read.faces();
    RealComparison real = photos.given() ? compare(faces, inputs.wanted, inputs.real) : null;
    Map<String, Object> fields = result.fields();
    if (retrieval != null) {
      fields.put("retrieval", retrieval.fields());
    }
    if (real != null) {
      fields.putAll(real.fields());
    }
    input.describe(fields);
    fields.put("seed", seed);
    fields.put("skipped", inputs.read.skipped());
    String text = new SeparabilityText(result, retrieval, real).toString();
    output.publish("separability", input.threads(), fields, text);
  }

  /** Opens the comparisons of a worker. */
  SeparabilityWork.Comparisons openOnWorker(String checksum) {
    Inputs inputs = read(null);
    SharedInput.check(input.embeddings(), checksum(inputs), checksum);
    return comparisons(inputs);
  }

  private SeparabilityWork.Comparisons comparisons(Inputs inputs) {
    return new SeparabilityWork.Comparisons(
        new PairScores(inputs.read.faces(), impostors, seed), inputs.ranks());
  }

  private String checksum(Inputs inputs) {
    String faces = inputs.read.faces().sha256();
    if (inputs.wanted == null) {
      return faces;
    }
    boolean ranked = inputs.strangers != null;
    return String.join(
        " ",
        faces,
        inputs.wanted.sha256(),
        ranked ? inputs.strangers.contexts().sha256() : "",
        ranked ? photos.labelsChecksum() : "");
  }

  private SeparabilityWork.Found onCluster(Inputs inputs) throws Exception {
    SeparabilityWork.Comparisons all = comparisons(inputs);
    List<String> arguments =
        Resent.arguments(output.command().getCommandSpec(), ClusterOptions.placing());
    SeparabilityWork work = new SeparabilityWork(arguments, checksum(inputs));
    try (Cluster spark = cluster.open("evaluate separability");
        ProgressReporter progress = new ProgressReporter("compare", "comparisons", all.count())) {
      SeparabilityWork.Slices slices =
          new MergedJob<>("evaluate separability", cluster.parts(spark), work, cluster.allowMixed())
              .run(spark, all.count(), progress);
      return all.found(slices, inputs.wanted);
    }
  }

  private Separability compare(Contexts faces, Contexts wanted) {
    try (ProgressReporter progress =
        new ProgressReporter("compare", "pairs", Separability.work(faces, impostors))) {
      return Separability.of(faces, wanted, impostors, seed, progress);
    }
  }

  private Retrieval rank(Contexts faces, Contexts wanted, Retrieval.Others others) {
    try (Device device = Devices.open("cpu", input.threads());
        ProgressReporter progress =
            new ProgressReporter("rank", "vectors", Retrieval.work(faces))) {
      return Retrieval.of(device, faces, wanted, others, progress);
    }
  }

  private RealComparison compare(Contexts faces, Contexts wanted, Contexts stored) {
    input.expect("the data set's vectors", faces);
    RealPhotos.Read real = photos.read(input, stored);
    long work = RealComparison.work(real.photos(), real.people(), impostors);
    try (ProgressReporter progress = new ProgressReporter("compare real people", "pairs", work)) {
      return RealComparison.of(
          faces, wanted, real.photos(), real.people(), impostors, seed, progress);
    }
  }
}
