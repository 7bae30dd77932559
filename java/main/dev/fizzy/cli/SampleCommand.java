package dev.fizzy.cli;

import dev.fizzy.engine.Workers;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.report.Grid;
import dev.fizzy.report.SampleGrid;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "sample",
    description = "Draws a labeled image grid with one row per identity.",
    footer = {
      "",
      "Example:",
      "  fizzy contexts uniform --count 6 --seed 5 --out c.npy",
      "  fizzy sample --contexts c.npy --out grid.png"
    })
final class SampleCommand implements Callable<Integer> {
  @Mixin private SamplingOptions sampling;
  @Mixin private DeviceOptions devices;
  @Mixin private JsonOutput output;

  @Option(
      names = "--images",
      defaultValue = "8",
      description = "Images per identity; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int images;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Image to write, .png or .jpg.")
  private Path out;

  @Override
  public Integer call() {
    if (Grid.format(out) == null) {
      throw new OptionException("--out must be a .png or .jpg file, not " + out);
    }
    Outputs.checkFile(out);
    try (SamplingOptions.Opened model = sampling.open(devices);
        Workers<FaceSampler> samplers =
            sampling.workers(model, devices, (long) images * model.contexts().size())) {
      SampleGrid.draw(
          samplers,
          sampling.conditions(model, devices.threads()),
          images,
          model.size(),
          sampling.seed(),
          model.file().sha256(),
          out);
      output.print(
          Map.of(
              "out",
              out.toString(),
              "identities",
              model.contexts().size(),
              "images",
              images,
              "model",
              model.file().sha256()),
          model.contexts().size() + " identities x " + images + " images in " + out);
    }
    return 0;
  }
}
