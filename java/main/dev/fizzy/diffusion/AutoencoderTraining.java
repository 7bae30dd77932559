package dev.fizzy.diffusion;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.PatchDiscriminator;
import dev.fizzy.model.Recorded;
import dev.fizzy.training.Checkpoint;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.training.Validation;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** Trains an autoencoder, with checkpoints in a folder. */
public final class AutoencoderTraining implements AutoCloseable {
  /**
   * Settings of a training.
   *
   * @param objective see {@link AutoencoderTask}
   * @param perceptual identifies the perceptual loss; a resumed run must have the same
   * @param batch faces per step
   * @param type of the activations
   * @param weights type of the weights in the model file, F32 or BF16
   * @param heldOut number of faces, the last ones, that are not trained on
   * @param measurement of the averaged weights, or null
   * @param start initializes the autoencoder of a new run
   * @param startNetwork loads the weights of the objective's network, if there is one
   */
  public record Settings(
      ModelConfig config,
      AutoencoderTask.Objective objective,
      String perceptual,
      int batch,
      DType type,
      Safetensors.Type weights,
      long seed,
      int heldOut,
      Measurement measurement,
      Consumer<Parameters> start,
      Consumer<Parameters> startNetwork) {}

  /**
   * A measurement in the course of the training.
   *
   * @param every steps
   * @param figures of averaged weights, by name
   */
  public record Measurement(long every, Function<Parameters, Map<String, Double>> figures) {}

  private final ModelConfig config;
  private final Safetensors.Type weights;
  private final TrainingRun run;
  private final Parameters average;

  public AutoencoderTraining(
      Device device, FaceSet faces, Settings settings, Optimizer optimizer, TrainingRun.Job job) {
    this.config = settings.config();
    this.weights = settings.weights();
    int count = faces.count() - settings.heldOut();
    AutoencoderTask task =
        new AutoencoderTask(
            config.autoencoder(),
            settings.objective(),
            count,
            faces::pixels,
            settings.batch(),
            settings.type(),
            settings.seed());
    Map<String, String> identity = new TreeMap<>();
    identity.put("seed", Long.toString(settings.seed()));
    identity.put("batch", Integer.toString(settings.batch()));
    identity.put("faces", Integer.toString(count));
    identity.put("type", settings.type().name());
    identity.put("autoencoder", config.autoencoder().toString());
    identity.put("decoder only", Boolean.toString(settings.objective().decoderOnly()));
    identity.put("perceptual", settings.perceptual());
    AutoencoderTask.Adversarial adversarial = settings.objective().adversarial();
    identity.put(
        "adversarial loss", adversarial == null ? Checkpoint.USUAL : adversarial.toString());
    List<Parameter> own =
        Recorded.graph(config, Recorded.Network.AUTOENCODER, 1, DType.F32, false).parameters();
    List<Parameter> opponent =
        task.graph().parameters().stream()
            .filter(p -> p.name().startsWith(PatchDiscriminator.PREFIX))
            .toList();
    Consumer<Parameters> start =
        all -> {
          all.initialize(own, settings.start());
          all.initialize(opponent, first -> first.initialize(settings.seed() + 1));
          settings.startNetwork().accept(all);
        };
    run =
        new TrainingRun(
            task,
            device,
            optimizer,
            new TrainingRun.Options(job, start, identity, judge(settings.measurement())));
    average = new Parameters(device, own, Region.VALUES);
  }

  /** Reports a measurement; the model is that of the last step, not of the best measurement. */
  private Function<Parameters, Validation.Judge> judge(Measurement measurement) {
    return measurement == null
        ? null
        : ignored ->
            new Validation.Judge() {
              @Override
              public long every() {
                return measurement.every();
              }

              @Override
              public Map<String, Double> judge(long step) {
                return measurement.figures().apply(average());
              }

              @Override
              public void keep(long step) {
                // nothing: see the method
              }
            };
  }

  public TrainingRun run() {
    return run;
  }

  /**
   * The averaged weights after the last step; owned by this object and valid until the next call.
   */
  public Parameters average() {
    average.copy(Region.VALUES, run.parameters(), Region.AVERAGE);
    return average;
  }

  /** Writes a model file with the averaged weights. */
  public void write(Path file, long step) {
    ModelFile.write(
        file,
        config,
        weights,
        Map.of("steps", Long.toString(step)),
        List.of(new ModelFile.Source(average(), Region.VALUES)),
        Map.of());
  }

  @Override
  public void close() {
    average.close();
    run.close();
  }
}
