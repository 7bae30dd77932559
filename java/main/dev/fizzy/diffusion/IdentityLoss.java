package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ContextDropout;
import dev.fizzy.engine.op.Fill;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.model.NoiseSchedule;
import dev.fizzy.model.VqAutoencoder;
import java.util.List;

/**
 * The loss of an {@link IdentityObjective} in a training graph. The image is x0 = kx xt + kp
 * prediction, quantized with a straight-through gradient, as it is when faces are drawn, and
 * decoded and clipped to [-1,1]. Decoder and judge compute in the graph's type; only the data's
 * gradients pass through them.
 */
final class IdentityLoss {
  private final IdentityObjective objective;
  private final Prediction prediction;
  private final NoiseSchedule schedule;
  private final double scale;
  private final double emptyContext;
  private final long seed;
  private final int faces;
  private final Tensor factors;
  private final Tensor targets;
  private final Tensor loss;

  /**
   * @param process with the scale of the latents
   * @param xt the noisy latents [B,S,S,z] and {@code predicted} the network's output, in the
   *     graph's type
   */
  IdentityLoss(
      IdentityObjective objective,
      DiffusionConfig process,
      Tensor xt,
      Tensor predicted,
      long seed,
      int ranks) {
    this(objective, process, xt, predicted, seed, ranks, true);
  }

  /**
   * @param quantized whether latents are quantized, which has no true gradient
   */
  IdentityLoss(
      IdentityObjective objective,
      DiffusionConfig process,
      Tensor xt,
      Tensor predicted,
      long seed,
      int ranks,
      boolean quantized) {
    this.objective = objective;
    this.prediction = Prediction.of(process.prediction());
    this.schedule = process.noise();
    this.scale = process.latentScale();
    this.emptyContext = process.emptyContext();
    this.seed = seed;
    this.faces = (objective.faces() + ranks - 1) / ranks;
    Graph graph = xt.graph();
    int width = objective.judge().width();
    factors = graph.input("x0_factors", DType.F32, Stage.EVALUATION, faces, 1, 2);
    targets = graph.input("identity_targets", DType.F32, Stage.EVALUATION, 1, 1, faces * width);
    try (Graph.Scope ignored = graph.scope("identity_loss")) {
      Tensor vectors = objective.judge().embed(image(xt, predicted, quantized));
      if (vectors.dim(1) != width) {
        throw new EngineException("the judge's vectors are " + vectors + ", not of width " + width);
      }
      Tensor unit = Reshape.of(L2Normalize.of(vectors).y(), 1, faces * width, 1);
      loss = Reshape.of(MatMul.of(targets, unit, false, false, -1), 1);
    }
  }

  /** The predicted faces, [n,S,S,3]. */
  private Tensor image(Tensor xt, Tensor predicted, boolean quantized) {
    Graph graph = xt.graph();
    int[] shape = xt.shape();
    shape[0] = faces;
    Tensor both = Rows.pairs(Rows.first(xt, faces), Rows.first(predicted, faces));
    Tensor x0 = Reshape.of(MatMul.of(factors, Cast.of(both, DType.F32), false, false, 1), shape);
    VqAutoencoder decoder = new VqAutoencoder(graph, objective.autoencoder(), true);
    Tensor codes = quantized ? decoder.quantize(x0).quantized() : x0;
    return clipped(decoder.decode(Cast.of(codes, graph.compute())));
  }

  /** min(max(x, -1), 1) = (ReLU6(3 x + 3) - 3) / 3, since pixels beyond are not drawn. */
  static Tensor clipped(Tensor x) {
    Tensor shifted = scaledSum(Cast.of(x, DType.F32), 1, 3);
    Tensor within = Activation.of(Activation.Kind.RELU6, shifted);
    return Cast.of(scaledSum(within, -3, 1 / 3f), x.type());
  }

  /** factor (x + term). */
  private static Tensor scaledSum(Tensor x, float term, float factor) {
    int rows = x.dim(0);
    Tensor both = Rows.pairs(x, constant(x, term, x.shape()));
    Tensor ones = constant(x, 1, rows, 1, 2);
    return Reshape.of(MatMul.of(ones, both, false, false, factor), x.shape());
  }

  private static Tensor constant(Tensor like, float value, int... shape) {
    Tensor y = like.graph().local("constant", DType.F32, List.of(like), shape);
    return like.graph().record(new Fill(y, value)).y();
  }

  /** f32 [1], from -1 to 1. */
  Tensor loss() {
    return loss;
  }

  /** Writes a step's inputs. */
  void feed(Program program, long step, TrainingFaces.Face[] batch) {
    int width = objective.judge().width();
    float[] factor = new float[2 * faces];
    float[] target = new float[faces * width];
    for (int i = 0; i < faces; i++) {
      TrainingFaces.Face face = batch[i];
      double alpha = schedule.alpha(face.time());
      double sigma = schedule.sigma(face.time());
      factor[2 * i] = (float) (prediction.ofState(alpha, sigma) / scale);
      factor[2 * i + 1] = (float) (prediction.ofPrediction(alpha, sigma) / scale);
      boolean counts = face.time() >= objective.from() && face.time() <= objective.to();
      if (counts && !ContextDropout.dropsWhole(emptyContext, seed, step, face.row(), 0)) {
        double share = objective.target().share(face.time(), schedule.times());
        Vectors.add(target, i * width, face.context(), share / faces);
        Vectors.add(target, i * width, face.own(), (1 - share) / faces);
      }
    }
    program.write(factors, factor);
    program.write(targets, target);
  }
}
