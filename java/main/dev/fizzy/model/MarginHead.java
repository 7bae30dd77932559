package dev.fizzy.model;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.Margin;
import dev.fizzy.engine.op.MarginSoftmax;
import dev.fizzy.nn.Layer;

/**
 * The training head of a recognizer: a learned direction for each class, {@code head.weight}
 * [classes, width], and a margin softmax over the cosines to them. It computes in f32 even if the
 * network computes in bf16: three digits of a cosine are too few for a scale of 64.
 */
public final class MarginHead {
  private final Layer root;
  private final MarginConfig config;
  private final int classes;

  public MarginHead(Graph graph, MarginConfig config, int classes) {
    this.root = new Layer(graph, "head");
    this.config = config;
    this.classes = classes;
  }

  /**
   * Records the loss.
   *
   * @param embeddings [B, width], not normalized
   * @param labels I32 [B]; {@link MarginSoftmax#checkLabels} checks them before a step
   * @param rows I32 [B,2] random counters of each row for heads that draw margins; null for others
   * @param random I32 [4], with {@code rows}
   */
  public MarginSoftmax loss(Tensor embeddings, Tensor labels, Tensor rows, Tensor random) {
    Graph g = embeddings.graph();
    Tensor w = root.parameter("weight", Init.normal(0.01), classes, embeddings.dim(1));
    try (Graph.Scope ignored = root.scope()) {
      L2Normalize unit = L2Normalize.of(Cast.of(embeddings, DType.F32));
      Tensor cosines = Linear.of(unit.y(), L2Normalize.of(w).y(), null, null);
      Tensor margins =
          config.adaptive()
              ? Margin.adaptive(config.adaptation(), unit.norm(), state(g))
              : Margin.elastic(g, config.elastic(), embeddings.dim(0), rows, random);
      return MarginSoftmax.of(cosines, labels, margins, (float) config.scale());
    }
  }

  /** Statistics of the norms, with the names of AdaFace's buffers. */
  private Margin.State state(Graph g) {
    Init mean = new Init(Init.Kind.CONSTANT, 20);
    Init deviation = new Init(Init.Kind.CONSTANT, 100);
    return new Margin.State(
        g.parameter(Parameter.state("head.batch_mean", mean, 1)),
        g.parameter(Parameter.state("head.batch_std", deviation, 1)));
  }
}
