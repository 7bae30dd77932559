package dev.fizzy.autoregression;

import dev.fizzy.diffusion.ContextSource;
import dev.fizzy.diffusion.DiffusionTask.Part;
import dev.fizzy.diffusion.DiffusionTraining;
import dev.fizzy.diffusion.HeldOut;
import dev.fizzy.diffusion.HeldOutAdherence;
import dev.fizzy.diffusion.HeldOutValidation;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.training.Checkpoint;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.Replicas;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.training.TrainingTask;
import dev.fizzy.training.Validation;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Trains the autoregressive network of a model on the codes of its autoencoder, with checkpoints in
 * a folder.
 */
public final class AutoregressiveTraining implements AutoCloseable {
  /**
   * Settings of a training.
   *
   * @param config of the model
   * @param contextFrom which context a face is trained with
   * @param validation people who are not trained on; null for no validation
   * @param batch faces per step, on all devices together
   * @param type of the activations
   * @param weights type of the weights in the model file, F32 or BF16
   * @param start initializes the network of a new run
   */
  public record Settings(
      ModelConfig config,
      ContextSource contextFrom,
      Validated validation,
      int batch,
      DType type,
      Safetensors.Type weights,
      long seed,
      Consumer<Parameters> start) {}

  /**
   * People who are not trained on.
   *
   * @param faces of these people
   * @param every steps between measurements
   * @param drawing how faces of them are drawn; null to measure the loss alone
   */
  public record Validated(CodedFaces.Examples faces, long every, HeldOut.Drawing drawing) {}

  private final Settings settings;
  private final Parameters autoencoder;
  private final int faces;
  private final TrainingRun run;

  /**
   * @param replicas the other devices that share every batch; null for none
   * @param autoencoder owned by the caller
   */
  public AutoregressiveTraining(
      Device device,
      Replicas replicas,
      Parameters autoencoder,
      CodedFaces.Examples examples,
      Settings settings,
      Optimizer optimizer,
      TrainingRun.Job job) {
    this.settings = settings;
    this.autoencoder = autoencoder;
    this.faces = examples.contexts().length;
    IntFunction<TrainingTask> tasks =
        rank ->
            new AutoregressiveTask(
                settings.config().autoregressive(),
                examples,
                settings.contextFrom(),
                settings.batch(),
                settings.type(),
                settings.seed(),
                new Part(rank, device.ranks()));
    Map<String, String> identity =
        Map.of(
            "seed", Long.toString(settings.seed()),
            "batch", Integer.toString(settings.batch()),
            "faces", Integer.toString(faces),
            "config", settings.config().toJson(),
            "type", settings.type().name(),
            "codes", Integer.toString(Arrays.deepHashCode(examples.coded().codes())),
            "contexts", DiffusionTraining.checksum(examples.contexts()),
            "context from", contextFrom(settings.contextFrom(), examples.people()));
    Function<Parameters, Validation.Judge> validation =
        settings.validation() == null ? null : trained -> validation(device, trained);
    run =
        new TrainingRun(
            tasks,
            device,
            optimizer,
            new TrainingRun.Options(job, settings.start(), identity, validation),
            replicas);
  }

  private Validation.Judge validation(Device device, Parameters trained) {
    Validated held = settings.validation();
    return new HeldOutValidation(
        held.every(),
        new CodeValidation(
            device, settings.config().autoregressive(), trained, held.faces(), settings.type()),
        held.drawing() == null ? null : adherence(device, trained, held));
  }

  private HeldOutAdherence adherence(Device device, Parameters trained, Validated held) {
    float[][] contexts = HeldOut.contexts(held.faces().contexts(), held.faces().people());
    return new HeldOutAdherence(
        device,
        settings.config().autoencoder(),
        autoencoder,
        1,
        contexts,
        contexts,
        held.drawing().judge(),
        held.drawing().people(),
        settings.type(),
        own ->
            new CodeSampler(
                own,
                settings.config().autoregressive(),
                held.faces().coded().codebook(),
                trained,
                Region.AVERAGE,
                new CodeChoice(held.drawing().guidance(), 1, 0),
                HeldOutAdherence.BATCH,
                settings.type(),
                held.drawing().conditioning()));
  }

  private static String contextFrom(ContextSource source, int[] people) {
    return source == ContextSource.SAME ? Checkpoint.USUAL : source + source.people(people);
  }

  public TrainingRun run() {
    return run;
  }

  /**
   * Writes the autoencoder and the averaged weights of the network to one model file.
   *
   * @param extras additional tensors that are not network parameters
   */
  public void write(Path file, long step, Map<String, float[]> extras) {
    ModelFile.write(
        file,
        settings.config(),
        settings.weights(),
        Map.of("steps", Long.toString(step), "faces", Integer.toString(faces)),
        List.of(
            new ModelFile.Source(autoencoder, Region.VALUES),
            new ModelFile.Source(run.parameters(), Region.AVERAGE)),
        extras);
  }

  @Override
  public void close() {
    run.close();
  }
}
