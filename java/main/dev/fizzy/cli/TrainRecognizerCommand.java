package dev.fizzy.cli;

import dev.fizzy.dataset.read.FaceFolder;
import dev.fizzy.dataset.read.IdentityFaces;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Parameters;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.identity.Recognizer;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.MarginConfig;
import dev.fizzy.model.RecognizerFile;
import dev.fizzy.recognition.FaceFeed;
import dev.fizzy.recognition.IdentitySplit;
import dev.fizzy.recognition.PairJudge;
import dev.fizzy.recognition.RecognizerTask;
import dev.fizzy.recognition.protocol.VerificationPairs;
import dev.fizzy.report.ProgressReporter;
import dev.fizzy.training.Optimizer;
import dev.fizzy.training.TrainingLoop;
import dev.fizzy.training.TrainingRun;
import dev.fizzy.training.Validation;
import dev.fizzy.weights.Safetensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "recognizer",
    description = "Trains a face recognizer on a data set: a folder an identity.",
    footer = {
      "",
      "Example:",
      "  fizzy train recognizer --data faces/ --out recognizer/ --config iresnet18-64 --batch 64"
          + " --epochs 20",
      "  fizzy evaluate verification --embedder recognizer/recognizer.safetensors --pairs"
          + " lfw_pairs.txt --images lfw112/",
      "",
      "Writes recognizer.safetensors, the weights that tell the identities apart best that did not"
          + " train, and",
      "last.safetensors. The recipe is the published one (CosFace 64/.35, SGD, RandAugment 4,16)"
          + " unless told otherwise."
    })
