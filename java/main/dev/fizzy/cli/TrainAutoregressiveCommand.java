package dev.fizzy.cli;

import dev.fizzy.autoregression.AutoregressiveTraining;
import dev.fizzy.autoregression.CodedFaces;
import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.EncodedFaces;
import dev.fizzy.diffusion.Judge;
import dev.fizzy.diffusion.JudgeCheck;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Group;
import dev.fizzy.engine.Parameters;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.generation.ModelWeights;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.Contexts;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.training.Replicas;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "autoregressive",
    description =
        "Trains an autoregressive transformer, which draws the autoencoder's codes of a face one"
            + " after the other, instead of a diffusion model.",
    footer = {
      "",
      "Example:",
      "  fizzy embed --faces crops/ --embedder mobilefacenet.onnx --out contexts.npy",
      "  fizzy train autoregressive --faces crops/ --contexts contexts.npy --out ar/ --steps 50000",
      "  fizzy train autoregressive --faces crops/ --contexts contexts.npy --out longer/ --from"
          + " ar/model.safetensors --holdout .05 --judge mobilefacenet.onnx",
      "  fizzy generate --model ar/model.safetensors --contexts contexts.npy --images 8 --guidance"
          + " 2 --top-k 512 --out drawn/",
      "",
      "Writes ar/model.safetensors, for `fizzy generate --model`. Without --contexts, each face's"
          + " context is computed from its thumbnail: enough to try the commands, not to learn"
          + " identities. The loss is the cross-entropy of a code in nats; accuracy is the share of"
          + " codes that were the most probable ones; with --holdout, validation_loss and"
          + " validation_accuracy are the same of faces of other people, without dropout, and with"
          + " --judge adherence, retrieval_top1 and retrieval_rank tell how near faces drawn of"
          + " them are to their contexts."
    })
final class TrainAutoregressiveCommand implements Callable<Integer> {
  private static final WeightsOption.Type WEIGHTS = WeightsOption.Type.BF16;

  @Mixin private final TrainingOptions options = new TrainingOptions(50_000, 32, 3e-4);

  @Mixin private Start start;
  @Mixin private ContextsOptions contexts;
  @Mixin private PeopleOptions people;
  @Mixin private Measured measured;
  @Mixin private JsonOutput output;

  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      defaultValue = "ar112",
      description = "Built-in configuration or a JSON file; default: ${DEFAULT-VALUE}.")
  private String name;

  @Mixin private AutoencoderOption autoencoder;

  /** The built-in model is a diffusion model: there is no `default`. */
  static final class Start extends FromOption {
    @Option(
        names = "--from",
        paramLabel = "FILE",
        description =
            "Start from the weights of this autoregressive model; default: random weights.")
    void from(String from) {
      this.from = from;
    }
  }

  /** There is no loss for identity: codes have no gradient. */
  static final class Measured extends JudgeOptions {
    @Option(
        names = "--judge",
        paramLabel = "FILE",
        description =
            "Embedder that measures how near faces drawn of the people of --holdout come to their"
                + " contexts: the ONNX network or recognizer that made --contexts.")
    void judge(Path file) {
      judge = file;
    }

    @Override
    Judge open(Contexts contexts, boolean heldOut) {
      if (judge != null && !heldOut) {
        throw new OptionException("--judge only measures the people of --holdout: name some");
      }
      return super.open(contexts, heldOut);
    }
  }

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    options.check();
    ModelConfig config = config();
    Contexts known = contexts.read(config.network(), people.contextFrom);
    start.check(config, Network.UNET, options.run.resume);
    Judge judge = measured.open(known, people.holdsOut());
    FaceSet faces;
    Group group = options.run.device.group(options.batch);
    try (Replicas replicas = group == null ? null : new Replicas(group);
        Device device = group == null ? options.run.device.open() : group.open(0);
        ModelFile first = autoencoder.open()) {
      TrainingImages.checkAutoencoder(first.config(), config, name);
      start.checkEncoder(first, options.run.resume);
      faces = options.readFaces(config.autoencoder().imageSize());
      float[][] identities = ContextsOptions.of(faces, known, config.network());
      PeopleOptions.Split split = people.split(faces);
      people.write(options.run.out, faces, split, identities);
      if (judge != null) {
        JudgeCheck.agrees(device, judge, faces.size(), faces::pixels, identities);
      }
      try (Parameters ae = ModelWeights.autoencoder(device, first, config)) {
        EncodedFaces latents =
            TrainingImages.encode(device, config, ae, first.sha256(), faces, options.run);
        CodedFaces codes = CodedFaces.of(device, config.autoencoder(), ae, latents);
        train(
            device,
            replicas,
            config,
            ae,
            codes.examples(split.training(), identities, split.trainingPeople()),
            split.held().length == 0
                ? null
                : new AutoregressiveTraining.Validated(
                    codes.examples(split.held(), identities, split.heldPeople()),
                    people.validateEvery,
                    measured.drawing(judge, null, 0)));
      }
    }
    options.finish(output, "autoregressive", begin, model(), WEIGHTS, faces, Map.of());
    return 0;
  }

  private ModelConfig config() {
    ModelConfig wanted = OptionTypes.config(name, ModelConfig.SHIPPED, ModelConfig::load);
    if (wanted.autoregressive() == null) {
      throw new OptionException(
          "configuration "
              + name
              + " is a diffusion model's; train it with `fizzy train diffusion`, or take ar112");
    }
    return contexts.unconditional ? wanted.with(wanted.autoregressive().unconditional()) : wanted;
  }

  private Path model() {
    return options.run.out.resolve("model.safetensors");
  }

  private void train(
      Device device,
      Replicas replicas,
      ModelConfig config,
      Parameters ae,
      CodedFaces.Examples examples,
      AutoregressiveTraining.Validated heldOut) {
    ContextDistribution known =
        config.network().conditional() ? ContextDistribution.fit(examples.contexts()) : null;
    ImageConditions grid =
        ImageConditions.of(
            known == null
                ? Contexts.numbered(new float[TrainingImages.ROWS][1])
                : known.draw(TrainingImages.ROWS, options.run.seed));
    AutoregressiveTraining.Settings settings =
        new AutoregressiveTraining.Settings(
            config,
            people.contextFrom,
            heldOut,
            options.batch,
            options.run.type(),
            options.run.weights.or(WEIGHTS),
            options.run.seed,
            all -> start.fill(all, options.run.seed));
    try (AutoregressiveTraining training =
        new AutoregressiveTraining(
            device, replicas, ae, examples, settings, options.optimizer(), options.job())) {
      options.train(
          training.run(),
          step -> training.write(model(), step, known == null ? Map.of() : known.tensors()),
          step ->
              TrainingImages.sample(
                  device, config, ae, training.run().parameters(), grid, samples(), options, step));
    }
  }

  /** Neither sampler nor steps: codes are drawn one after the other. */
  private SamplingSettings samples() {
    return new SamplingSettings(null, 0, 1, true, TrainingImages.COLUMNS, options.run.type());
  }
}
