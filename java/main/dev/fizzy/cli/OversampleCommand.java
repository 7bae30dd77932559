package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Oversampling;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "oversample",
    description =
        "Draws new identities among those of a small group: between a member and one of its nearest"
            + " neighbors (SMOTE).",
    footer = {
      "",
      "Example:",
      "  fizzy contexts oversample --from group.npy --count 1000 --seed 5 --out more.npy",
      "",
      "`contexts mix` joins them with the group and with others."
    })
final class OversampleCommand implements Callable<Integer> {
  @Option(
      names = "--from",
      required = true,
      paramLabel = "FILE",
      description = "Contexts of the group.")
  private Path from;

  @Mixin private IdentityCount drawn;

  @Option(
      names = "--neighbors",
      defaultValue = "5",
      paramLabel = "N",
      description = "Number of nearest neighbors of each member; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int neighbors;

  @Mixin private Threads threads;
  @Mixin private IdentitiesOutput output;

  @Override
  public Integer call() {
    output.check();
    Contexts group = Contexts.read(from);
    Oversampling between;
    try (Device device = Devices.open("cpu", threads.count())) {
      between = new Oversampling(device, group, neighbors);
    }
    output.make(threads.count(), rule -> between.draw(drawn.count, drawn.seed, rule));
    return 0;
  }
}
