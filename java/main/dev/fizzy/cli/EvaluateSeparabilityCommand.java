package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.identity.Contexts;
import dev.fizzy.recognition.RealComparison;
import dev.fizzy.recognition.Retrieval;
import dev.fizzy.recognition.Separability;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
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
          + " people; if identities were generated from some of these photos (`contexts authentic`),"
          + " it also compares their images with the other photos of the person, on a scale from 0,"
          + " as strangers, to 1, as the photo itself."
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

  @Override
  public Integer call() {
    output.begin();
    input.check();
    Contexts stored = photos.check(input);
    if (among != null && contexts == null) {
      throw input.misuse("--among goes with --contexts FILE");
    }
    if (photos.labeled() && !photos.given() && among == null) {
      throw input.misuse("--labels goes with --real, --real-embeddings or --among");
    }
    Contexts wanted = contexts == null ? null : Contexts.read(contexts);
    Contexts others = among == null ? null : Contexts.read(among);
    input.expect("the contexts", wanted);
    input.expect("the contexts of --among", others);
    input.expect("the embeddings of --real-embeddings", stored);
    Retrieval.Others strangers =
        others == null ? null : new Retrieval.Others(others, photos.person(), candidates, seed);
    FacesInput.Read read = input.read();
    Separability result = compare(read.faces(), wanted);
    Retrieval retrieval = wanted == null ? null : rank(read.faces(), wanted, strangers);
    RealComparison real = photos.given() ? compare(read.faces(), wanted, stored) : null;
    Map<String, Object> fields = result.fields();
    if (retrieval != null) {
      fields.put("retrieval", retrieval.fields());
    }
    if (real != null) {
      fields.putAll(real.fields());
    }
    input.describe(fields);
    fields.put("seed", seed);
    fields.put("skipped", read.skipped());
    String text = new SeparabilityText(result, retrieval, real).toString();
    output.publish("separability", input.threads(), fields, text);
    return 0;
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
