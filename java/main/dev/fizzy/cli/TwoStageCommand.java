package dev.fizzy.cli;

import dev.fizzy.diffusion.LatentSampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Workers;
import dev.fizzy.generation.FaceSampler;
import dev.fizzy.generation.ModelWeights;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.generation.TwoStageContexts;
import dev.fizzy.identity.ApartRule;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.Embedder;
import dev.fizzy.model.DefaultModel;
import dev.fizzy.model.ModelFile;
import dev.fizzy.report.ProgressReporter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "two-stage",
    description = "Creates new identities by embedding unconditional samples of the model.",
    footer = {
      "",
      "Example:",
      "  fizzy contexts two-stage --count 1000 --seed 5 --embedder mobilefacenet.onnx --out"
          + " contexts.npy",
      "",
      "A model without a learned empty context draws with the zero vector. Use the embedder that"
          + " the model was trained with."
    })
final class TwoStageCommand implements Callable<Integer> {
  @Mixin private IdentityCount drawn;

  @Option(
      names = "--embedder",
      required = true,
      paramLabel = "FILE.onnx",
      description = "Face embedder that computes the contexts.")
  private Path embedder;

  @Mixin private PresetOptions preset;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Model to draw the samples from; default: the built-in model.")
  private Path model;

  @Option(
      names = "--sampler",
      defaultValue = "dpm++",
      paramLabel = "NAME",
      completionCandidates = SamplerName.Forms.class,
      description = "Sampler: ${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private SamplerName sampler;

  @Option(
      names = "--steps",
      defaultValue = "20",
      description = "Network evaluations per sample; default: ${DEFAULT-VALUE}.")
  @Range(min = 1)
  private int steps;

  @Option(
      names = "--batch",
      defaultValue = "16",
      description =
          "Samples drawn at a time; does not change the samples; default: ${DEFAULT-VALUE}.")
  @Range(min = 1, max = LatentSampler.MAX_BATCH)
  private int batch;

  @Mixin private DeviceOptions devices;
  @Mixin private IdentitiesOutput output;

  @Override
  public Integer call() {
    output.make(devices.threads(), this::draw);
    return 0;
  }

  private Contexts draw(ApartRule rule) {
    try (Embedder network = preset.open(embedder, devices);
        ModelFile file = DefaultModel.openOr(model);
        Workers<FaceSampler> samplers = open(file);
        ProgressReporter progress = new ProgressReporter("two-stage", "contexts", drawn.count)) {
      return TwoStageContexts.of(
          samplers, file.config(), network, drawn.count, drawn.seed, rule, progress);
    }
  }

  private Workers<FaceSampler> open(ModelFile file) {
    ModelWeights.check(file);
    OptionTypes.checked(() -> settings(batch).check(file.config()));
    return devices.workers(
        drawn.count, batch, (device, images) -> FaceSampler.open(device, file, settings(images)));
  }

  private SamplingSettings settings(int images) {
    return new SamplingSettings(sampler.sampler(), steps, 1, false, images, DType.F32);
  }
}
