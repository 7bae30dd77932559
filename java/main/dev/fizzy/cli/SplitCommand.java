package dev.fizzy.cli;

import dev.fizzy.identity.ContextSets;
import dev.fizzy.identity.Contexts;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "split",
    description = "Divides the identities of a file at random into parts without common ones.",
    footer = {
      "",
      "Example:",
      "  fizzy contexts split --from contexts.npy --shares .8,.2 --seed 5 --out train.npy,test.npy"
    })
final class SplitCommand implements Callable<Integer> {
  @Option(
      names = "--from",
      required = true,
      paramLabel = "FILE",
      description = "Contexts to divide.")
  private Path from;

  @Option(
      names = "--shares",
      required = true,
      split = ",",
      paramLabel = "X",
      description = "Shares of the parts, separated by commas; their sum stands for all.")
  @Range(above = 0)
  private List<Double> shares;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "S",
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--out",
      required = true,
      split = ",",
      paramLabel = "FILE",
      description = "Contexts files to write, .npy or .safetensors, one for each share.")
  private List<Path> out;

  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    if (out.size() != shares.size() || out.stream().distinct().count() != out.size()) {
      throw new OptionException(
          "--out must name a different file for each of the " + shares.size() + " shares");
    }
    out.forEach(Outputs::checkContexts);
    Contexts whole = Contexts.read(from);
    List<Contexts> parts =
        ContextSets.split(whole, shares.stream().mapToDouble(s -> s).toArray(), seed);
    Map<String, Object> recipe = ContextsRecipe.of(output.command().getCommandSpec());
    Map<String, Object> sizes = new LinkedHashMap<>();
    for (int i = 0; i < out.size(); i++) {
      parts.get(i).withRecipe(recipe).write(out.get(i));
      sizes.put(out.get(i).toString(), parts.get(i).size());
    }
    output.print(
        Map.of("contexts", sizes),
        sizes.entrySet().stream()
            .map(part -> part.getValue() + " contexts in " + part.getKey())
            .collect(Collectors.joining(", ")));
    return 0;
  }
}
