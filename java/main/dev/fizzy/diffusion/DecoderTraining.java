package dev.fizzy.diffusion;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.PatchDiscriminator;
import dev.fizzy.model.SmallDecoder;
import dev.fizzy.model.SmallDecoderFile;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Trains a small decoder of a model's autoencoder, with checkpoints in a folder. */
public final class DecoderTraining implements AutoCloseable {
  /**
   * Settings of a training.
   *
   * @param objective with the small decoder
   * @param perceptual identifies the perceptual loss; a resumed run must have the same
   * @param batch faces per step
   * @param type of the activations
   * @param weights type of the weights in the file, F32 or BF16
   * @param startNetwork loads the weights of the objective's network, if there is one
   */
  public record Settings(
      AutoencoderTask.Objective objective,
      String perceptual,
      int batch,
      DType type,
      Safetensors.Type weights,
      long seed,
      Consumer<Parameters> startNetwork) {}

  private final Settings settings;
  private final ModelFile model;
  private final TrainingRun run;
  private final Parameters average;

  /**
   * @param model stays open
   * @param autoencoder the model's, owned by the caller
   */
  public DecoderTraining(
      Device device,
      ModelFile model,
      Parameters autoencoder,
      FaceSet faces,
      Settings settings,
      Optimizer optimizer,
      TrainingRun.Job job) {
    this.settings = settings;
    this.model = model;
    AutoencoderTask task =
        new AutoencoderTask(
            model.config().autoencoder(),
            settings.objective(),
            faces.count(),
            faces::pixels,
            settings.batch(),
            settings.type(),
            settings.seed());
    Map<String, String> identity = new TreeMap<>();
    identity.put("seed", Long.toString(settings.seed()));
    identity.put("batch", Integer.toString(settings.batch()));
    identity.put("faces", Integer.toString(faces.count()));
    identity.put("type", settings.type().name());
    identity.put("decoder", settings.objective().small().toString());
    identity.put("model", model.sha256());
    identity.put("perceptual", settings.perceptual());
    identity.put("adversarial loss", String.valueOf(settings.objective().adversarial()));
    List<Parameter> own = named(task, SmallDecoder.PREFIX);
    List<Parameter> opponent = named(task, PatchDiscriminator.PREFIX);
    Consumer<Parameters> start =
        all -> {
          all.initialize(own, first -> first.initialize(settings.seed()));
          all.initialize(opponent, first -> first.initialize(settings.seed() + 1));
          all.copy(Region.VALUES, autoencoder, Region.VALUES);
          settings.startNetwork().accept(all);
        };
    run =
        new TrainingRun(
            task, device, optimizer, new TrainingRun.Options(job, start, identity, null));
    List<Parameter> written =
        Autoencoding.smallDecoder(settings.objective().small(), 1, DType.F32, 1).parameters();
    average = new Parameters(device, written, Region.VALUES);
    average.copy(Region.VALUES, autoencoder, Region.VALUES); // what is frozen
  }

  private static List<Parameter> named(AutoencoderTask task, String prefix) {
    return task.graph().parameters().stream().filter(p -> p.name().startsWith(prefix)).toList();
  }

  public TrainingRun run() {
    return run;
  }

  /**
   * The averaged weights after the last step, the codebook and, if it has it, the middle; owned by
   * this object and valid until the next call.
   */
  public Parameters average() {
    average.copy(Region.VALUES, run.parameters(), Region.AVERAGE);
    return average;
  }

  /** Writes the decoder with the averaged weights. */
  public void write(Path file, long step) {
    SmallDecoderFile.write(
        file,
        settings.objective().small(),
        settings.weights(),
        Map.of("steps", Long.toString(step), "model", model.sha256()),
        List.of(new ModelFile.Source(average(), Region.VALUES)));
  }

  @Override
  public void close() {
    average.close();
    run.close();
  }
}
