package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceLabels;
import dev.fizzy.file.FileException;
import dev.fizzy.file.NameList;
import dev.fizzy.identity.AuthenticContexts;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.IdentityDistribution;
import dev.fizzy.identity.PrincipalAxes;
import dev.fizzy.identity.UniformContexts;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "contexts",
    subcommands = {
      TwoStageCommand.class,
      PackedCommand.class,
      MorphCommand.class,
      MixCommand.class,
      OversampleCommand.class,
      SplitCommand.class
    },
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
      @Mixin Threads threads,
      @Mixin IdentitiesOutput output) {
    return draw(new UniformContexts(width), drawn, threads, output);
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
      @Mixin LikeOptions like,
      @Mixin Threads threads,
      @Mixin IdentitiesOutput output) {
    output.check();
    return draw(like.distribution(), drawn, threads, output);
  }

  @Command(
      name = "pca",
      description =
          "Draws new identities in the first principal axes of real people's vectors (Vec2Face).",
      footer = {
        "",
        "Examples:",
        "  fizzy contexts pca --like embedded.npy --labels people.csv --dimensions 128 --count 1000"
            + " --seed 5 --out contexts.npy",
        "  fizzy contexts pca --dimensions 64 --count 1000 --max-cosine .4 --apart-from embedded.npy"
            + " --out apart.npy",
        "",
        "With all axes and --spread 1 it draws from the distribution of `contexts gaussian`."
      })
  int pca(
      @Mixin IdentityCount drawn,
      @Mixin LikeOptions like,
      @Option(
              names = "--dimensions",
              paramLabel = "N",
              description = "Number of principal axes; default: all.")
          @Range(min = 1)
          Integer dimensions,
      @Option(
              names = "--spread",
              defaultValue = "1",
              paramLabel = "X",
              description =
                  "Factor of the standard deviations: above 1, identities are further from the mean"
                      + " and from each other; default: ${DEFAULT-VALUE}.")
          @Range(above = 0)
          double spread,
      @Mixin Threads threads,
      @Mixin IdentitiesOutput output) {
    output.check();
    PrincipalAxes axes = like.axes(dimensions, spread);
    output.note("share_of_variance", axes.share());
    return draw(axes, drawn, threads, output);
  }

  private static int draw(
      IdentityDistribution from, IdentityCount drawn, Threads threads, IdentitiesOutput output) {
    output.make(threads.count(), rule -> from.draw(drawn.count, drawn.seed, rule));
    return 0;
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
        "  fizzy contexts authentic --from contexts.npy --count 100 --labels people.csv --out"
            + " people.npy",
        "  fizzy contexts authentic --from contexts.npy --count 100 --photos 2 --out people.npy",
        "",
        "With --labels or --photos each identity is another person, with --photos 2 one that"
            + " `evaluate separability --real` can compare with other photos of that person."
      })
  int authentic(
      @Option(
              names = "--from",
              required = true,
              paramLabel = "FILE",
              description = "Contexts from `fizzy embed`.")
          Path from,
      @ArgGroup(multiplicity = "1") Choice choice,
      @Mixin DrawSeed seed,
      @Option(
              names = "--labels",
              paramLabel = "FILE.csv",
              description =
                  "Draw one face each of different people: CSV with the columns file and identity;"
                      + " default: with --photos, people are the faces' folders.")
          Path labels,
      @Option(
              names = "--photos",
              paramLabel = "N",
              description =
                  "Draw one face each of people with at least N faces; default: with --labels, 1.")
          @Range(min = 1)
          Integer photos,
      @Mixin Threads threads,
      @Mixin IdentitiesOutput output) {
    if (choice.names != null && (labels != null || photos != null)) {
      throw new OptionException("--labels and --photos need --count N");
    }
    seed.check(choice.count != null, "--count N");
    output.check();
    output.keep(
        authentic(Contexts.read(from), choice, labels, photos, seed.seed()), threads.count());
    return 0;
  }

  private static Contexts authentic(
      Contexts embedded, Choice choice, Path labels, Integer photos, long seed) {
    if (choice.names != null) {
      return AuthenticContexts.named(embedded, choice.names);
    }
    if (labels == null && photos == null) {
      return AuthenticContexts.drawn(embedded, choice.count, seed);
    }
    int least = photos == null ? 1 : photos;
    return AuthenticContexts.onePerPerson(
        embedded, people(embedded.names(), labels), least, choice.count, seed);
  }

  private static List<String> people(List<String> faces, Path labels) {
    if (labels != null) {
      return FaceLabels.byTable(faces, labels);
    }
    List<String> people = FaceLabels.byFolder(faces);
    if (people.contains(null)) {
      throw new FileException(
          "the names of the faces, such as " + faces.get(0) + ", tell no person: give --labels");
    }
    return people;
  }

  @Command(
      name = "select",
      description = "Copies the identities of a file except those in a list or too near to others.",
      footer = {
        "",
        "Examples:",
        "  fizzy contexts select --from identities.npy --exclude leaks.txt --out clean.npy",
        "  fizzy contexts select --from identities.npy --max-cosine .4 --apart-from embedded.npy"
            + " --out clean.npy"
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
              paramLabel = "FILE",
              description =
                  "Names of identities to leave out, one per line, as `evaluate leakage` writes"
                      + " them.")
          Path exclude,
      @Mixin Threads threads,
      @Mixin IdentitiesOutput output) {
    if (exclude == null && !output.drops()) {
      throw new OptionException("give --exclude FILE, --max-cosine C, or both");
    }
    output.check();
    Contexts all = Contexts.read(from);
    output.keep(exclude == null ? all : all.without(NameList.read(exclude)), threads.count());
    return 0;
  }
}
