package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.AutoencoderTask;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.DecoderTraining;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.generation.ModelWeights;
import dev.fizzy.identity.FrozenFeatures;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.SmallDecoderConfig;
import dev.fizzy.model.SmallDecoderFile;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.report.ReconstructionGrid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "decoder",
    description = "Trains a small decoder, which draws nearly what a model's decoder draws.",
    footer = {
      "",
      "Example:",
      "  fizzy train decoder --model default --faces crops/ --perceptual mobilefacenet.onnx"
          + " --adversarial .5 --adversarial-from 2000 --out small/",
      "  fizzy generate --contexts c.npy --images 50 --decoder small/decoder.safetensors --out"
          + " faces/",
      "",
      "Writes small/decoder.safetensors. It decodes the latents of this model and of the models"
          + " that were distilled from it. The target is what the model's own decoder draws of each"
          + " face. docs/distillation.md says when it is worth it."
    })
final class TrainDecoderCommand implements Callable<Integer> {
  private static final WeightsOption.Type WEIGHTS = WeightsOption.Type.BF16;
  private static final int MOST_CHANNELS = 64;
  private static final int RECONSTRUCTIONS = 12;

  @Mixin private final TrainingOptions options = new TrainingOptions(20_000, 16, 1e-3);

  @Mixin private PerceptualOptions perceptual;
  @Mixin private AdversarialOptions adversarial;
  @Mixin private JsonOutput output;

  @Option(
      names = {"--model", "--from"},
      required = true,
      paramLabel = "FILE|default",
      description = "Model whose decoder is imitated, or with `default` the built-in one.")
  private String model;

  @Option(
      names = "--channels",
      paramLabel = "N[,N...]",
      split = ",",
      description =
          "Width of the decoder's layers at each size, from that of the latents to that of the image,"
              + " or one for all; default: 64, as in TAESD, but not more than that of the model's"
              + " autoencoder.")
  @Range(min = 1)
  private List<Integer> channels;

  @Option(
      names = "--blocks",
      defaultValue = "3",
      paramLabel = "N",
      description = "Residual blocks at each size; default: ${DEFAULT-VALUE}, as in TAESD.")
  @Range(min = 1)
  private int blocks;

  @Option(
      names = "--middle",
      description =
          "Begin with the first layers of the model's decoder, those at the latents' size, as they"
              + " are: it learns faster, and costs what these layers cost.")
  private boolean middle;

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    options.check();
    options.run.weights.checkFloat();
    try (ModelFile file = FromOption.open(model)) {
      ModelWeights.check(file);
      VqAutoencoderConfig autoencoder = file.config().autoencoder();
      List<Integer> widths =
          channels != null ? channels : List.of(Math.min(MOST_CHANNELS, autoencoder.channels()));
      SmallDecoderConfig small =
          OptionTypes.checked(
              () ->
                  SmallDecoderConfig.of(
                      autoencoder, middle, widths, blocks, SmallDecoderFile.latents(file)));
      AutoencoderTask.Adversarial opponent = adversarial.loss(autoencoder.imageSize());
      FrozenFeatures network = perceptual.open();
      AutoencoderTask.Objective objective =
          new AutoencoderTask.Objective(
              true,
              network == null ? null : network.features(),
              perceptual.weight,
              perceptual.identity,
              opponent,
              small);
      FaceSet faces;
      try (Device device = options.run.device.open()) {
        faces = options.readFaces(autoencoder.imageSize());
        train(device, file, objective, network, faces);
      }
      options.finish(output, "decoder", begin, decoder(), WEIGHTS, faces, Map.of());
    }
    return 0;
  }

  private Path decoder() {
    return options.run.out.resolve("decoder.safetensors");
  }

  private void train(
      Device device,
      ModelFile file,
      AutoencoderTask.Objective objective,
      FrozenFeatures network,
      FaceSet faces) {
    DecoderTraining.Settings settings =
        new DecoderTraining.Settings(
            objective,
            perceptual.description(network),
            options.batch,
            options.run.type(),
            options.run.weights.or(WEIGHTS),
            options.run.seed,
            network == null ? all -> {} : network.fill());
    try (Parameters ae = ModelWeights.autoencoder(device, file);
        DecoderTraining training =
            new DecoderTraining(
                device,
                file,
                ae,
                faces,
                settings,
                adversarial.optimizer(options.optimizer()),
                options.job())) {
      options.train(
          training.run(),
          step -> training.write(decoder(), step),
          step -> reconstructions(device, file, ae, objective.small(), training, faces, step));
    }
  }

  private void reconstructions(
      Device device,
      ModelFile file,
      Parameters ae,
      SmallDecoderConfig small,
      DecoderTraining training,
      FaceSet faces,
      long step) {
    int columns = Math.min(RECONSTRUCTIONS, faces.count());
    VqAutoencoderConfig config = file.config().autoencoder();
    try (Autoencoding encoder =
            Autoencoding.encoder(device, config, ae, Region.VALUES, columns, options.run.type());
        Autoencoding decoder =
            Autoencoding.decoder(
                device, small, training.average(), Region.VALUES, columns, options.run.type(), 1)) {
      ReconstructionGrid.draw(encoder, decoder, faces, columns, options.grid(step));
    }
  }
}
