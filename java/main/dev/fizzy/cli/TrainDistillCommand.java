package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.diffusion.DiffusionTask;
import dev.fizzy.diffusion.Distillation;
import dev.fizzy.diffusion.DistillationTraining;
import dev.fizzy.diffusion.EncodedFaces;
import dev.fizzy.diffusion.Sampler;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.generation.ImageConditions;
import dev.fizzy.generation.ModelWeights;
import dev.fizzy.generation.SamplingSettings;
import dev.fizzy.identity.ContextDistribution;
import dev.fizzy.identity.Contexts;
import dev.fizzy.identity.TrainingContexts;
import dev.fizzy.model.DistilledSampling;
import dev.fizzy.model.GuidanceRange;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "distill",
    description = "Trains a student that draws with fewer evaluations than its teacher.",
    footer = {
      "",
      "Examples:",
      "  fizzy train distill --teacher default --faces crops/ --contexts contexts.npy --out"
          + " guided/",
      "  fizzy train distill --teacher guided/model.safetensors --evaluations 8 --faces crops/"
          + " --contexts contexts.npy --out eight/",
      "  fizzy train distill --teacher eight/model.safetensors --evaluations 4 --faces crops/"
          + " --contexts contexts.npy --out four/",
      "",
      "Without --evaluations, the student takes the guidance weight as an input and needs one"
          + " evaluation a step instead of two, with every sampler. With it, the student draws in"
          + " so many steps and in no others. Each is a model file: `fizzy generate --model"
          + " four/model.safetensors` knows sampler and steps. Faces and contexts are those of"
          + " `fizzy train diffusion`. docs/distillation.md has the whole procedure."
    })
final class TrainDistillCommand implements Callable<Integer> {
  private static final WeightsOption.Type WEIGHTS = WeightsOption.Type.BF16;
  private static final int SAMPLE_STEPS = 20;
  private static final int TEACHER_STEPS = 2;

  @Mixin private final TrainingOptions options = new TrainingOptions(10_000, 32, 1e-4);

  @Mixin private JsonOutput output;

  @Option(
      names = {"--teacher", "--from"},
      required = true,
      paramLabel = "FILE|default",
      description =
          "Model to learn from, or with `default` the built-in one; it may be a student itself.")
  private String teacher;

  @Mixin private FaceContexts contexts;

  @Option(
      names = "--evaluations",
      paramLabel = "N",
      description =
          "Evaluations, which are steps, that the student draws with, such as 8, 4 or 2; default:"
              + " any number, only guidance is distilled.")
  @Range(min = 1)
  private Integer evaluations;

  @Option(
      names = "--teacher-steps",
      paramLabel = "K",
      description =
          "With --evaluations: steps of the teacher that the student does in one; a teacher that"
              + " knows some steps only sets it; default: 2.")
  @Range(min = 1)
  private Integer teacherSteps;

  @Option(
      names = "--guidance-range",
      split = ",",
      paramLabel = "LEAST,MOST",
      description = "Guidance weights that the student takes; default: the teacher's, else 1,5.")
  @Range(min = 0)
  private List<Double> range;

  @Option(
      names = "--guidance-parallel",
      paramLabel = "SHARE",
      description =
          "Share of the teacher's guidance parallel to the predicted image that is kept, 0 to 1, as"
              + " in `fizzy generate`; 1: guidance as published; default: 0. Not for a teacher that"
              + " takes the guidance weight as an input.")
  @Range(min = 0, max = 1)
  private Double parallel;

  @Spec private CommandSpec command;

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    options.check();
    if (range != null && range.size() != 2) {
      throw new OptionException("--guidance-range takes two weights, such as 1,5, not " + range);
    }
    if (evaluations == null && Given.has(command, "--teacher-steps")) {
      throw new OptionException("--teacher-steps needs --evaluations N");
    }
    FaceSet faces;
    try (ModelFile file = FromOption.open(teacher)) {
      ModelWeights.check(file);
      Distillation wanted = OptionTypes.checked(() -> distillation(file.config()));
      Contexts known = contexts.read(file.config().unet());
      try (Device device = options.run.device.open()) {
        faces = options.readFaces(file.config().autoencoder().imageSize());
        train(device, file, wanted, known, faces);
      }
    }
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("evaluations", evaluations);
    options.finish(output, "distillation", begin, model(), WEIGHTS, faces, more);
    return 0;
  }

  private Distillation distillation(ModelConfig config) {
    GuidanceRange known = config.unet().guidance();
    GuidanceRange wanted =
        range != null
            ? new GuidanceRange(range.get(0), range.get(1))
            : known != null ? known : new GuidanceRange(1, 5);
    return Distillation.of(
        config,
        wanted,
        parallel,
        evaluations == null ? 0 : evaluations,
        teacherSteps == null ? TEACHER_STEPS : teacherSteps);
  }

  private Path model() {
    return options.run.out.resolve("model.safetensors");
  }

  private void train(
      Device device, ModelFile file, Distillation wanted, Contexts known, FaceSet faces) {
    ModelConfig config = file.config();
    float[][] identities = TrainingContexts.of(faces, known, config.unet().contextInput());
    try (Parameters ae = ModelWeights.autoencoder(device, file)) {
      EncodedFaces latents =
          TrainingImages.encode(device, config, ae, file.sha256(), faces, options.run)
              .scaled(config.diffusion().latentScale());
      int[] all = IntStream.range(0, faces.count()).toArray();
      DiffusionTask.Examples examples = latents.examples(all, identities, all);
      ContextDistribution distribution = ContextDistribution.fit(identities);
      ImageConditions drawn =
          ImageConditions.of(distribution.draw(TrainingImages.ROWS, options.run.seed));
      DistillationTraining.Settings settings =
          new DistillationTraining.Settings(
              wanted,
              options.batch,
              options.run.type(),
              options.run.weights.or(WEIGHTS),
              options.run.seed);
      try (DistillationTraining training =
          new DistillationTraining(
              device, file, ae, examples, settings, options.optimizer(), options.job())) {
        ModelConfig student = training.student();
        options.train(
            training.run(),
            step -> training.write(model(), step, distribution.tensors()),
            step ->
                TrainingImages.sample(
                    device,
                    student,
                    ae,
                    training.run().parameters(),
                    drawn,
                    samples(student),
                    options,
                    step));
      }
    }
  }

  private SamplingSettings samples(ModelConfig student) {
    DistilledSampling only = student.sampling();
    return new SamplingSettings(
        Sampler.of(only == null ? "dpm++" : only.sampler()),
        only == null ? Math.min(SAMPLE_STEPS, student.diffusion().steps()) : only.steps(),
        student.usualGuidance(),
        true,
        TrainingImages.COLUMNS,
        options.run.type());
  }
}
