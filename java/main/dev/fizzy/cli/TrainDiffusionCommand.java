package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.ContextSource;
import dev.fizzy.diffusion.DiffusionTask;
import dev.fizzy.diffusion.DiffusionTraining;
import dev.fizzy.diffusion.EncodedFaces;
import dev.fizzy.diffusion.HeldOut;
import dev.fizzy.diffusion.Judge;
import dev.fizzy.diffusion.JudgeCheck;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.diffusion.SimilarityCondition;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Group;
import dev.fizzy.engine.Parameters;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.generation.ModelWeights;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.generation.Similarity;
import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.Contexts;
import dev.fizzy.model.DenoiserConfig;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded.Network;
import dev.fizzy.training.Replicas;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "diffusion",
    description = "Trains the identity-conditioned diffusion model.",
    footer = {
      "",
      "Example:",
      "  fizzy embed --faces crops/ --embedder mobilefacenet.onnx --out contexts.npy",
      "  fizzy train diffusion --faces crops/ --contexts contexts.npy --out model/ --steps 50000",
      "  fizzy train diffusion --faces crops/ --contexts contexts.npy --out model/"
          + " --profile trace/ --profile-steps 100:120",
      "  fizzy train diffusion --faces crops/ --contexts contexts.npy --out model/"
          + " --judge mobilefacenet.onnx --holdout .05",
      "",
      "Writes model/model.safetensors, for `fizzy generate --model`. Without --contexts, each"
          + " face's context is computed from its thumbnail: enough to try the commands, not to"
          + " learn identities."
    })
final class TrainDiffusionCommand implements Callable<Integer> {
  private static final WeightsOption.Type WEIGHTS = WeightsOption.Type.BF16;
  private static final int SAMPLE_STEPS = 25;

  @Mixin private final TrainingOptions options = new TrainingOptions(50_000, 32, 2e-4);

  @Mixin private StartOptions start;
  @Mixin private ContextsOptions contexts;
  @Mixin private PeopleOptions people;
  @Mixin private ObjectiveOptions objective;
  @Mixin private IdentityOptions identity;
  @Mixin private JsonOutput output;

  @Mixin private AutoencoderOption autoencoder;

