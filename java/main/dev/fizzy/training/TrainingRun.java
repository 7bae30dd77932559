package dev.fizzy.training;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.profile.Trace;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.file.FolderLock;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training in a folder with {@code checkpoint.safetensors}, {@code metrics.jsonl} and the caller's
 * files. It can be killed at any moment and resumed from the last checkpoint.
 */
public final class TrainingRun implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrainingRun.class);
  private static final String OPTIMIZER = "optimizer";
  private static final String CHECKPOINT = "checkpoint.safetensors";
  private static final Pattern STEP = Pattern.compile("\"step\":(\\d+)");

  /**
   * Folder and length of a run.
   *
   * @param steps total number of steps, including those before a resume
   * @param checkpointEvery steps between checkpoints
   * @param resume whether to continue from the folder's checkpoint
   * @param stop asked before each step: whether to save a checkpoint and throw {@link
   *     StoppedTraining}
   */
  public record Job(
      Path folder, long steps, long checkpointEvery, boolean resume, BooleanSupplier stop) {
    public Job(Path folder, long steps, long checkpointEvery, boolean resume) {
      this(folder, steps, checkpointEvery, resume, () -> false);
    }
  }

  /**
   * Settings of a run.
   *
   * @param start sets the initial weights of a new run
   * @param identity options that must be the same when a run is resumed, by name: seed, batch,
   *     configuration, data
   * @param judge makes what validates the run's parameters at intervals; null for no validation
   */
  public record Options(
      Job job,
      Consumer<Parameters> start,
      Map<String, String> identity,
      Function<Parameters, Validation.Judge> judge) {}

  private final Options options;
  private final Optimizer optimizer;
  private final Parameters parameters;
  private final TrainingLoop loop;
  private final Path checkpoint;
  private final Path metrics;
  private final Replicas replicas;
  private final FolderLock lock;
  private final Validation.Judge judge;
  private Validation validation = Validation.none();

  public TrainingRun(TrainingTask task, Device device, Optimizer optimizer, Options options) {
    this(rank -> task, device, optimizer, options, null);
  }

  /**
   * @param tasks makes the task of each rank, including rank 0, this one
   * @param replicas the other ranks, which take the same steps; null for none
   */
  public TrainingRun(
      IntFunction<TrainingTask> tasks,
      Device device,
      Optimizer optimizer,
      Options options,
      Replicas replicas) {
    TrainingTask task = tasks.apply(0);
    this.replicas = replicas;
    this.options = options;
    this.optimizer = optimizer;
    this.checkpoint = options.job().folder().resolve(CHECKPOINT);
    this.metrics = options.job().folder().resolve("metrics.jsonl");
    checkFolder(options.job().folder(), options.job().resume());
    lock = FolderLock.take(options.job().folder());
    boolean opened = false;
    try {
      AtomicFile.deleteLeftovers(options.job().folder());
      parameters =
          new Parameters(device, task.graph().parameters(), TrainingLoop.regions(optimizer));
      long done = 0;
      if (options.job().resume()) {
        Map<String, String> was =
            Checkpoint.read(checkpoint, parameters, optimizer.state(), options.identity());
        done = Long.parseLong(was.get(Checkpoint.STEP));
        validation = Validation.from(was);
        String before = was.get(OPTIMIZER);
        if (!optimizer.toString().equals(before)) {
          log.warn(
              "continuing with {}", SettingsChange.of(OPTIMIZER, optimizer.toString(), before));
        }
      } else {
        options.start().accept(parameters);
      }
      if (replicas != null) {
        replicas.start(tasks, optimizer, parameters, done);
      }
      loop = new TrainingLoop(task, device, parameters, optimizer, done);
      loop.reduced(validation.reductions());
      judge = options.judge() == null ? null : options.judge().apply(parameters);
      opened = true;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  /**
   * Rejects a folder with a run unless {@code resume}, and a folder without a checkpoint if {@code
   * resume}.
   */
  public static void checkFolder(Path folder, boolean resume) {
    boolean exists = Files.exists(folder.resolve(CHECKPOINT));
    if (exists && !resume) {
      throw new FileException(
          folder + " already contains a run: give --resume to continue it, or another folder");
    }
    if (!exists && resume) {
      throw new FileException("there is no checkpoint to resume in " + folder);
    }
  }

  public Parameters parameters() {
    return parameters;
  }

  public long done() {
    return loop.done();
  }

  /** Results of the validations so far. */
  public Validation validation() {
    return validation;
  }

  /**
   * Trains to the end.
   *
   * @param listener is told every step, after the checkpoint that is due with it
   */
  public void run(Consumer<TrainingLoop.Report> listener) {
    keepMetricsUntil(loop.done());
    Path folder = options.job().folder();
    try (Writer lines =
            Files.newBufferedWriter(metrics, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        TensorBoardEvents events = new TensorBoardEvents(folder, loop.done())) {
      while (loop.done() < options.job().steps()) {
        if (options.job().stop().getAsBoolean()) {
          save();
          throw new StoppedTraining(
              "stopped after step " + loop.done() + ", which is saved in " + checkpoint);
        }
        TrainingLoop.Report report = judged(step());
        lines.write(report.toJson() + "\n");
        lines.flush(); // a line at a time, so that none is torn
        events.scalars(report.step(), report.values());
        if (report.step() % options.job().checkpointEvery() == 0
            || report.step() == options.job().steps()) {
          save();
        }
        listener.accept(report);
      }
    } catch (EngineException e) {
      throw stopped(e);
    } catch (IOException e) {
      throw FileException.of("write", metrics, e);
    }
  }

  private void save() {
    Map<String, String> about = new TreeMap<>(options.identity());
    about.put(OPTIMIZER, optimizer.toString());
    validation.put(about);
    try (Trace.Span ignored = Trace.span(Trace.Category.WORK, "checkpoint")) {
      Checkpoint.write(checkpoint, parameters, optimizer.state(), loop.done(), about);
    }
  }

  private TrainingLoop.Report step() {
    if (replicas == null) {
      return loop.step();
    }
    replicas.step(validation.reductions());
    TrainingLoop.Report report = loop.step();
    replicas.check(); // gradients averaged with a failed rank are invalid
    return report;
  }

  private EngineException stopped(EngineException e) {
    RuntimeException cause = replicas == null ? e : replicas.abort(e);
    String kept = Files.exists(checkpoint) ? "; the last good checkpoint is " + checkpoint : "";
    return new EngineException(cause.getMessage() + kept, cause);
  }

  private TrainingLoop.Report judged(TrainingLoop.Report report) {
    if (judge == null || report.step() % judge.every() != 0) {
      return report;
    }
    Map<String, Double> figures = judge.judge(report.step());
    validation = validation.after(report.step(), judge.score(figures), optimizer.rate().patience());
    loop.reduced(validation.reductions());
    if (validation.bestStep() == report.step()) {
      judge.keep(report.step());
    }
    return report.and(figures);
  }

  /**
   * Deletes the lines of the steps that a killed run did after its last checkpoint; they will be
   * repeated.
   */
  private void keepMetricsUntil(long step) {
    if (!Files.exists(metrics)) {
      return;
    }
    try {
      List<String> kept = new ArrayList<>();
      for (String line : Files.readAllLines(metrics, StandardCharsets.UTF_8)) {
        Matcher matcher = STEP.matcher(line);
        if (line.endsWith("}") && matcher.find() && Long.parseLong(matcher.group(1)) <= step) {
          kept.add(line);
        }
      }
      kept.add("");
      AtomicFile.write(metrics, String.join("\n", kept).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw FileException.of("rewrite", metrics, e);
    }
  }

  @Override
  public void close() {
    if (judge != null) {
      judge.close();
    }
    loop.close();
    parameters.close();
    lock.close();
  }
}
