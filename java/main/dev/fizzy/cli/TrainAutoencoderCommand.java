package dev.fizzy.cli;

import dev.fizzy.dataset.FaceSet;
import dev.fizzy.diffusion.AutoencoderTask;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.report.Grid;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "autoencoder",
    description = "Trains the autoencoder that turns faces into latents and back.",
    footer = {
      "",
      "Example:",
      "  fizzy train autoencoder --faces crops/ --out ae/ --steps 20000",
      "",
      "Writes ae/autoencoder.safetensors, for `fizzy train diffusion --autoencoder`."
    })
final class TrainAutoencoderCommand implements Callable<Integer> {
  @Mixin private TrainingOptions options;
  @Mixin private JsonOutput output;

  @Option(names = "--steps", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}.")
  private long steps;

  @Option(
      names = "--batch",
      defaultValue = "16",
      description = "Faces a step; default: ${DEFAULT-VALUE}.")
  private int batch;

  @Override
  public Integer call() {
    options.check(steps, batch);
    ModelConfig config = options.config();
    FaceSet faces = options.readFaces(config.autoencoder().imageSize());
    AutoencoderTask task =
        new AutoencoderTask(
            config.autoencoder(), faces.count(), faces::pixels, batch, options.type, options.seed);
    Map<String, String> identity =
        Map.of(
            "seed", Long.toString(options.seed),
            "batch", Integer.toString(batch),
            "faces", Integer.toString(faces.count()),
            "type", options.type.name(),
            "autoencoder", config.autoencoder().toString());
    Path model = options.out.resolve("autoencoder.safetensors");
    try (Device device = options.device.open();
        TrainingRun run =
            new TrainingRun(
                task, device, options.optimizer(1e-3, steps), options.run(steps, identity))) {
      options.train(
          run,
          steps,
          batch,
          step -> {
            reconstructions(device, config, run, faces, options.grid(step));
            ModelFile.write(
                model,
                config,
                Safetensors.Type.F32,
                Map.of("steps", Long.toString(step)),
                List.of(new ModelFile.Source(run.parameters(), Region.AVERAGE)),
                Map.of());
          });
    }
    output.print(
        Map.of(
            "model",
            model.toString(),
            "steps",
            steps,
            "faces",
            faces.count(),
            "skipped",
            faces.skipped().size()),
        "the autoencoder is "
            + model
            + "; its metrics are in "
            + options.out.resolve("metrics.jsonl"));
    return 0;
  }

  /** Faces above, what the autoencoder makes of them below. */
  private void reconstructions(
      Device device, ModelConfig config, TrainingRun run, FaceSet faces, Path file) {
    int size = config.autoencoder().imageSize();
    int n = Math.min(12, faces.count());
    byte[] pixels = new byte[n * size * size * 3];
    for (int i = 0; i < n; i++) {
      System.arraycopy(
          faces.pixels(i * (faces.count() / n)), 0, pixels, i * size * size * 3, size * size * 3);
    }
    try (Autoencoding encoder =
            Autoencoding.encoder(
                device, config.autoencoder(), run.parameters(), Region.AVERAGE, n, options.type);
        Autoencoding decoder =
            Autoencoding.decoder(
                device, config.autoencoder(), run.parameters(), Region.AVERAGE, n, options.type)) {
      byte[] back = decoder.decode(encoder.encode(pixels));
      Grid grid = new Grid(List.of("face", "again"), n, size);
      for (int i = 0; i < n; i++) {
        grid.put(0, i, pixels, i * size * size * 3);
        grid.put(1, i, back, i * size * size * 3);
      }
      grid.write(file);
    }
  }
}
