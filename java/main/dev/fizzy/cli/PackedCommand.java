package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.PackedContexts;
import dev.fizzy.identity.PrincipalAxes;
import dev.fizzy.report.ProgressReporter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "packed",
    description =
        "Creates new identities that repel each other until they are far apart, near the"
            + " distribution of real ones (HyperFace).",
    footer = {
      "",
      "Examples:",
      "  fizzy contexts packed --count 10000 --like embedded.npy --seed 5 --out packed.npy",
      "  fizzy contexts packed --count 1000 --manifold 0 --out sphere.npy",
      "",
      "It begins with draws of the distribution. The result says the largest cosine of two identities and"
          + " their mean squared distance to the distribution, which is 1 for draws of it."
    })
final class PackedCommand implements Callable<Integer> {
  @Mixin private IdentityCount drawn;
  @Mixin private LikeOptions like;

  @Option(
      names = "--dimensions",
      paramLabel = "N",
      description =
          "Number of principal axes of the distribution whose own variances hold the identities"
              + " near it; the others share their mean variance; default: all.")
  @Range(min = 1)
  private Integer dimensions;

  @Option(
      names = "--manifold",
      defaultValue = "0.1",
      paramLabel = "X",
      description =
          "Weight of the distance to the distribution; 0 spreads over the whole sphere; default:"
              + " ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private double manifold;

  @Option(
      names = "--iterations",
      defaultValue = "100",
      paramLabel = "N",
      description = "Steps of gradient descent; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int iterations;

  @Mixin private Threads threads;
  @Mixin private IdentitiesOutput output;

  @Override
  public Integer call() {
    output.check();
    PrincipalAxes axes = like.axes(dimensions, 1);
    Contexts start = axes.draw(drawn.count, drawn.seed);
    try (Device device = Devices.open("cpu", threads.count());
        ProgressReporter progress = new ProgressReporter("packed", "steps", iterations)) {
      PackedContexts.Result packed =
          PackedContexts.of(
              device, start, axes, new PackedContexts.Settings(iterations, manifold), progress);
      output.note("largest_cosine_of_all", packed.nearest());
      output.note("distance_to_distribution", packed.distance());
      output.keep(packed.contexts(), threads.count());
    }
    return 0;
  }
}
