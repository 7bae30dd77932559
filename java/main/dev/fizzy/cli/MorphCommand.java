package dev.fizzy.cli;

import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Morphs;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "morph",
    description =
        "Creates identities between two or more given ones, for sets that test the detection of"
            + " morphs.",
    footer = {
      "",
      "Examples:",
      "  fizzy contexts morph --from contexts.npy --of anna,ben --of carl,dora --out morphs.npy",
      "  fizzy contexts morph --from contexts.npy --count 100 --weights .7,.3 --seed 5 --out morphs.npy",
      "",
      "The file tells who is in whom and by which share, and so does the manifest.json of a data set"
          + " generated from it. A morph lies on the shortest arc between its parents, at the place that the"
          + " weights give."
    })
final class MorphCommand implements Callable<Integer> {
  @Option(
      names = "--from",
      required = true,
      paramLabel = "FILE",
      description = "Contexts of the parents.")
  private Path from;

  @ArgGroup(multiplicity = "1")
  private Choice choice;

  /** The morphs to make. */
  static final class Choice {
    @Option(
        names = "--of",
        required = true,
        paramLabel = "NAME,NAME",
        description = "Names of the parents of one morph, separated by commas; may be repeated.")
    private List<String> of;

    @Option(
        names = "--count",
        required = true,
        paramLabel = "N",
        description = "Number of morphs of parents drawn at random.")
    @Range(min = 1)
    private Integer count;
  }

  @Option(
      names = "--weights",
      split = ",",
      defaultValue = "0.5,0.5",
      paramLabel = "W",
      description = "Weights of the parents in their order, one each; default: ${DEFAULT-VALUE}.")
  @Range(above = 0)
  private List<Double> weights;

  @Mixin private DrawSeed seed;
  @Mixin private Threads threads;
  @Mixin private IdentitiesOutput output;

  @Override
  public Integer call() {
    seed.check(choice.count != null, "--count N");
    output.check();
    Contexts parents = Contexts.read(from);
    double[] shares = weights.stream().mapToDouble(w -> w).toArray();
    Morphs morphs = OptionTypes.checked(() -> new Morphs(parents, shares));
    output.keep(
        choice.count == null
            ? morphs.named(choice.of.stream().map(group -> List.of(group.split(","))).toList())
            : morphs.drawn(choice.count, seed.seed()),
        threads.count());
    return 0;
  }
}