final class TrainRecognizerCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(TrainRecognizerCommand.class);
  private static final int EMBED_BATCH = 32;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for checkpoint, metrics, recognizers and result.json.")
  private Path out;

  @Option(
      names = "--config",
      paramLabel = "NAME|FILE",
      defaultValue = "iresnet50",
      description =
          "A shipped configuration (iresnet18-64, iresnet18-half, iresnet18, -34, -50, -100) or a"
              + " JSON file; default: ${DEFAULT-VALUE}.")
  private String config;

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description = "Side of the faces that it takes; default: the configuration's, 112.")
  private Integer size;

  @Option(
      names = "--dropout",
      description = "Before the last layer; default: the configuration's, published 0.4.")
  private Double dropout;

  @Option(
      names = "--head",
      defaultValue = "cosface",
      paramLabel = "NAME",
      description =
          "cosface, arcface, elasticface (over arcface), elastic-cosface or adaface; default:"
              + " ${DEFAULT-VALUE}.")
  private String head;

  @Option(
      names = "--margin",
      description = "Default: CosFace .35, ArcFace and ElasticFace .5, AdaFace .4.")
  private Double margin;

  @Option(names = "--scale", description = "Of the softmax; default: 64.")
  private Double scale;

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "Start from this recognizer's weights; default: random ones.")
  private Path from;

  @Option(names = "--resume", description = "Go on from the checkpoint in --out.")
  private boolean resume;

  @Option(
      names = "--checkpoint-every",
      defaultValue = "500",
      paramLabel = "STEPS",
      description = "Default: ${DEFAULT-VALUE}.")
  private long checkpointEvery;

  @Option(
      names = "--paper-protocol",
      description =
          "Choose by the test list --pairs, as the published recognizers were: what is chosen so"
              + " looks better than it is.")
  private boolean paperProtocol;

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description = "With --paper-protocol: pairs in the format of Labeled Faces in the Wild.")
  private Path pairs;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "With --paper-protocol: their images.")
  private Path images;

  @Mixin private RecognizerOptions options;
  @Mixin private JsonOutput output;

  private TrainingRun run;
  private Recognizer network;
  private IResNetConfig shape;
  private double seconds;
  private double waited;

  @Override
  public Integer call() {
    long begin = System.nanoTime();
    check();
    shape = shape();
    MarginConfig loss = loss();
    IdentityFaces faces = options.read(shape.size());
    IdentitySplit split = paperProtocol ? new IdentitySplit(faces, null) : options.split(faces);
    IdentityFaces training = split.training();
    Validation.Judge judge = judge(split, training);
    Optimizer optimizer = options.optimizer(training, judge != null);
    long steps = options.steps(training);
    log.info(
        "{} faces of {} identities train, {} identities validate; {} steps of {} faces, {} epochs",
        training.count(),
        training.identities().size(),
        split.validation() == null ? 0 : split.validation().identities().size(),
        steps,
        options.batch,
        String.format(Locale.ROOT, "%.1f", (double) steps * options.batch / training.count()));
    try (Device device = options.device.open();
        FaceFeed feed =
            new FaceFeed(
                training, options.augment(), options.batch, options.seed, options.workers())) {
      RecognizerTask task =
          new RecognizerTask(
              shape, loss, feed, training.identities().size(), options.type, options.seed);
      try (TrainingRun opened =
              new TrainingRun(
                  task,
                  device,
                  optimizer,
                  new TrainingRun.Options(
                      out,
                      steps,
                      checkpointEvery,
                      resume,
                      this::start,
                      identity(split, loss),
                      judge));
          Recognizer embedder =
              new Recognizer(device, shape, opened.parameters(), EMBED_BATCH, options.type)) {
        run = opened;
        network = embedder;
        train(steps, split);
      }
      publish(begin, steps, faces, split);
    }
    return 0;
  }

  private void check() {
    options.check();
    if (checkpointEvery < 1) {
      throw new EngineException("--checkpoint-every must be at least 1, not " + checkpointEvery);
    }
    if (paperProtocol != (pairs != null) || paperProtocol != (images != null)) {
      throw new EngineException(
          "--paper-protocol, --pairs FILE and --images DIR go together: without the first, no test"
              + " set has a say");
    }
    if (from != null && resume) {
      throw new EngineException(
          "--from starts a run and --resume goes on with one: give one of them");
    }
    TrainingRun.checkFolder(out, resume);
  }

  private IResNetConfig shape() {
    IResNetConfig c = IResNetConfig.load(config);
    return new IResNetConfig(
        c.name(),
        c.blocks(),
        c.width(),
        c.embedding(),
        size == null ? c.size() : size,
        dropout == null ? c.dropout() : dropout);
  }

  private MarginConfig loss() {
    MarginConfig published =
        MarginConfig.published(
            head.equalsIgnoreCase("elasticface")
                ? MarginConfig.Kind.ELASTIC_ARCFACE
                : MarginConfig.kind(head));
    return published.with(
        scale == null ? published.scale() : scale, margin == null ? published.margin() : margin);
  }

  private void start(Parameters parameters) {
    parameters.initialize(options.seed);
    if (from != null) {
      try (RecognizerFile file = RecognizerFile.open(from)) {
        Recognizer.fill(file, parameters);
      }
    }
  }

  private Map<String, String> identity(IdentitySplit split, MarginConfig loss) {
    Map<String, String> identity = new TreeMap<>();
    identity.put("seed", Long.toString(options.seed));
    identity.put("batch", Integer.toString(options.batch));
    identity.put("type", options.type.name());
    identity.put("config", shape.toJson());
    identity.put("head", loss.toString());
    identity.put("augment", options.augment().toString());
    identity.put("faces", split.training().checksum());
    return identity;
  }

  private Validation.Judge judge(IdentitySplit split, IdentityFaces training) {
    long every = options.validateEvery(training);
    if (paperProtocol) {
      FaceFolder folder = FaceFolder.open(images);
      VerificationPairs.Listed list = VerificationPairs.readLfw(pairs, folder);
      if (!list.found().missing().isEmpty()) {
        throw new FileException(
            list.found().missing().size()
                + " images that "
                + pairs
                + " names are not in "
                + images
                + ", the first "
                + list.found().missing().iterator().next());
      }
      log.warn("the test list {} chooses the recognizer: its accuracy on it is optimistic", pairs);
      return PairJudge.published(
          list.found(), folder, shape.size(), every, () -> network, this::keep);
    }
    return split.validation() == null
        ? null
        : PairJudge.held(split.validation(), options.seed, every, () -> network, this::keep);
  }

  private Path best() {
    return out.resolve("recognizer.safetensors");
  }

  private void keep(long step) {
    write(best(), step);
  }

  private void write(Path file, long step) {
    RecognizerFile.write(
        file,
        shape,
        Safetensors.Type.F32,
        Map.of("steps", Long.toString(step), "trained_by", head),
        run.parameters());
  }

  private void train(long steps, IdentitySplit split) {
    try (ProgressReporter progress =
        new ProgressReporter("train", "faces", steps * options.batch, run.done() * options.batch)) {
      run.run(
          report -> {
            count(report);
            progress.accept(report.step() * options.batch);
            progress.note(
                String.format(Locale.ROOT, "loss %.3f", report.values().get("loss"))
                    + (run.validation().bestStep() == 0
                        ? ""
                        : String.format(Locale.ROOT, ", best %.4f", run.validation().best())));
          });
    }
    write(out.resolve("last.safetensors"), run.done());
    if (run.validation().bestStep() == 0) {
      keep(run.done());
    }
  }

  private void count(TrainingLoop.Report report) {
    double step = options.batch / report.values().get("images_per_second");
    seconds += step;
    waited += step * report.values().get("waiting_share");
  }

  private void publish(long begin, long steps, IdentityFaces faces, IdentitySplit split) {
    Validation found = run.validation();
    IdentityFaces training = split.training();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model", best().toString());
    fields.put("model_sha256", Sha256.of(best()));
    fields.put("last", out.resolve("last.safetensors").toString());
    fields.put("steps", steps);
    fields.put("faces", training.count());
    fields.put("identities", training.identities().size());
    fields.put(
        "validation_identities",
        split.validation() == null ? 0 : split.validation().identities().size());
    fields.put(
        "chosen_by",
        paperProtocol
            ? "the test list " + pairs + ": optimistic"
            : found.bestStep() == 0
                ? "nothing: the last weights"
                : "identities that did not train");
    fields.put("best_step", found.bestStep() == 0 ? run.done() : found.bestStep());
    if (found.bestStep() > 0) {
      fields.put(
          paperProtocol ? "test_accuracy_that_chooses" : "validation_accuracy", found.best());
    }
    if (seconds > 0) {
      fields.put("waiting_share", waited / seconds);
    }
    fields.put("skipped", faces.skipped().stream().map(Object::toString).toList());
    fields.put("identities_skipped", faces.skippedIdentities());
    output.keep("recognizer", out.resolve("result.json"), begin, options.device.threads(), fields);
    output.print(
        fields,
        String.format(
            Locale.ROOT,
            "the recognizer is %s, of step %d, chosen by %s%s; the engine waited for faces %.1f %%"
                + " of the time",
            best(),
            fields.get("best_step"),
            fields.get("chosen_by"),
            found.bestStep() == 0 ? "" : String.format(Locale.ROOT, " (%.4f)", found.best()),
            seconds > 0 ? 100 * waited / seconds : 0));
  }
}
