package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.Recorded;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Trains the student of a model, with checkpoints in a folder. */
public final class DistillationTraining implements AutoCloseable {
  private static final String PREFIX = DistillationTask.TEACHER + ".";

  /**
   * Settings of a training.
   *
   * @param batch faces per step
   * @param type of the activations
   * @param weights type of the weights in the model file, F32 or BF16
   */
  public record Settings(
      Distillation distillation, int batch, DType type, Safetensors.Type weights, long seed) {}

  private final DenoiserFile student;
  private final ModelFile teacher;
  private final Distillation distillation;
  private final long seed;
  private final TrainingRun run;

  /**
   * @param teacher stays open
   * @param autoencoder the teacher's, owned by the caller
   */
  public DistillationTraining(
      Device device,
      ModelFile teacher,
      Parameters autoencoder,
      DiffusionTask.Examples examples,
      Settings settings,
      Optimizer optimizer,
      TrainingRun.Job job) {
    this.distillation = settings.distillation();
    this.teacher = teacher;
    this.seed = settings.seed();
    ModelConfig config = distillation.student(teacher.config());
    int faces = examples.latents().length;
    student = new DenoiserFile(config, autoencoder, settings.weights(), faces);
    Map<String, String> identity =
        Map.of(
            "seed", Long.toString(seed),
            "batch", Integer.toString(settings.batch()),
            "faces", Integer.toString(faces),
            "type", settings.type().name(),
            "teacher", teacher.sha256(),
            "distillation", distillation.toString(),
            "latents", DiffusionTraining.checksum(examples.latents()),
            "contexts", DiffusionTraining.checksum(examples.contexts()));
    DistillationTask task =
        new DistillationTask(
            teacher.config(), distillation, examples, settings.batch(), settings.type(), seed);
    run =
        new TrainingRun(
            task, device, optimizer, new TrainingRun.Options(job, this::start, identity, null));
  }

  /** The student starts with the teacher's weights. */
  private void start(Parameters all) {
    List<Parameter> taught =
        Recorded.graph(teacher.config(), Recorded.Network.UNET, 1, DType.F32, false).parameters();
    try (Parameters own = new Parameters(all.device(), student.network(), Region.VALUES);
        Parameters known = new Parameters(all.device(), taught, Region.VALUES)) {
      teacher.fill(known, Region.VALUES);
      own.initialize(seed);
      own.copy(Region.VALUES, known, Region.VALUES);
      all.copy(Region.VALUES, own, Region.VALUES);
      for (Parameters.Slot slot : all.slots()) {
        String name = slot.parameter().name();
        if (name.startsWith(PREFIX)) {
          Parameters.Slot from = known.slot(name.substring(PREFIX.length()));
          all.write(Region.VALUES, slot, known.read(Region.VALUES, from));
        }
      }
    }
  }

  public TrainingRun run() {
    return run;
  }

  /** The student's configuration. */
  public ModelConfig student() {
    return student.config();
  }

  /**
   * Writes the student's averaged weights and the autoencoder to one model file.
   *
   * @param extras additional tensors that are not network parameters
   */
  public void write(Path file, long step, Map<String, float[]> extras) {
    Map<String, String> notes =
        Map.of("teacher", teacher.sha256(), "distillation", distillation.toString());
    student.write(file, run.parameters(), step, notes, extras);
  }

  @Override
  public void close() {
    run.close();
  }
}
