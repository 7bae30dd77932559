package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.training.Checkpoint;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.Replicas;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.training.TrainingTask;
import dev.fizzy.training.Validation;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.TensorDigest;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Trains the denoiser of a model on the latents of its autoencoder, with checkpoints in a folder.
 */
public final class DiffusionTraining implements AutoCloseable {
  /**
   * Settings of a training.
   *
   * @param config of the model, with the scale of the latents
   * @param validation people who are not trained on; null for no validation
   * @param batch faces per step, on all devices together
   * @param type of the activations
   * @param weights type of the weights in the model file, F32 or BF16
   * @param start initializes the denoiser of a new run
   */
  public record Settings(
      ModelConfig config,
      Objective objective,
      HeldOut validation,
      int batch,
      DType type,
      Safetensors.Type weights,
      long seed,
      Consumer<Parameters> start) {}

  private final DenoiserFile model;
  private final TrainingRun run;

  /**
   * @param replicas the other devices that share every batch; null for none
   * @param autoencoder owned by the caller
   */
  public DiffusionTraining(
      Device device,
      Replicas replicas,
      Parameters autoencoder,
      DiffusionTask.Examples examples,
      Settings settings,
      Optimizer optimizer,
      TrainingRun.Job job) {
    ModelConfig config = settings.config();
    int faces = examples.latents().length;
    model = new DenoiserFile(config, autoencoder, settings.weights(), faces);
    IntFunction<TrainingTask> tasks =
        rank ->
            new DiffusionTask(
                config.denoiser(),
                config.diffusion(),
                settings.objective(),
                examples,
                settings.batch(),
                settings.type(),
                settings.seed(),
                new DiffusionTask.Part(rank, device.ranks()));
    Map<String, String> identity =
        Map.of(
            "seed", Long.toString(settings.seed()),
            "batch", Integer.toString(settings.batch()),
            "faces", Integer.toString(faces),
            "config", config.toJson(),
            "type", settings.type().name(),
            "latents", checksum(examples.latents()),
            "contexts", checksum(examples.contexts()),
            "objective", objective(settings.objective(), examples));
    Consumer<Parameters> start =
        settings.objective().identity() == null
            ? settings.start()
            : all -> start(all, settings.start(), settings.objective().identity().judge());
    Function<Parameters, Validation.Judge> validation =
        settings.validation() == null
            ? null
            : trained ->
                settings
                    .validation()
                    .validation(device, config, trained, autoencoder, settings.type());
    run =
        new TrainingRun(
            tasks,
            device,
            optimizer,
            new TrainingRun.Options(job, start, identity, validation),
            replicas);
  }

  /** Initializes the U-Net alone, as without the loss for identity, and fills what is frozen. */
  private void start(Parameters all, Consumer<Parameters> first, Judge judge) {
    all.initialize(model.network(), first);
    all.copy(Region.VALUES, model.autoencoder(), Region.VALUES);
    judge.fill(all);
  }

  /** The objective, and the people where it depends on them. */
  private static String objective(Objective objective, DiffusionTask.Examples examples) {
    if (objective.equals(Objective.PUBLISHED)) {
      return Checkpoint.USUAL;
    }
    return objective + objective.contexts().people(examples.people());
  }

  /** A checksum of vectors and their order. */
  public static String checksum(float[][] rows) {
    TensorDigest digest = new TensorDigest();
    for (float[] row : rows) {
      digest.add("", row);
    }
    return digest.hex();
  }

  public TrainingRun run() {
    return run;
  }

  /**
   * Writes the autoencoder and the averaged weights of the denoiser to one model file.
   *
   * @param extras additional tensors that are not network parameters
   */
  public void write(Path file, long step, Map<String, float[]> extras) {
    model.write(file, run.parameters(), step, Map.of(), extras);
  }

  @Override
  public void close() {
    run.close();
  }
}
