package dev.fizzy.autoregression;

import dev.fizzy.diffusion.ContextSource;
import dev.fizzy.diffusion.DiffusionTask.Part;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.ContextDropout;
import dev.fizzy.model.AutoregressiveConfig;
import dev.fizzy.model.AutoregressiveTransformer;
import dev.fizzy.training.Epochs;
import dev.fizzy.training.TrainingTask;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Trains an autoregressive network to predict each code of a face from those before it; half of the
 * faces are mirrored. Loss: mean cross-entropy of the codes, in nats.
 */
public final class AutoregressiveTask implements TrainingTask {
  private final AutoregressiveConfig config;
  private final CodedFaces.Examples faces;
  private final ContextSource.Choice contexts;
  private final Epochs epochs;
  private final long seed;
  private final int batch;
  private final Part part;
  private final Graph graph;
  private final Tensor rows;
  private final Tensor random;
  private final CodeLoss loss;
  private final Map<String, Tensor> metrics = new LinkedHashMap<>();

  /**
   * @param contextFrom which context a face is trained with
   * @param totalBatch rows per step on all devices together
   */
  public AutoregressiveTask(
      AutoregressiveConfig config,
      CodedFaces.Examples faces,
      ContextSource contextFrom,
      int totalBatch,
      DType type,
      long seed,
      Part part) {
    if (totalBatch % part.ranks() != 0) {
      throw new EngineException(
          "a batch of " + totalBatch + " cannot be divided among " + part.ranks() + " devices");
    }
    if (faces.contexts().length == 0) {
      throw new EngineException("there are no examples to train on");
    }
    this.config = config;
    this.faces = faces;
    this.contexts = contextFrom.among(faces.contexts(), faces.people());
    this.epochs = new Epochs(seed, faces.contexts().length);
    this.seed = seed;
    this.batch = totalBatch / part.ranks();
    this.part = part;
    graph = new Graph(type);
    boolean conditional = config.conditional();
    rows = conditional ? graph.input("rows", DType.I32, Stage.EVALUATION, batch, 2) : null;
    random = conditional ? graph.input("random", DType.I32, Stage.EVALUATION, 4) : null;
    loss = new CodeLoss(graph, config, faces.coded().codebook(), batch, this::dropped);
    metrics.put("loss", graph.output(loss.loss()));
    metrics.put("accuracy", graph.output(loss.accuracy()));
    graph.backward(loss.loss());
  }

  private Tensor dropped(AutoregressiveTransformer network, Tensor embedded) {
    return ContextDropout.of(
        embedded,
        network.emptyContext(),
        (float) config.contextDropout(),
        (float) config.contextDropout(),
        (float) config.emptyContext(),
        rows,
        random);
  }

  @Override
  public Graph graph() {
    return graph;
  }

  @Override
  public Map<String, Tensor> metrics() {
    return metrics;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public void feed(Program program, long step) {
    int first = part.rank() * batch;
    int totalBatch = part.ranks() * batch;
    Philox flips = new Philox(seed, Philox.Purpose.FLIP, step);
    Philox others = new Philox(seed, Philox.Purpose.OTHER_IMAGE, step);
    int[][] codes = new int[batch][];
    float[][] given = new float[batch][];
    int[] positions = new int[2 * batch];
    for (int row = 0; row < totalBatch; row++) {
      int example = epochs.example(step * totalBatch + row);
      boolean flip = flips.nextInt() < 0;
      float[] context = contexts.of(example, others);
      int i = row - first;
      if (i < 0 || i >= batch) {
        continue; // of another device
      }
      codes[i] = (flip ? faces.coded().mirrored() : faces.coded().codes())[example];
      given[i] = context;
      positions[2 * i] = row;
    }
    loss.write(program, codes, given);
    if (rows != null) {
      program.write(rows, positions);
      program.write(random, new int[] {(int) seed, (int) (seed >>> 32), (int) step, 0});
    }
  }
}
