package dev.fizzy.model;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameter;
import dev.fizzy.engine.Parameter.Init;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.BatchNorm;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Convolution.Padding;
import dev.fizzy.engine.op.Dropout;
import dev.fizzy.engine.op.FoldBatchNorm;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.PRelu;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.Transpose;
import dev.fizzy.nn.Layer;
import java.util.ArrayList;
import java.util.List;

/**
 * iResNet (Duta et al., ICPR 2020, in the form of ArcFace's published PyTorch code): faces to
 * embeddings. Parameter names and shapes are those of that code's state dict; {@code
 * features.weight}, which it freezes at one, and the running statistics are states.
 *
 * <p>The last layer and its batch norm are f32 even if the network computes in bf16.
 */
public final class IResNet {
  /** How batch norms compute. */
  public enum Mode {
    /** Normalizes by the batch, updates the running statistics, applies dropout. */
    TRAINING,
    /** Normalizes by the running statistics, layer by layer. */
    INFERENCE,
    /**
     * As INFERENCE, with batch norms folded into weights where that is exact. It is not exact
     * before a padded convolution, because the padding is zero after the norm.
     */
    FOLDED,
    /** As FOLDED, with gradients with respect to the faces; its parameters are not trained. */
    FROZEN
  }

  private static final float EPS = 1e-5f;
  private static final Init CONVOLUTION = Init.normal(0.1);
  private static final Init SLOPE = new Init(Init.Kind.CONSTANT, 0.25f);

  private final IResNetConfig config;
  private final Mode mode;
  private final Layer root;

  public IResNet(Graph graph, IResNetConfig config, Mode mode) {
    this.config = config;
    this.mode = mode;
    this.root = new Layer(graph, "", mode == Mode.FROZEN);
  }

  /** As {@link #embed(Tensor, Tensor, Tensor)} without dropout. */
  public Tensor embed(Tensor faces) {
    return embed(faces, null, null);
  }

  /**
   * @param faces [B,S,S,3], RGB in [-1,1], in the graph's type
   * @param rows I32 [B,2] and {@code random} I32 [4] for dropout; null without dropout
   * @return embeddings f32 [B,W], not normalized
   */
  public Tensor embed(Tensor faces, Tensor rows, Tensor random) {
    List<Tensor> maps = stages(faces);
    return head(maps.get(maps.size() - 1), rows, random);
  }

  /** The outputs of the four stages, then the embedding as [B,1,1,W]. */
  public List<Tensor> features(Tensor faces) {
    List<Tensor> maps = stages(faces);
    Tensor embedding = head(maps.get(maps.size() - 1), null, null);
    maps.add(Reshape.of(embedding, faces.dim(0), 1, 1, config.embedding()));
    return maps;
  }

  private List<Tensor> stages(Tensor faces) {
    List<Tensor> maps = new ArrayList<>();
    Tensor h = convolution("conv1", "bn1", root, faces, config.width(), 3, 1, "prelu", null);
    for (int stage = 0; stage < 4; stage++) {
      Layer layer = root.at("layer" + (stage + 1));
      for (int i = 0; i < config.blocks().get(stage); i++) {
        h = block(layer.at(i), h, config.channels(stage), i == 0 ? 2 : 1);
      }
      maps.add(h);
    }
    return maps;
  }

  private Tensor block(Layer at, Tensor x, int out, int stride) {
    Tensor h = norm(at.at("bn1"), x, null, null);
    h = convolution("conv1", "bn2", at, h, out, 3, 1, "prelu", null);
    Tensor shortcut =
        stride == 1 && x.dim(-1) == out
            ? x
            : convolution("0", "1", at.at("downsample"), x, out, 1, stride, null, null);
    return convolution("conv2", "bn3", at, h, out, 3, stride, null, shortcut);
  }

