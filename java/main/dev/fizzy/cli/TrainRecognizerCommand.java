package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.dataset.read.LabeledImages;
import dev.fizzy.engine.Device;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.MarginConfig;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.recognition.IdentitySplit;
import dev.fizzy.recognition.RecognizerRecipe;
import dev.fizzy.recognition.RecognizerTraining;
import dev.fizzy.recognition.ValidationPairs;
import dev.fizzy.recognition.protocol.VerificationPairs;
import dev.fizzy.report.ProgressReporter;
import dev.fizzy.training.Validation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "recognizer",
    description = "Trains a face recognizer on a data set with one folder per identity.",
    footer = {
      "",
      "Example:",
      "  fizzy train recognizer --data faces/ --out recognizer/ --config iresnet18-64 --batch 64"
          + " --epochs 20",
      "  fizzy evaluate verification --embedder recognizer/recognizer.safetensors --pairs"
          + " lfw_pairs.txt --images lfw112/",
      "",
      "Writes recognizer.safetensors, the weights that are best on the validation identities, and"
          + " last.safetensors, the weights of the last step. The defaults are the published"
          + " hyperparameters (CosFace with scale 64 and margin 0.35, SGD, RandAugment 4,16)."
    })
final class TrainRecognizerCommand implements Callable<Integer> {
  private static final WeightsOption.Type WEIGHTS = WeightsOption.Type.F32;
  private static final Logger log = LoggerFactory.getLogger(TrainRecognizerCommand.class);

  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      defaultValue = "iresnet50",
      description =
          "Built-in configuration (iresnet18-64, iresnet18-half, iresnet18, -34, -50, -100) or a"
              + " JSON file; default: ${DEFAULT-VALUE}.")
  private String config;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description =
          "Side of the input faces in pixels; default: that of the configuration (112 for the"
              + " published ones).")
  @Range(min = 1)
  private Integer size;

  @Option(
      names = "--dropout",
      description =
          "Dropout probability before the last layer; default: that of the configuration (0.4 for"
              + " the published ones).")
  @Range(min = 0, below = 1)
  private Double dropout;

  @Option(
      names = "--head",
      defaultValue = "cosface",
      paramLabel = "NAME",
      description =
          "Loss: cosface, arcface, elasticface (based on arcface), elastic-cosface or adaface;"
              + " default: ${DEFAULT-VALUE}.")
  private HeadName head;

  @Option(
      names = "--margin",
      description =
          "Margin of the loss; default: 0.35 for CosFace, 0.5 for ArcFace and ElasticFace, 0.4 for"
              + " AdaFace.")
  @Range
  private Double margin;

  @Option(names = "--scale", description = "Scale of the softmax; default: 64.")
  @Range(above = 0)
  private Double scale;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "Start from the weights of this recognizer; default: random weights.")
  private Path from;

  @Option(
      names = "--paper-protocol",
      description =
          "Choose the best weights by the test list --pairs, as the published recognizers were. The"
              + " accuracy on this list is then too optimistic.")
  private boolean paperProtocol;

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "With --paper-protocol: list of pairs in the format of LFW (Labeled Faces in the Wild).")
  private Path pairs;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "With --paper-protocol: folder of the images of the pairs.")
  private Path images;

  @Mixin private RecognizerOptions options;
  @Mixin private RunOptions run;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    check();
    IResNetConfig network = network();
    MarginConfig loss = loss();
    checkStart(network);
    ValidationPairs published = paperProtocol ? published(network.size()) : null;
    LabeledImages source = options.open(paperProtocol);
    int threads = run.device.threads();
    try (Device device = run.device.open()) {
      IdentityFaces faces = options.read(source, network.size(), threads);
      IdentitySplit split =
          paperProtocol ? new IdentitySplit(faces, null) : options.split(faces, run.seed);
      ValidationPairs validation =
          split.validation() == null
              ? published
              : ValidationPairs.held(split.validation(), run.seed);
      RecognizerTraining.Settings settings =
          new RecognizerTraining.Settings(
              network,
              loss,
              options.augment(),
              options.batch,
              run.type(),
              run.weights.or(WEIGHTS),
              run.seed,
              options.workers(threads),
              from);
      try (RecognizerTraining work = training(device, split, settings, validation)) {
        train(work, options.recipe().steps(split.training().count()), options.batch);
        publish(work, begin, faces, split, validation);
      }
    }
    return 0;
  }

  private RecognizerTraining training(
      Device device,
      IdentitySplit split,
      RecognizerTraining.Settings settings,
      ValidationPairs validation) {
    RecognizerRecipe recipe = options.recipe();
    IdentityFaces faces = split.training();
    long steps = recipe.steps(faces.count());
    log.info(
        "training on {} faces of {} identities, validation on {} identities; {} steps of {} faces,"
            + " {} epochs",
        faces.count(),
        faces.identities().size(),
        split.validating(),
        steps,
        recipe.batch(),
        String.format(Locale.ROOT, "%.1f", (double) steps * recipe.batch() / faces.count()));
    return new RecognizerTraining(
        device,
        faces,
        settings,
        recipe.optimizer(faces.count(), validation != null),
        run.job(steps),
        validation,
        options.validateEvery(faces));
  }

  private void check() {
    options.check(run.out);
    if (paperProtocol != (pairs != null) || paperProtocol != (images != null)) {
      throw new OptionException(
          "--paper-protocol, --pairs FILE and --images DIR go together: give all three or none");
    }
    if (from != null && run.resume) {
      throw new OptionException(
          "--from starts a run and --resume continues one: give only one of them");
    }
    run.check();
    run.weights.checkFloat();
  }

  private IResNetConfig network() {
    IResNetConfig c = OptionTypes.config(config, IResNetConfig.SHIPPED, IResNetConfig::load);
    return OptionTypes.checked(
        () ->
            new IResNetConfig(
                c.name(),
                c.blocks(),
                c.width(),
                c.embedding(),
                size == null ? c.size() : size,
                dropout == null ? c.dropout() : dropout));
  }

  private MarginConfig loss() {
    MarginConfig published = MarginConfig.published(head.kind());
    return OptionTypes.checked(
        () ->
            published.with(
                scale == null ? published.scale() : scale,
                margin == null ? published.margin() : margin));
  }

  /** Throws if the weights of --from are of another network. */
  private void checkStart(IResNetConfig network) {
    if (from == null) {
      return;
    }
    try (RecognizerFile file = RecognizerFile.open(from)) {
      IResNetConfig other = file.config();
      boolean same =
          other.blocks().equals(network.blocks())
              && other.width() == network.width()
              && other.embedding() == network.embedding()
              && other.size() == network.size();
      if (!same) {
        throw new FileException(
            from + " is of " + other.toJson() + ", and --config is " + network.toJson());
      }
    }
  }

  private ValidationPairs published(int size) {
    FaceFolder folder = FaceFolder.open(images);
    VerificationPairs list = VerificationPairs.readWholeLfw(pairs, folder);
    log.warn("the weights are chosen by the test list {}: the accuracy on it is optimistic", pairs);
    return ValidationPairs.published(list, folder, size);
  }

  private void train(RecognizerTraining work, long steps, int batch) {
    try (Signals.Watch signals = new Signals.Watch();
        ProgressReporter progress =
            new ProgressReporter("train", "faces", steps * batch, work.done() * batch)) {
      run.trace.starting(work.done() + 1);
      work.run(
          report -> {
            run.trace.finished(report.step());
            progress.accept(report.step() * batch);
            Validation found = work.validation();
            progress.note(
                String.format(Locale.ROOT, "loss %.3f", report.values().get("loss"))
                    + (found.bestStep() == 0
                        ? ""
                        : String.format(Locale.ROOT, ", best %.4f", found.best())));
            run.trace.starting(report.step() + 1);
          });
    } finally {
      run.trace.end();
    }
  }

  private void publish(
      RecognizerTraining work,
      long begin,
      IdentityFaces faces,
      IdentitySplit split,
      ValidationPairs validation) {
    Validation found = work.validation();
    boolean chosen = found.bestStep() > 0;
    String selectedBy =
        paperProtocol
            ? "the test list " + pairs + ": optimistic"
            : chosen ? "the validation identities" : "no validation: the weights of the last step";
    long step = chosen ? found.bestStep() : work.done();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model", work.best().toString());
    fields.put("model_sha256", Sha256.of(work.best()));
    fields.put("last", work.last().toString());
    fields.put("weights", run.weights.name(WEIGHTS));
    fields.put("steps", work.done());
    fields.put("faces", split.training().count());
    fields.put("identities", split.training().identities().size());
    fields.put("validation_identities", split.validating());
    fields.put("selected_by", selectedBy);
    fields.put("best_step", step);
    if (chosen) {
      fields.put(validation.name(), found.best());
    }
    double waiting = work.waitingShare();
    if (!Double.isNaN(waiting)) {
      fields.put("waiting_share", waiting);
    }
    fields.put("skipped", faces.skipped().stream().map(Object::toString).toList());
    fields.put("identities_skipped", faces.skippedIdentities());
    output.keep("recognizer", run.out.resolve("result.json"), begin, run.device.threads(), fields);
    output.print(
        fields,
        String.format(
            Locale.ROOT,
            "the recognizer is %s, its weights in %s, of step %d, selected by %s%s; the engine"
                + " waited for faces %.1f %% of the time",
            work.best(),
            run.weights.name(WEIGHTS),
            step,
            selectedBy,
            chosen ? String.format(Locale.ROOT, " (%.4f)", found.best()) : "",
            Double.isNaN(waiting) ? 0 : 100 * waiting));
  }
}
