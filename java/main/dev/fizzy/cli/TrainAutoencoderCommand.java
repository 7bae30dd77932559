package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.AutoencoderTask;
import dev.fizzy.diffusion.AutoencoderTraining;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.identity.Embedder;
import dev.fizzy.identity.FrozenFeatures;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.recognition.quality.HeldOutFaces;
import dev.fizzy.report.ReconstructionGrid;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
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
          + " --perceptual recognizer.safetensors --out sharper/",
      "  fizzy train autoencoder --faces crops/ --from ae/autoencoder.safetensors --adversarial"
          + " 0.75 --lr 1e-4 --out sharp/",
      "",
      "Writes ae/autoencoder.safetensors, for `fizzy train diffusion --autoencoder`. With"
          + " --decoder-only the latents do not change, so a U-Net that was trained on them stays"
          + " usable: `fizzy model decoder` puts the two together."
    })
final class TrainAutoencoderCommand implements Callable<Integer> {
  private static final WeightsOption.Type WEIGHTS = WeightsOption.Type.F32;
  private static final int RECONSTRUCTIONS = 12;

  @Mixin private final TrainingOptions options = new TrainingOptions(10_000, 16, 1e-3);

  @Mixin private StartOptions start;
  @Mixin private PerceptualOptions perceptual;
  @Mixin private AdversarialOptions adversarial;
  @Mixin private JsonOutput output;

  @Option(
      names = "--decoder-only",
      description = "Train only the decoder; encoder and codebook of --from stay unchanged.")
  private boolean decoderOnly;

  @Option(
      names = "--holdout",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Faces, the last ones, that are not trained on; every --sample-every steps their round"
              + " trip is measured: L1, PSNR, sharpness over that of the faces, use of the codes"
              + " and, with --perceptual, the cosine of identities; default: ${DEFAULT-VALUE}.")
  @Range(min = 0)
  private int holdout;

  @Override
  public Integer call() {
    options.check();
    options.run.weights.checkFloat();
    if (decoderOnly && start.from == null && !options.run.resume) {
      throw new OptionException("--decoder-only needs a model: name it with --from");
    }
    ModelConfig config = start.config();
    start.check(config, Network.AUTOENCODER, options.run.resume);
    AutoencoderTask.Adversarial opponent = adversarial.loss(config.autoencoder().imageSize());
    FrozenFeatures network = perceptual.open();
    try (Device device = options.run.device.open()) {
      train(device, config, network, opponent);
    }
    return 0;
  }

  private void train(
      Device device,
      ModelConfig config,
      FrozenFeatures network,
      AutoencoderTask.Adversarial opponent) {
    long begin = System.nanoTime();
    FaceSet faces = options.readFaces(config.autoencoder().imageSize());
    if (holdout >= faces.count()) {
      throw new FileException(
          "--holdout "
              + holdout
              + " leaves nothing to train on: "
              + options.faces
              + " has "
              + faces.count()
              + " faces");
    }
    try (Embedder embedder =
            holdout == 0 || network == null ? null : perceptual.embedder(options.run.device);
        HeldOutFaces held = holdout == 0 ? null : held(device, config, faces, embedder)) {
      train(device, config, network, opponent, faces, held);
    }
    options.finish(output, "autoencoder", begin, model(), WEIGHTS, faces, Map.of());
  }

  private Path model() {
    return options.run.out.resolve("autoencoder.safetensors");
  }

  private HeldOutFaces held(Device device, ModelConfig config, FaceSet faces, Embedder embedder) {
    List<Rgb> last =
        IntStream.range(faces.count() - holdout, faces.count()).mapToObj(faces::face).toList();
    return new HeldOutFaces(
        device, config.autoencoder(), last, embedder, options.batch, options.run.type());
  }

  private void train(
      Device device,
      ModelConfig config,
      FrozenFeatures network,
      AutoencoderTask.Adversarial opponent,
      FaceSet faces,
      HeldOutFaces held) {
    AutoencoderTraining.Settings settings =
        new AutoencoderTraining.Settings(
            config,
            new AutoencoderTask.Objective(
                decoderOnly,
                network == null ? null : network.features(),
                perceptual.weight,
                perceptual.identity,
                opponent),
            perceptual.description(network),
            options.batch,
            options.run.type(),
            options.run.weights.or(WEIGHTS),
            options.run.seed,
            holdout,
            held == null || options.sampleEvery == 0
                ? null
                : new AutoencoderTraining.Measurement(options.sampleEvery, held::measure),
            all -> start.fill(all, options.run.seed),
            network == null ? all -> {} : network.fill());
    try (AutoencoderTraining training =
        new AutoencoderTraining(
            device, faces, settings, adversarial.optimizer(options.optimizer()), options.job())) {
      options.train(
          training.run(),
          step -> training.write(model(), step),
          step -> reconstructions(device, config, training.average(), faces, options.grid(step)));
    }
  }

  private void reconstructions(
      Device device, ModelConfig config, Parameters weights, FaceSet faces, Path file) {
    int columns = Math.min(RECONSTRUCTIONS, faces.count());
    try (Autoencoding encoder =
            Autoencoding.encoder(
                device, config.autoencoder(), weights, Region.VALUES, columns, options.run.type());
        Autoencoding decoder =
            Autoencoding.decoder(
                device,
                config.autoencoder(),
                weights,
                Region.VALUES,
                columns,
                options.run.type(),
                1)) {
      ReconstructionGrid.draw(encoder, decoder, faces, columns, file);
    }
  }
}