  @Option(
      names = "--cpd",
      split = ",",
      paramLabel = "P",
      description =
          "Probability of contextual partial dropout, 0 to 1; P,TO draws each face's own between"
              + " the two; default: the configuration's.")
  @Range(min = 0, max = 1)
  private List<Double> dropout;

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    options.check();
    ModelConfig wanted = start.config();
    if (wanted.autoregressive() != null) {
      throw new OptionException(
          "configuration "
              + start.config
              + " is autoregressive; train it with `fizzy train autoregressive`");
    }
    ModelConfig asked =
        contexts.unconditional ? wanted.with(wanted.denoiser().unconditional()) : dropping(wanted);
    checkConditions(asked.denoiser());
    Contexts known = contexts.read(asked.denoiser(), people.contextFrom);
    start.check(asked, Network.UNET, options.run.resume);
    Judge judge = identity.open(known, people.holdsOut());
    FaceSet faces;
    Group group = options.run.device.group(options.batch);
    try (Replicas replicas = group == null ? null : new Replicas(group);
        Device device = group == null ? options.run.device.open() : group.open(0);
        ModelFile first = autoencoder.open()) {
      TrainingImages.checkAutoencoder(first.config(), asked, start.config);
      start.checkEncoder(first, options.run.resume);
      faces = options.readFaces(asked.autoencoder().imageSize());
      float[][] identities = ContextsOptions.of(faces, known, asked.denoiser());
      PeopleOptions.Split split = people.split(faces);
      people.write(options.run.out, faces, split, identities);
      if (judge != null) {
        JudgeCheck.agrees(device, judge, faces.size(), faces::pixels, identities);
      }
      try (Parameters ae = ModelWeights.autoencoder(device, first, asked)) {
        EncodedFaces latents =
            TrainingImages.encode(device, asked, ae, first.sha256(), faces, options.run);
        double scale = latents.scale(asked.diffusion());
        ModelConfig config = asked.with(asked.diffusion().scaled(scale));
        EncodedFaces scaled = latents.scaled(scale);
        DiffusionTask.Examples examples =
            scaled.examples(split.training(), identities, split.trainingPeople());
        double similarity =
            config.denoiser().contextSimilarity()
                ? SimilarityCondition.mean(examples, people.contextFrom)
                : 1;
        train(
            device,
            replicas,
            config,
            ae,
            examples,
            similarity,
            split.held().length == 0
                ? null
                : new HeldOut(
                    scaled.examples(split.held(), identities, split.heldPeople()),
                    people.validateEvery,
                    similarity,
                    identity.drawing(judge)),
            judge);
      }
    }
    options.finish(output, "diffusion", begin, model(), WEIGHTS, faces, Map.of());
    return 0;
  }

  /** Throws if the options do not go with what the network is given. */
  private void checkConditions(DenoiserConfig network) {
    if (contexts.unconditional && dropout != null) {
      throw new OptionException("--unconditional excludes --cpd: there is no context to drop");
    }
    if (network.contextSimilarity() && people.contextFrom == ContextSource.SAME) {
      throw new OptionException(
          "context_similarity needs --context-from mean or other: a face's own context has always"
              + " the similarity 1");
    }
  }

  private ModelConfig dropping(ModelConfig config) {
    if (dropout == null) {
      return config;
    }
    if (dropout.size() > 2) {
      throw new OptionException("--cpd takes one probability or two, not " + dropout);
    }
    double to = dropout.size() == 1 ? 0 : dropout.get(1);
    return OptionTypes.checked(() -> config.with(config.diffusion().dropping(dropout.get(0), to)));
  }

  private Path model() {
    return options.run.out.resolve("model.safetensors");
  }

  private void train(
      Device device,
      Replicas replicas,
      ModelConfig config,
      Parameters ae,
      DiffusionTask.Examples examples,
      double similarity,
      HeldOut heldOut,
      Judge judge) {
    ContextDistribution known =
        config.denoiser().conditional() ? ContextDistribution.fit(examples.contexts()) : null;
    Map<String, float[]> extras = new HashMap<>(known == null ? Map.of() : known.tensors());
    ImageConditions drawn =
        ImageConditions.of(
            known == null
                ? Contexts.numbered(new float[TrainingImages.ROWS][1])
                : known.draw(TrainingImages.ROWS, options.run.seed));
    if (config.denoiser().contextSimilarity()) {
      extras.put(SimilarityCondition.MEAN, new float[] {(float) similarity});
      drawn = drawn.with(new Similarity(similarity, similarity, options.run.seed));
    }
    ImageConditions grid = drawn;
    DiffusionTraining.Settings settings =
        new DiffusionTraining.Settings(
            config,
            objective.of(people.contextFrom, identity.objective(judge, config, options.batch)),
            heldOut,
            options.batch,
            options.run.type(),
            options.run.weights.or(WEIGHTS),
            options.run.seed,
            all -> start.fill(all, options.run.seed));
    try (DiffusionTraining training =
        new DiffusionTraining(
            device, replicas, ae, examples, settings, options.optimizer(), options.job())) {
      options.train(
          training.run(),
          step -> training.write(model(), step, extras),
          step ->
              TrainingImages.sample(
                  device,
                  config,
                  ae,
                  training.run().parameters(),
                  grid,
                  samples(config),
                  options,
                  step));
    }
  }

  private SamplingSettings samples(ModelConfig config) {
    int evaluations = Math.min(SAMPLE_STEPS, config.diffusion().steps());
    return new SamplingSettings(
        Sampler.of("dpm++"), evaluations, 1, true, TrainingImages.COLUMNS, options.run.type());
  }
}
