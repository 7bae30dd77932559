package dev.fizzy.cli;

import dev.fizzy.identity.ContextSets;
import dev.fizzy.identity.Contexts;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "mix",
    description = "Joins the identities of several files.",
    footer = {
      "",
      "Examples:",
      "  fizzy contexts mix --from real.npy,packed.npy --out both.npy",
      "  fizzy contexts mix --from real.npy,packed.npy --counts 200,800 --seed 5 --out thousand.npy",
      "",
      "If two files have a name in common, every name gets the number of its file and - in front."
    })
final class MixCommand implements Callable<Integer> {
  @Option(
      names = "--from",
      required = true,
      split = ",",
      paramLabel = "FILE",
      description = "Contexts to join, separated by commas.")
  private List<Path> from;

  @Option(
      names = "--counts",
      split = ",",
      paramLabel = "N",
      description = "Number of identities to draw from each file; default: all.")
  @Range(min = 1)
  private List<Integer> counts;

  @Mixin private DrawSeed seed;
  @Mixin private Threads threads;
  @Mixin private IdentitiesOutput output;

  @Override
  public Integer call() {
    seed.check(counts != null, "--counts N");
    if (counts != null && counts.size() != from.size()) {
      throw new OptionException(
          "--counts has " + counts.size() + " numbers for the " + from.size() + " files of --from");
    }
    output.check();
    List<Contexts> sets = from.stream().map(Contexts::read).toList();
    int[] drawn = counts == null ? null : counts.stream().mapToInt(n -> n).toArray();
    output.keep(ContextSets.mix(sets, drawn, seed.seed()), threads.count());
    return 0;
  }
}
