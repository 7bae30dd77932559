package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.file.NameList;
import dev.fizzy.identity.AuthenticContexts;
import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "contexts",
    subcommands = TwoStageCommand.class,
    description = "Creates identities: the vectors that condition the network.")
final class ContextsCommand {
  /** The width of the published embedders, and of the default model. */
  private static final String WIDTH = "512";

  @Command(
      name = "uniform",
      description = "Draws new identities uniformly from the unit sphere.",
      footer = {
        "",
        "Example:",
        "  fizzy contexts uniform --count 1000 --seed 5 --out contexts.npy"
      })
  int uniform(
      @Mixin IdentityCount drawn,
      @Option(
              names = "--width",
              defaultValue = WIDTH,
              paramLabel = "W",
              description = "Width of the vectors; default: ${DEFAULT-VALUE}.")
          @Range(min = 1)
          int width,
      @Mixin ContextsOutput output) {
    output.check();
    output.write(UniformContexts.of(drawn.count, width, drawn.seed));
    return 0;
  }

  @Command(
      name = "gaussian",
      description =
          "Draws new identities from a Gaussian with the mean and covariance of real faces'"
              + " embeddings.",
      footer = {
        "",
        "Examples:",
        "  fizzy contexts gaussian --count 1000 --seed 5 --out contexts.npy",
        "  fizzy contexts gaussian --like embedded.npy --count 1000 --seed 5 --out contexts.npy",
        "",
        "Embeddings of real faces occupy only a part of the space; a model draws identities from"
            + " this part best."
      })
  int gaussian(
      @Mixin IdentityCount drawn,
      @Option(
              names = "--like",
              paramLabel = "FILE",
              description =
                  "Contexts of real faces, from `fizzy embed`; default: the statistics of the"
                      + " model's training set.")
          Path like,
      @Option(
              names = "--model",
              paramLabel = "FILE",
              description = "Model whose statistics are used; default: the built-in model.")
          Path model,
      @Mixin ContextsOutput output) {
    output.check();
    output.write(distribution(like, model).draw(drawn.count, drawn.seed));
    return 0;
  }

  private static ContextDistribution distribution(Path like, Path model) {
    if (like != null) {
      Contexts contexts = Contexts.read(like);
      return ContextDistribution.fit(
          IntStream.range(0, contexts.size()).mapToObj(contexts::vector).toArray(float[][]::new));
    }
    try (ModelFile file = DefaultModel.openOr(model)) {
      return ContextDistribution.of(file);
    }
  }

  /** The faces to select. */
  static final class Choice {
    @Option(
        names = "--names",
        split = ",",
        required = true,
        paramLabel = "NAME",
        description = "Names of faces, separated by commas.")
    List<String> names;

    @Option(
        names = "--count",
        required = true,
        paramLabel = "N",
        description = "Number of faces to draw at random.")
    @Range(min = 1)
    Integer count;
  }

  @Command(
      name = "authentic",
      description = "Selects identities of real faces from the contexts that `fizzy embed` wrote.",
      footer = {
        "",
        "Examples:",
        "  fizzy contexts authentic --from contexts.npy --count 100 --seed 5 --out chosen.npy",
        "  fizzy contexts authentic --from contexts.npy --names anna.jpg,ben.jpg --out two.npy",
        "  fizzy contexts authentic --from contexts.npy --count 100 --labels people.csv --photos 2"
            + " --out people.npy",
        "",
        "With --labels each identity is another person, with --photos 2 one that `evaluate"
            + " separability --real` can compare with other photos of that person."
      })
  int authentic(
      @Option(
              names = "--from",
              required = true,
              paramLabel = "FILE",
              description = "Contexts from `fizzy embed`.")
          Path from,
      @ArgGroup(multiplicity = "1") Choice choice,
      @Option(
              names = "--seed",
              defaultValue = "1",
              paramLabel = "S",
              description = "Default: ${DEFAULT-VALUE}.")
          long seed,
      @Option(
              names = "--labels",
              paramLabel = "FILE.csv",
              description =
                  "Draw one face each of different people: CSV with the columns file and identity.")
          Path labels,
      @Option(
              names = "--photos",
              paramLabel = "N",
              defaultValue = "1",
              description =
                  "Draw only people with at least N faces; needs --labels; default:"
                      + " ${DEFAULT-VALUE}.")
          @Range(min = 1)
          int photos,
      @Mixin ContextsOutput output) {
    if (photos > 1 && labels == null || labels != null && choice.names != null) {
      throw new OptionException("--photos needs --labels FILE.csv, and --labels needs --count N");
    }
    output.check();
    output.write(authentic(Contexts.read(from), choice, labels, photos, seed));
    return 0;
  }

  private static Contexts authentic(
      Contexts embedded, Choice choice, Path labels, int photos, long seed) {
    if (choice.names != null) {
      return AuthenticContexts.named(embedded, choice.names);
    }
    if (labels == null) {
      return AuthenticContexts.drawn(embedded, choice.count, seed);
    }
    List<String> people = FaceLabels.byTable(embedded.names(), labels);
    return AuthenticContexts.onePerPerson(embedded, people, photos, choice.count, seed);
  }

  @Command(
      name = "select",
      description = "Copies the identities of a file except those in a list.",
      footer = {
        "",
        "Example:",
        "  fizzy contexts select --from identities.npy --exclude leaks.txt --out clean.npy"
      })
  int select(
      @Option(
              names = "--from",
              required = true,
              paramLabel = "FILE",
              description = "Contexts to select from.")
          Path from,
      @Option(
              names = "--exclude",
              required = true,
              paramLabel = "FILE",
              description =
                  "Names of identities to leave out, one per line, as `evaluate leakage` writes"
                      + " them.")
          Path exclude,
      @Mixin ContextsOutput output) {
    output.check();
    output.write(Contexts.read(from).without(NameList.read(exclude)));
    return 0;
  }
}
