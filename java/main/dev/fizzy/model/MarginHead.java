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
 * The head a recognizer is trained by: a learned direction for each class, {@code head.weight}
 * [classes, width], and a margin softmax over the cosines to them. All of it is f32, also where the
 * network computes in bf16: three digits of a cosine times a scale of 64 are too few.
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
   * @param embeddings [B, width], not normalised
   * @param labels I32 [B]; {@link MarginSoftmax#checkLabels} tells before a step whether they fit
   * @param rows I32 [B,2] names each row for the margins that are drawn; null where none is
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

  /** Statistics of the norms, under the names of AdaFace's buffers. */
  private Margin.State state(Graph g) {
    Init mean = new Init(Init.Kind.CONSTANT, 20);
    Init deviation = new Init(Init.Kind.CONSTANT, 100);
    return new Margin.State(
        g.parameter(Parameter.state("head.batch_mean", mean, 1)),
        g.parameter(Parameter.state("head.batch_std", deviation, 1)));
  }
}
