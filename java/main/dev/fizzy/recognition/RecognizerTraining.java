package dev.fizzy.recognition;

import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Workers;
import dev.fizzy.identity.Recognizer;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.MarginConfig;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.recognition.augment.RandAugment;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingLoop;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.training.Validation;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Trains a recognizer in a folder: {@code recognizer.safetensors} has the weights with the best
 * validation, or the last ones without validation; {@code last.safetensors} has the last ones.
 */
public final class RecognizerTraining implements AutoCloseable {
  private static final int EMBED_BATCH = 32;

  /**
   * Settings of the training.
   *
   * @param augment applied to every face
   * @param batch faces per step
   * @param type of the activations
   * @param weights type of those in the recognizer's file, F32 or BF16
   * @param workers threads that prepare faces
   * @param from a recognizer with the initial weights; null for random ones
   */
  public record Settings(
      IResNetConfig network,
      MarginConfig loss,
      RandAugment augment,
      int batch,
      DType type,
      Safetensors.Type weights,
      long seed,
      int workers,
      Path from) {}

  private final Settings settings;
  private final Path folder;
  private final FaceFeed feed;
  private TrainingRun run;
  private Workers<Recognizer> embedders;
  private double seconds;
  private double waited;

  /**
   * @param faces the training faces
   * @param validation selects the weights, every {@code validateEvery} steps; null for the last
   *     weights
   */
  public RecognizerTraining(
      Device device,
      IdentityFaces faces,
      Settings settings,
      Optimizer optimizer,
      TrainingRun.Job job,
      ValidationPairs validation,
      long validateEvery) {
    this.settings = settings;
    this.folder = job.folder();
    feed =
        new FaceFeed(
            faces, settings.augment(), settings.batch(), settings.seed(), settings.workers());
    try {
      RecognizerTask task =
          new RecognizerTask(
              settings.network(),
              settings.loss(),
              feed,
              faces.identities().size(),
              settings.type(),
              settings.seed());
      TrainingRun.Options options =
          new TrainingRun.Options(
              job,
              this::start,
              identity(faces),
              validation == null ? null : trained -> judge(validation, validateEvery));
      run = new TrainingRun(task, device, optimizer, options);
      embedders =
          Workers.beside(
              device,
              validation == null ? 1 : device.threads(),
              own ->
                  new Recognizer(
                      own, settings.network(), run.parameters(), EMBED_BATCH, settings.type()));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void start(Parameters parameters) {
    parameters.initialize(settings.seed());
    if (settings.from() != null) {
      try (RecognizerFile file = RecognizerFile.open(settings.from())) {
        Recognizer.fill(file, parameters);
      }
    }
  }

  private Map<String, String> identity(IdentityFaces faces) {
    Map<String, String> identity = new TreeMap<>();
    identity.put("seed", Long.toString(settings.seed()));
    identity.put("batch", Integer.toString(settings.batch()));
    identity.put("type", settings.type().name());
    identity.put("config", settings.network().toJson());
    identity.put("head", settings.loss().toString());
    identity.put("augment", settings.augment().toString());
    identity.put("faces", faces.checksum());
    return identity;
  }

  private Validation.Judge judge(ValidationPairs pairs, long every) {
    return new Validation.Judge() {
      @Override
      public long every() {
        return every;
      }

      @Override
      public Map<String, Double> judge(long step) {
        return pairs.accuracy(embedders, step);
      }

      @Override
      public void keep(long step) {
        write(best(), step);
      }
    };
  }

  /** The file of the selected weights. */
  public Path best() {
    return folder.resolve("recognizer.safetensors");
  }

  /** The file of the last weights. */
  public Path last() {
    return folder.resolve("last.safetensors");
  }

  private void write(Path file, long step) {
    String head = settings.loss().kind().name().toLowerCase(Locale.ROOT);
    RecognizerFile.write(
        file,
        settings.network(),
        settings.weights(),
        Map.of("steps", Long.toString(step), "trained_by", head),
        run.parameters());
  }

  /** Steps done so far, including those before a resume. */
  public long done() {
    return run.done();
  }

  /** The best validation so far. */
  public Validation validation() {
    return run.validation();
  }

  /** Share of the time that the engine waited for faces; NaN if no step was done. */
  public double waitingShare() {
    return waited / seconds;
  }

  /** Trains to the end and writes both files. */
  public void run(Consumer<TrainingLoop.Report> listener) {
    run.run(
        report -> {
          double step = settings.batch() / report.values().get("images_per_second");
          seconds += step;
          waited += step * report.values().get("waiting_share");
          listener.accept(report);
        });
    write(last(), run.done());
    if (run.validation().bestStep() == 0) {
      write(best(), run.done());
    }
  }

  @Override
  public void close() {
    if (embedders != null) {
      embedders.close();
    }
    if (run != null) {
      run.close();
    }
    feed.close();
  }
}
