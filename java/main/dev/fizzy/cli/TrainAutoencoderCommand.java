package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.AutoencoderTask;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.identity.Recognizer;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.report.Grid;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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
      "  fizzy train autoencoder --faces crops/ --from model.safetensors --decoder-only"
          + " --perceptual",
      "      recognizer.safetensors --out sharper/",
      "",
      "Writes ae/autoencoder.safetensors, for `fizzy train diffusion --autoencoder`. With"
          + " --decoder-only latents keep",
      "their meaning, and a U-Net that was trained on them its use."
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

  @Option(
      names = "--decoder-only",
      description = "Leave encoder and codebook as --from has them; the decoder alone learns.")
  private boolean decoderOnly;

  @Option(
      names = "--perceptual",
      paramLabel = "FILE",
      description =
          "A recognizer of `fizzy train recognizer` for faces of the same size: faces are to look"
              + " alike to it too; default: L1 alone judges.")
  private Path perceptual;

  @Option(
      names = "--perceptual-weight",
      paramLabel = "W",
      defaultValue = "0.1",
      description = "Of its judgement beside L1; default: ${DEFAULT-VALUE}.")
  private double weight;

  @Override
  public Integer call() {
    options.check(steps, batch);
    if (decoderOnly && options.from == null) {
      throw new EngineException("--decoder-only goes on from a model: name it with --from");
    }
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new EngineException("--perceptual-weight must be a positive number, not " + weight);
    }
    ModelConfig config = options.config();
    try (RecognizerFile recognizer = perceptual == null ? null : RecognizerFile.open(perceptual)) {
      train(config, recognizer);
    }
    return 0;
  }

  private void train(ModelConfig config, RecognizerFile recognizer) {
    IResNetConfig eyes = recognizer == null ? null : recognizer.config();
    AutoencoderTask.Objective objective = new AutoencoderTask.Objective(decoderOnly, eyes, weight);
    List<Parameter> own =
        Recorded.graph(config, Recorded.Network.AUTOENCODER, 1, DType.F32, false).parameters();
    FaceSet faces = options.readFaces(config.autoencoder().imageSize());
    AutoencoderTask task =
        new AutoencoderTask(
            config.autoencoder(),
            objective,
            faces.count(),
            faces::pixels,
            batch,
            options.type,
            options.seed);
    Map<String, String> identity = new TreeMap<>();
    identity.put("seed", Long.toString(options.seed));
    identity.put("batch", Integer.toString(batch));
    identity.put("faces", Integer.toString(faces.count()));
    identity.put("type", options.type.name());
    identity.put("autoencoder", config.autoencoder().toString());
    identity.put("decoder only", Boolean.toString(decoderOnly));
    identity.put("perceptual", recognizer == null ? "none" : weight + " of " + recognizer.sha256());
    Consumer<Parameters> start =
        all -> {
          try (Parameters first = new Parameters(all.device(), own, Region.VALUES)) {
            options.start(first);
            all.copy(Region.VALUES, first, Region.VALUES);
          }
          if (recognizer != null) {
            Recognizer.fill(recognizer, all);
          }
        };
    Path model = options.out.resolve("autoencoder.safetensors");
    try (Device device = options.device.open();
        TrainingRun run =
            new TrainingRun(
                task, device, options.optimizer(1e-3, steps), options.run(steps, identity, start));
        Parameters average = new Parameters(device, own, Region.VALUES)) {
      options.train(
          run,
          steps,
          batch,
          step -> {
            average.copy(Region.VALUES, run.parameters(), Region.AVERAGE);
            reconstructions(device, config, average, faces, options.grid(step));
            ModelFile.write(
                model,
                config,
                Safetensors.Type.F32,
                Map.of("steps", Long.toString(step)),
                List.of(new ModelFile.Source(average, Region.VALUES)),
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
  }

  /** Faces above, what the autoencoder makes of them below. */
  private void reconstructions(
      Device device, ModelConfig config, Parameters weights, FaceSet faces, Path file) {
    int size = config.autoencoder().imageSize();
    int n = Math.min(12, faces.count());
    byte[] pixels = new byte[n * size * size * 3];
    for (int i = 0; i < n; i++) {
      System.arraycopy(
          faces.pixels(i * (faces.count() / n)), 0, pixels, i * size * size * 3, size * size * 3);
    }
    try (Autoencoding encoder =
            Autoencoding.encoder(
                device, config.autoencoder(), weights, Region.VALUES, n, options.type);
        Autoencoding decoder =
            Autoencoding.decoder(
                device, config.autoencoder(), weights, Region.VALUES, n, options.type)) {
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