  /** Flattened channel first, as published: [B,s,s,C] to [B,C s s] to the embeddings. */
  private Tensor head(Tensor x, Tensor rows, Tensor random) {
    int c = x.dim(3);
    int pixels = x.dim(1) * x.dim(2);
    boolean folded = folded();
    Tensor h = folded ? x : norm(root.at("bn2"), x, null, null);
    h = Transpose.of(Reshape.of(h, x.dim(0), pixels, c));
    h = Reshape.of(h, x.dim(0), c * pixels);
    if (mode == Mode.TRAINING && config.dropout() > 0) {
      h = Dropout.of(h, (float) config.dropout(), rows, random);
    }
    h = Cast.of(h, DType.F32);
    Layer fc = root.at("fc");
    Init init = Init.fanIn((long) c * pixels);
    try (Graph.Scope ignored = fc.scope()) {
      Tensor w = fc.parameter("weight", init, config.embedding(), c * pixels);
      Tensor b = fc.parameter("bias", init, config.embedding());
      if (folded) {
        FoldBatchNorm fold =
            FoldBatchNorm.of(w, b, statistics(root.at("bn2"), c, true), features());
        return Linear.of(h, fold.weights(), fold.shift(), null);
      }
      h = Linear.of(h, w, b, null);
    }
    return normalize(features(), h, null, null);
  }

  private FoldBatchNorm.Norm features() {
    return statistics(root.at("features"), config.embedding(), false);
  }

  /** A convolution without bias, its batch norm, then PReLU or a residual. */
  private Tensor convolution(
      String name,
      String norm,
      Layer at,
      Tensor x,
      int out,
      int kernel,
      int stride,
      String prelu,
      Tensor residual) {
    Layer conv = at.at(name);
    Padding padding = Padding.same(kernel / 2);
    Tensor w;
    Tensor h;
    try (Graph.Scope ignored = conv.scope()) {
      w = conv.parameter("weight", CONVOLUTION, out, x.dim(-1), kernel, kernel);
      h = folded() ? null : Convolution.of(x, w, null, null, stride, padding);
    }
    FoldBatchNorm.Norm statistics = statistics(at.at(norm), out, true);
    Tensor slope = prelu == null ? null : at.at(prelu).parameter("weight", SLOPE, out);
    if (h != null) {
      try (Graph.Scope ignored = at.at(norm).scope()) {
        return normalize(statistics, h, slope, residual);
      }
    }
    try (Graph.Scope ignored = conv.scope()) {
      FoldBatchNorm fold = FoldBatchNorm.of(w, null, null, statistics);
      if (slope != null && mode == Mode.FROZEN) {
        h = Convolution.of(x, fold.weights(), fold.shift(), null, stride, padding);
        return PRelu.of(h, slope);
      }
      return Convolution.of(x, fold.weights(), fold.shift(), residual, slope, stride, padding);
    }
  }

  private boolean folded() {
    return mode == Mode.FOLDED || mode == Mode.FROZEN;
  }

  private Tensor norm(Layer at, Tensor x, Tensor slope, Tensor residual) {
    try (Graph.Scope ignored = at.scope()) {
      return normalize(statistics(at, x.dim(-1), true), x, slope, residual);
    }
  }

  private Tensor normalize(FoldBatchNorm.Norm n, Tensor x, Tensor slope, Tensor residual) {
    boolean training = mode == Mode.TRAINING;
    return BatchNorm.of(x, n.gamma(), n.beta(), slope, residual, n.running(), training, EPS);
  }

  /**
   * @param scaled whether gamma is trained
   */
  private FoldBatchNorm.Norm statistics(Layer at, int c, boolean scaled) {
    Graph g = root.graph();
    Tensor gamma =
        scaled
            ? at.parameter("weight", Init.ONES, c)
            : g.parameter(Parameter.state(at.at("weight").path(), Init.ONES, c));
    Tensor beta = at.parameter("bias", Init.ZEROS, c);
    Tensor mean = g.parameter(Parameter.state(at.at("running_mean").path(), Init.ZEROS, c));
    Tensor variance = g.parameter(Parameter.state(at.at("running_var").path(), Init.ONES, c));
    return new FoldBatchNorm.Norm(gamma, beta, new BatchNorm.Running(mean, variance), EPS);
  }
}
