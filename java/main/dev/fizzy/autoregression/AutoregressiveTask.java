package dev.fizzy.autoregression;

import dev.fizzy.diffusion.DiffusionTask.Part;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ContextDropout;
import dev.fizzy.engine.op.Fill;
import dev.fizzy.engine.op.MarginSoftmax;
import dev.fizzy.model.AutoregressiveConfig;
import dev.fizzy.model.AutoregressiveTransformer;
import dev.fizzy.model.CodeTokens;
import dev.fizzy.training.Epochs;
import dev.fizzy.training.TrainingTask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains an autoregressive network to predict each code of a face from those before it; half of the
 * faces are mirrored. Loss: mean cross-entropy of the codes, in nats.
 */
public final class AutoregressiveTask implements TrainingTask {
  private final AutoregressiveConfig config;
  private final CodedFaces faces;
  private final float[][] contexts;
  private final CodeTokens codes;
  private final Epochs epochs;
  private final long seed;
  private final int batch;
  private final Part part;
  private final Graph graph;
  private final Tensor tokens;
  private final Tensor labels;
  private final Tensor identity;
  private final Tensor rows;
  private final Tensor random;
  private final Map<String, Tensor> metrics = new LinkedHashMap<>();

  /**
   * @param contexts context of each face; not read by an unconditional network
   * @param totalBatch rows per step on all devices together
   */
  public AutoregressiveTask(
      AutoregressiveConfig config,
      CodedFaces faces,
      float[][] contexts,
      int totalBatch,
      DType type,
      long seed,
      Part part) {
    if (totalBatch % part.ranks() != 0) {
      throw new EngineException(
          "a batch of " + totalBatch + " cannot be divided among " + part.ranks() + " devices");
    }
    if (faces.codes().length == 0) {
      throw new EngineException("there are no examples to train on");
    }
    this.config = config;
    this.faces = faces;
    this.contexts = contexts;
    this.codes = new CodeTokens(config, faces.codebook());
    this.epochs = new Epochs(seed, faces.codes().length);
    this.seed = seed;
    this.batch = totalBatch / part.ranks();
    this.part = part;
    graph = new Graph(type);
    int predicted = batch * config.tokens();
    tokens = input("tokens", DType.F32, batch, config.tokens(), config.features());
    labels = input("labels", DType.I32, predicted);
    AutoregressiveTransformer network = new AutoregressiveTransformer(graph, config);
    Tensor context = null;
    if (config.conditional()) {
      identity = input("identity", DType.F32, batch, config.contextWidth());
      rows = input("rows", DType.I32, batch, 2);
      random = input("random", DType.I32, 4);
      context = dropped(network);
    } else {
      identity = null;
      rows = null;
      random = null;
    }
    Tensor logits = network.logits(Cast.of(tokens, type), context);
    Tensor margins = graph.local("margins", DType.F32, List.of(logits), predicted, 2);
    graph.record(new Fill(margins, 0));
    MarginSoftmax error = MarginSoftmax.of(logits, labels, margins, 1);
    metrics.put("loss", graph.output(error.loss()));
    metrics.put("accuracy", graph.output(error.accuracy()));
    graph.backward(error.loss());
  }

  private Tensor input(String name, DType type, int... shape) {
    return graph.input(name, type, Stage.EVALUATION, shape);
  }

  private Tensor dropped(AutoregressiveTransformer network) {
    return ContextDropout.of(
        network.embedContext(Cast.of(identity, graph.compute())),
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
    int t = config.tokens();
    int first = part.rank() * batch;
    int totalBatch = part.ranks() * batch;
    Philox flips = new Philox(seed, Philox.Purpose.FLIP, step);
    float[] features = new float[Math.toIntExact(tokens.elements())];
    int[] wanted = new int[batch * t];
    float[] vectors = new float[batch * config.contextWidth()];
    int[] positions = new int[2 * batch];
    for (int row = 0; row < totalBatch; row++) {
      int example = epochs.example(step * totalBatch + row);
      int[][] drawn = flips.nextInt() < 0 ? faces.mirrored() : faces.codes();
      int i = row - first;
      if (i < 0 || i >= batch) {
        continue; // of another device
      }
      codes.write(drawn[example], features, i * t * config.features());
      System.arraycopy(drawn[example], 0, wanted, i * t, t);
      positions[2 * i] = row;
      if (identity != null) {
        int width = config.contextWidth();
        System.arraycopy(contexts[example], 0, vectors, i * width, width);
      }
    }
    program.write(tokens, features);
    program.write(labels, wanted);
    if (identity != null) {
      program.write(identity, vectors);
      program.write(rows, positions);
      program.write(random, new int[] {(int) seed, (int) (seed >>> 32), (int) step, 0});
    }
  }
}
