package dev.fizzy.autoregression;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Fill;
import dev.fizzy.engine.op.MarginSoftmax;
import dev.fizzy.model.AutoregressiveConfig;
import dev.fizzy.model.AutoregressiveTransformer;
import dev.fizzy.model.CodeTokens;
import java.util.List;

/**
 * The mean cross-entropy, in nats, of the codes of a batch of images, each predicted from those
 * before it; recorded in a graph.
 */
final class CodeLoss {
  /** Makes the context that the network computes with, [B,C], of that of the images, [B,C]. */
  interface Condition {
    Tensor of(AutoregressiveTransformer network, Tensor embedded);
  }

  private final AutoregressiveConfig config;
  private final CodeTokens codes;
  private final Tensor tokens;
  private final Tensor labels;
  private final Tensor identity;
  private final MarginSoftmax error;

  /**
   * @param codebook vectors of the codes, [N z]
   * @param condition not used by an unconditional network
   */
  CodeLoss(
      Graph graph, AutoregressiveConfig config, float[] codebook, int batch, Condition condition) {
    this.config = config;
    codes = new CodeTokens(config, codebook);
    int predicted = batch * config.tokens();
    DType type = graph.compute();
    tokens =
        graph.input(
            "tokens", DType.F32, Stage.EVALUATION, batch, config.tokens(), config.features());
    labels = graph.input("labels", DType.I32, Stage.EVALUATION, predicted);
    AutoregressiveTransformer network = new AutoregressiveTransformer(graph, config);
    Tensor context = null;
    if (config.conditional()) {
      identity = graph.input("identity", DType.F32, Stage.EVALUATION, batch, config.contextWidth());
      context = condition.of(network, network.embedContext(Cast.of(identity, type)));
    } else {
      identity = null;
    }
    Tensor logits = network.logits(Cast.of(tokens, type), context);
    Tensor margins = graph.local("margins", DType.F32, List.of(logits), predicted, 2);
    graph.record(new Fill(margins, 0));
    error = MarginSoftmax.of(logits, labels, margins, 1);
  }

  /** f32 [1]. */
  Tensor loss() {
    return error.loss();
  }

  /** The share of the codes that were the most probable ones, f32 [1]. */
  Tensor accuracy() {
    return error.accuracy();
  }

  /**
   * Writes a batch to a program of the graph.
   *
   * @param images codes of each image, [T]
   * @param contexts of each image; not read by an unconditional network
   */
  void write(Program program, int[][] images, float[][] contexts) {
    int t = config.tokens();
    int width = config.contextWidth();
    float[] features = new float[Math.toIntExact(tokens.elements())];
    int[] wanted = new int[images.length * t];
    float[] vectors = new float[images.length * width];
    for (int i = 0; i < images.length; i++) {
      codes.write(images[i], features, i * t * config.features());
      System.arraycopy(images[i], 0, wanted, i * t, t);
      if (identity != null) {
        System.arraycopy(contexts[i], 0, vectors, i * width, width);
      }
    }
    program.write(tokens, features);
    program.write(labels, wanted);
    if (identity != null) {
      program.write(identity, vectors);
    }
  }
}
