package dev.fizzy.cli;

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
    description = "Makes identities: the vectors that the network is conditioned on.")
final class ContextsCommand {
  /** The width of the published embedders, and of the default model. */
  private static final String WIDTH = "512";

  @Command(
      name = "uniform",
      description = "New identities, uniform on the unit sphere.",
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
              description = "Default: ${DEFAULT-VALUE}.")
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
          "New identities where those of real faces lie: a Gaussian with their mean and"
              + " covariance.",
      footer = {
        "",
        "Examples:",
        "  fizzy contexts gaussian --count 1000 --seed 5 --out contexts.npy",
        "  fizzy contexts gaussian --like embedded.npy --count 1000 --seed 5 --out contexts.npy",
        "",
        "Embedders fill a part of their space only, and a model draws those identities best that"
            + " lie in it."
      })
  int gaussian(
      @Mixin IdentityCount drawn,
      @Option(
              names = "--like",
              paramLabel = "FILE",
              description =
                  "Contexts of real faces, from `fizzy embed`; default: those that the model was"
                      + " trained on.")
          Path like,
      @Option(
              names = "--model",
              paramLabel = "FILE",
              description = "Default: the model that ships.")
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

  /** Which of the embedded faces. */
  static final class Choice {
    @Option(
        names = "--names",
        split = ",",
        required = true,
        paramLabel = "NAME",
        description = "Faces by name, between commas.")
    List<String> names;

    @Option(
        names = "--count",
        required = true,
        paramLabel = "N",
        description = "So many, drawn by --seed.")
    @Range(min = 1)
    Integer count;
  }

  @Command(
      name = "authentic",
      description = "Identities of real faces, chosen out of contexts that `fizzy embed` wrote.",
      footer = {
        "",
        "Examples:",
        "  fizzy contexts authentic --from contexts.npy --count 100 --seed 5 --out chosen.npy",
        "  fizzy contexts authentic --from contexts.npy --names anna.jpg,ben.jpg --out two.npy"
      })
  int authentic(
      @Option(
              names = "--from",
              required = true,
              paramLabel = "FILE",
              description = "Embedded faces.")
          Path from,
      @ArgGroup(multiplicity = "1") Choice choice,
      @Option(
              names = "--seed",
              defaultValue = "1",
              paramLabel = "S",
              description = "Default: ${DEFAULT-VALUE}.")
          long seed,
      @Mixin ContextsOutput output) {
    output.check();
    Contexts embedded = Contexts.read(from);
    output.write(
        choice.names != null
            ? AuthenticContexts.named(embedded, choice.names)
            : AuthenticContexts.drawn(embedded, choice.count, seed));
    return 0;
  }

  @Command(
      name = "select",
      description = "Some identities out of a file: those that a list does not exclude.",
      footer = {
        "",
        "Example:",
        "  fizzy contexts select --from identities.npy --exclude leaks.txt --out clean.npy"
      })
  int select(
      @Option(names = "--from", required = true, paramLabel = "FILE", description = "Identities.")
          Path from,
      @Option(
              names = "--exclude",
              required = true,
              paramLabel = "FILE",
              description = "Names to leave out, one a line, as `evaluate leakage` lists them.")
          Path exclude,
      @Mixin ContextsOutput output) {
    output.check();
    output.write(Contexts.read(from).without(NameList.read(exclude)));
    return 0;
  }
}
