package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.Autoencoding;
import dev.fizzy.diffusion.DiffusionTask;
import dev.fizzy.diffusion.EncodedFaces;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Group;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.file.FileException;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TrainingContexts;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.report.ProgressReporter;
import dev.fizzy.training.Replicas;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.training.TrainingTask;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.TensorDigest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
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
      "",
      "Writes model/model.safetensors, for `fizzy generate --model`. Without --contexts the"
          + " identity is taken from a",
      "thumbnail of the face itself: enough to try the commands, not to learn identity."
    })
final class TrainDiffusionCommand implements Callable<Integer> {
  private static final int ENCODE_BATCH = 16;
  private static final int SAMPLE_ROWS = 6;
  private static final int SAMPLE_COLUMNS = 8;
  private static final int SAMPLE_STEPS = 25;

  @Mixin private TrainingOptions options;
  @Mixin private JsonOutput output;

  @Option(
      names = "--contexts",
      paramLabel = "FILE",
      description = "Each face's identity, from `fizzy embed` on the same folder.")
  private Path contexts;

  @Option(
      names = "--autoencoder",
      paramLabel = "FILE",
      description = "From `fizzy train autoencoder`; default: the default model's.")
  private Path autoencoder;

  @Option(
      names = "--cpd",
      paramLabel = "P",
      description = "Probability of contextual partial dropout; default: the configuration's.")
  private Double dropout;

  @Option(names = "--steps", defaultValue = "50000", description = "Default: ${DEFAULT-VALUE}.")
  private long steps;

  @Option(
      names = "--batch",
      defaultValue = "32",
      description = "Faces a step, on all devices together; default: ${DEFAULT-VALUE}.")
  private int batch;

  @Override
  public Integer call() {
    options.check(steps, batch);
    ModelConfig wanted = options.config();
    ModelConfig asked =
        dropout == null ? wanted : wanted.with(wanted.diffusion().dropping(dropout));
    FaceSet faces = options.readFaces(asked.autoencoder().imageSize());
    float[][] identities = TrainingContexts.of(faces, contexts, asked.unet().contextInput());
    Group group = options.device.group();
    if (group != null && batch % group.ranks() != 0) {
      throw new EngineException(
          "--batch " + batch + " cannot be shared by " + group.ranks() + " GPUs in equal parts");
    }
    try (Replicas replicas = group == null ? null : new Replicas(group);
        Device device = group == null ? options.device.open() : group.open(0);
        ModelFile first = DefaultModel.openOr(autoencoder)) {
      if (!first.config().autoencoder().equals(asked.autoencoder())) {
        throw new FileException(
            "the autoencoder is "
                + first.config().autoencoder()
                + ", the configuration asks for "
                + asked.autoencoder()
                + "; train one with `fizzy train autoencoder --config "
                + options.config
                + "`");
      }
      try (Parameters ae = FaceSampler.autoencoder(device, first)) {
        EncodedFaces raw = encode(device, asked, ae, first, faces);
        double scale =
            asked.diffusion().latentScale() == 0
                ? raw.unitScale()
                : asked.diffusion().latentScale();
        train(
            device,
            replicas,
            asked.with(asked.diffusion().scaled(scale)),
            ae,
            raw.scaled(scale),
            identities,
            faces);
      }
    }
    return 0;
  }

  private EncodedFaces encode(
      Device device, ModelConfig config, Parameters ae, ModelFile first, FaceSet faces) {
    try (Autoencoding encoder =
            Autoencoding.encoder(
                device, config.autoencoder(), ae, Region.VALUES, ENCODE_BATCH, options.type);
        ProgressReporter progress = new ProgressReporter("encode", "faces", faces.count())) {
      return EncodedFaces.of(
          faces, encoder, first.sha256(), options.out.resolve("latents.safetensors"), progress);
    }
  }

  private static String checksum(float[][] rows) {
    TensorDigest digest = new TensorDigest();
    for (float[] row : rows) {
      digest.add("", row);
    }
    return digest.hex();
  }

  private void train(
      Device device,
      Replicas replicas,
      ModelConfig config,
      Parameters ae,
      EncodedFaces latents,
      float[][] identities,
      FaceSet faces) {
    DiffusionTask.Examples examples =
        new DiffusionTask.Examples(latents.latents(), latents.mirrored(), identities);
    IntFunction<TrainingTask> tasks =
        rank ->
            new DiffusionTask(
                config.unet(),
                config.diffusion(),
                examples,
                batch,
                options.type,
                options.seed,
                new DiffusionTask.Part(rank, device.ranks()));
    Map<String, String> identity =
        Map.of(
            "seed", Long.toString(options.seed),
            "batch", Integer.toString(batch),
            "faces", Integer.toString(faces.count()),
            "config", config.toJson(),
            "type", options.type.name(),
            "latents", checksum(latents.latents()),
            "contexts", checksum(identities));
    Path model = options.out.resolve("model.safetensors");
    ContextDistribution known = ContextDistribution.fit(identities);
    try (TrainingRun run =
        new TrainingRun(
            tasks,
            device,
            options.optimizer(2e-4, steps),
            options.run(steps, identity, options::start),
            replicas)) {
      options.train(
          run,
          steps,
          batch,
          step -> {
            ModelFile.write(
                model,
                config,
                Safetensors.Type.BF16,
                Map.of("steps", Long.toString(step), "faces", Integer.toString(faces.count())),
                List.of(
                    new ModelFile.Source(ae, Region.VALUES),
                    new ModelFile.Source(run.parameters(), Region.AVERAGE)),
                known.tensors());
            Contexts some = known.draw(SAMPLE_ROWS, options.seed);
            FaceSampler.Settings settings =
                new FaceSampler.Settings(
                    Sampler.of("dpm++"),
                    Math.min(SAMPLE_STEPS, config.diffusion().steps()),
                    1,
                    true,
                    SAMPLE_COLUMNS,
                    options.type);
            try (FaceSampler sampler =
                new FaceSampler(device, config, ae, run.parameters(), Region.AVERAGE, settings)) {
              SampleGrid.draw(
                  sampler,
                  some,
                  SAMPLE_COLUMNS,
                  config.autoencoder().imageSize(),
                  options.seed,
                  options.grid(step));
            }
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
        "the model is " + model + "; its metrics are in " + options.out.resolve("metrics.jsonl"));
  }
}
