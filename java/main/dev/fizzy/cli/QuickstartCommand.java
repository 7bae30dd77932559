package dev.fizzy.cli;

import dev.fizzy.identity.UniformContexts;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "quickstart",
    description =
        "Writes a small data set of people who do not exist, with the model that ships, and a picture of some of them.",
    footer = {"", "Example:", "  fizzy quickstart --out quickstart/"})
final class QuickstartCommand implements Callable<Integer> {
  private static final int GRID_IDENTITIES = 10;
  private static final String GUIDANCE = "3";

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      defaultValue = "quickstart",
      paramLabel = "DIR",
      description = "Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(names = "--identities", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
  private int identities;

  @Option(
      names = "--images",
      defaultValue = "8",
      description = "Images an identity; default: ${DEFAULT-VALUE}.")
  private int images;

  @Option(names = "--seed", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Override
  public Integer call() {
    int width;
    try (ModelFile model = DefaultModel.openOr(null)) {
      width = model.config().unet().contextInput();
    }
    Path contexts = out.resolve("contexts.npy");
    Path some = out.resolve("some.npy");
    Path grid = out.resolve("grid.png");
    UniformContexts.of(identities, width, seed).write(contexts);
    UniformContexts.of(Math.min(identities, GRID_IDENTITIES), width, seed).write(some);
    String seeded = Long.toString(seed);
    String each = Integer.toString(images);
    List<List<String>> commands =
        List.of(
            List.of(
                "generate",
                "--contexts",
                contexts.toString(),
                "--images",
                each,
                "--seed",
                seeded,
                "--guidance",
                GUIDANCE,
                "--out",
                out.resolve("faces").toString()),
            List.of(
                "sample",
                "--contexts",
                some.toString(),
                "--images",
                each,
                "--seed",
                seeded,
                "--guidance",
                GUIDANCE,
                "--out",
                grid.toString()));
    CommandLine root = spec.commandLine().getParent();
    for (List<String> command : commands) {
      spec.commandLine().getErr().println("> fizzy " + String.join(" ", command));
      spec.commandLine().getErr().flush();
      int code = root.execute(new ArrayList<>(command).toArray(new String[0]));
      if (code != 0) {
        return code;
      }
    }
    spec.commandLine()
        .getOut()
        .println(
            "Look at "
                + grid
                + "; the data set is "
                + out.resolve("faces")
                + ", its manifest "
                + out.resolve("faces/manifest.json"));
    return 0;
  }
}
