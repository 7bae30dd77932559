package dev.fizzy.cli;

import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.UniformContexts;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "quickstart",
    description = {
      "Generates a small data set of synthetic people with the built-in model, trains a small"
          + " recognizer on most of them, tests it on the others and writes a report page."
    },
    footer = {
      "",
      "Example:",
      "  fizzy quickstart --out quickstart/",
      "",
      "Prints every command that it runs. If interrupted, run it again to continue."
    })
final class QuickstartCommand implements Callable<Integer> {
  /** One of this many identities is held out from training. */
  private static final int HELD_OUT = 5;

  private static final int GRID_IDENTITIES = 10;
  private static final int GRID_IMAGES = 8;

  @Spec private CommandSpec spec;

  @Option(
      names = "--out",
      defaultValue = "quickstart",
      paramLabel = "DIR",
      description = "Folder for the results; default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--identities",
      defaultValue = "100",
      description =
          "Number of identities, a fifth of which is held out for the test; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 2 * HELD_OUT)
  private int identities;

  @Option(
      names = "--images",
      defaultValue = "8",
      description = "Images per identity; default: ${DEFAULT-VALUE}.")
  @Range(min = 2)
  private int images;

  @Option(
      names = "--epochs",
      defaultValue = "10",
      description = "Epochs of the recognizer's training; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int epochs;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Random seed; default: ${DEFAULT-VALUE}.")
  private long seed;

  @Override
  public Integer call() {
    Contexts all = contexts();
    int training = identities - identities / HELD_OUT;
    Path shown = file("grid.npy");
    all.select(range(0, training)).write(file("training.npy"));
    all.select(range(training, identities)).write(file("others.npy"));
    all.select(range(0, Math.min(GRID_IDENTITIES, training))).write(shown);
    List<List<String>> commands = new ArrayList<>();
    commands.add(generate("training"));
    commands.add(generate("others"));
    commands.add(
        sampling("sample", shown, Math.min(images, GRID_IMAGES), file("grid.png").toString()));
    if (!Files.exists(file("recognizer/result.json"))) {
      commands.add(train());
    }
    commands.add(
        List.of(
            "evaluate",
            "separability",
            "--data",
            file("others").toString(),
            "--embedder",
            file("recognizer/recognizer.safetensors").toString(),
            "--seed",
            Long.toString(seed),
            "--out",
            file("others.json").toString()));
    commands.add(List.of("report", out.toString()));
    int code = run(commands);
    if (code == 0) {
      PrintWriter text = spec.commandLine().getOut();
      text.println(
          "Open "
              + file("report.html")
              + "; the data set is "
              + file("training")
              + ", "
              + file("others"));
      text.flush();
    }
    return code;
  }

  private Path file(String name) {
    return out.resolve(name);
  }

  private static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  /** Gaussian contexts if the model has the statistics of its training set, else uniform ones. */
  private Contexts contexts() {
    try (ModelFile model = DefaultModel.openOr(null)) {
      return ContextDistribution.isIn(model)
          ? ContextDistribution.of(model).draw(identities, seed)
          : UniformContexts.of(identities, model.config().network().contextInput(), seed);
    }
  }

  private List<String> generate(String part) {
    return sampling("generate", file(part + ".npy"), images, file(part).toString());
  }

  private List<String> sampling(String command, Path contexts, int count, String to) {
    return List.of(
        command,
        "--contexts",
        contexts.toString(),
        "--images",
        Integer.toString(count),
        "--seed",
        Long.toString(seed),
        "--preset",
        "fastest",
        "--out",
        to);
  }

  /** Trains on all identities of the training part; the held-out part is used only for the test. */
  private List<String> train() {
    List<String> command =
        List.of(
            "train",
            "recognizer",
            "--data",
            file("training").toString(),
            "--out",
            file("recognizer").toString(),
            "--config",
            "iresnet18-half",
            "--batch",
            "64",
            "--epochs",
            Integer.toString(epochs),
            "--validation",
            "0",
            "--seed",
            Long.toString(seed));
    return Files.exists(file("recognizer/checkpoint.safetensors"))
        ? Stream.concat(command.stream(), Stream.of("--resume")).toList()
        : command;
  }

  /** Runs the commands in order until one fails. */
  private int run(List<List<String>> commands) {
    CommandLine root = spec.commandLine().getParent();
    for (List<String> command : commands) {
      spec.commandLine().getErr().println("> fizzy " + String.join(" ", command));
      spec.commandLine().getErr().flush();
      int code = root.execute(command.toArray(new String[0]));
      if (code != 0) {
        return code;
      }
    }
    return 0;
  }
}
