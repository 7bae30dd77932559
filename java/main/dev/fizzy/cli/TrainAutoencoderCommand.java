package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.AutoencoderTask;
import dev.fizzy.diffusion.AutoencoderTraining;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.identity.Recognizer;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.report.ReconstructionGrid;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "autoencoder",
    description = "Trains the autoencoder, which encodes faces to latents and decodes them.",
    footer = {
      "",
      "Example:",
      "  fizzy train autoencoder --faces crops/ --out ae/ --steps 20000",
      "  fizzy train autoencoder --faces crops/ --from model.safetensors --decoder-only"
          + " --perceptual",
      "      recognizer.safetensors --out sharper/",
      "",
      "Writes ae/autoencoder.safetensors, for `fizzy train diffusion --autoencoder`. With"
          + " --decoder-only the latents do not change, so a U-Net that was trained on them stays"
          + " usable."
    })
final class TrainAutoencoderCommand implements Callable<Integer> {
  private static final WeightsOption.Type WEIGHTS = WeightsOption.Type.F32;
  private static final int RECONSTRUCTIONS = 12;

  @Mixin private TrainingOptions options;
  @Mixin private JsonOutput output;

  @Option(
      names = "--steps",
      defaultValue = "10000",
      description = "Training steps; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private long steps;

  @Option(
      names = "--batch",
      defaultValue = "16",
      description = "Faces per step; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int batch;

  @Option(
      names = "--decoder-only",
      description = "Train only the decoder; encoder and codebook of --from stay unchanged.")
  private boolean decoderOnly;

  @Option(
      names = "--perceptual",
      paramLabel = "FILE",
      description =
          "Add a perceptual loss on the features of this recognizer, from `fizzy train recognizer`"
              + " for faces of the same size; default: L1 loss only.")
  private Path perceptual;

  @Option(
      names = "--perceptual-weight",
      paramLabel = "W",
      defaultValue = "0.1",
      description = "Weight of the perceptual loss, relative to L1; default: ${DEFAULT-VALUE}.")
  @Range(above = 0)
  private double weight;

  @Override
  public Integer call() {
    options.check(steps, batch);
    if (decoderOnly && options.from == null) {
      throw new OptionException("--decoder-only needs a model: name it with --from");
    }
    ModelConfig config = options.config();
    try (RecognizerFile recognizer = perceptual == null ? null : RecognizerFile.open(perceptual);
        Device device = options.run.device.open()) {
      train(device, config, recognizer);
    }
    return 0;
  }

  private void train(Device device, ModelConfig config, RecognizerFile recognizer) {
    long begin = System.nanoTime();
    FaceSet faces = options.readFaces(config.autoencoder().imageSize());
    AutoencoderTraining.Settings settings =
        new AutoencoderTraining.Settings(
            config,
            new AutoencoderTask.Objective(
                decoderOnly, recognizer == null ? null : recognizer.config(), weight),
            recognizer == null ? "none" : weight + " of " + recognizer.sha256(),
            batch,
            options.run.type,
            options.run.weights.or(WEIGHTS),
            options.run.seed,
            options::start,
            recognizer == null ? all -> {} : all -> Recognizer.fill(recognizer, all));
    Path model = options.run.out.resolve("autoencoder.safetensors");
    try (AutoencoderTraining training =
        new AutoencoderTraining(
            device, faces, settings, options.optimizer(1e-3, steps), options.run.job(steps))) {
      options.train(
          training.run(),
          steps,
          batch,
          step -> training.write(model, step),
          step -> reconstructions(device, config, training.average(), faces, options.grid(step)));
    }
    Map<String, Object> fields =
        options.result(model, options.run.weights.name(WEIGHTS), steps, faces);
    output.keep(
        "autoencoder",
        options.run.out.resolve("result.json"),
        begin,
        options.run.device.threads(),
        fields);
    output.print(
        fields,
        "the autoencoder is "
            + model
            + ", its weights in "
            + options.run.weights.name(WEIGHTS)
            + "; its metrics are in "
            + options.run.out.resolve("metrics.jsonl"));
  }

  private void reconstructions(
      Device device, ModelConfig config, Parameters weights, FaceSet faces, Path file) {
    int columns = Math.min(RECONSTRUCTIONS, faces.count());
    try (Autoencoding encoder =
            Autoencoding.encoder(
                device, config.autoencoder(), weights, Region.VALUES, columns, options.run.type);
        Autoencoding decoder =
            Autoencoding.decoder(
                device, config.autoencoder(), weights, Region.VALUES, columns, options.run.type)) {
      ReconstructionGrid.draw(encoder, decoder, faces, columns, file);
    }
  }
}
