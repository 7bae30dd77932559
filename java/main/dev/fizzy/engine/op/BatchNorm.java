package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Role;
import dev.fizzy.engine.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Batch normalization (Ioffe & Szegedy 2015) over all dimensions but the last, optionally followed
 * in the same pass by PReLU or a residual: y = PReLU(gamma x_hat + beta), or gamma x_hat + beta +
 * residual.
 *
 * <p>Training normalizes by the statistics of the batch and moves the running ones toward them, as
 * PyTorch does: running = (1 - momentum) running + momentum batch, the variance by its unbiased
 * estimate. Otherwise it normalizes by the running statistics; then only x gets a gradient.
 *
 * @param x [..., C]
 * @param gamma f32 [C]
 * @param beta f32 [C]
 * @param slope of PReLU, f32 [C], or null
 * @param residual as x, or null
 * @param running the running statistics
 * @param y as x
 * @param mean f32 [C]
 * @param rstd f32 [C], 1 / sqrt(variance + eps)
 */
public record BatchNorm(
    Tensor x,
    Tensor gamma,
    Tensor beta,
    Tensor slope,
    Tensor residual,
    Running running,
    boolean training,
    float eps,
    Tensor y,
    Tensor mean,
    Tensor rstd)
    implements Operation {
  /** PyTorch's default weight of the batch in the running statistics. */
  public static final float MOMENTUM = .1f;

  /** Running statistics: states, f32 [C] each. */
  public record Running(Tensor mean, Tensor variance) {}

  /**
   * @param slope of the PReLU that follows, or null
   * @param residual added afterwards, or null; not together with a slope
   * @param training whether to normalize by the batch's statistics, which needs at least two rows
   */
  public static Tensor of(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor slope,
      Tensor residual,
      Running running,
      boolean training,
      float eps) {
    for (Tensor p : List.of(gamma, beta, running.mean, running.variance)) {
      if (p.elements() != x.dim(-1) || p.type() != DType.F32) {
        throw new EngineException("batch_norm: " + p + " does not fit the channels of " + x);
      }
    }
    if (slope != null) {
      PRelu.checkSlope("batch_norm", x, slope);
    }
    if (residual != null
        && (slope != null
            || residual.type() != x.type()
            || !Arrays.equals(residual.shape(), x.shape()))) {
      throw new EngineException(
          "batch_norm: " + residual + " cannot be added to " + x + " with slopes " + slope);
    }
    boolean states = running.mean.role() == Role.STATE && running.variance.role() == Role.STATE;
    if (training && (x.rows() < 2 || !states)) {
      throw new EngineException(
          "batch_norm: training takes at least two rows and states to write to, not "
              + x
              + " with "
              + running.mean
              + " and "
              + running.variance);
    }
    List<Tensor> from =
        Operation.present(x, gamma, beta, slope, residual, running.mean, running.variance);
    Tensor y = x.graph().local("batch_norm", x.type(), from, x.shape());
    Tensor mean = x.graph().local("batch_norm.mean", DType.F32, from, x.dim(-1));
    Tensor rstd = x.graph().local("batch_norm.rstd", DType.F32, from, x.dim(-1));
    return x.graph()
        .record(
            new BatchNorm(x, gamma, beta, slope, residual, running, training, eps, y, mean, rstd))
        .y;
  }

  @Override
  public String name() {
    return training ? "batch_norm" : "batch_norm_inference";
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, gamma, beta, slope, residual, running.mean, running.variance);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y, mean, rstd);
  }

  @Override
  public long flops() {
    return (training ? 6 : 2) * x.elements();
  }

  /** x is read twice, since normalizing needs the statistics of the whole batch. */
  @Override
  public long bytes() {
    return Operation.super.bytes() + (training ? x.bytes() : 0);
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    if (!training) {
      inferenceGradient(gradients);
      return;
    }
    Tensor dx = gradients.target(x);
    Tensor dgamma = gradients.target(gamma);
    Tensor dbeta = gradients.target(beta);
    Tensor dslope = gradients.target(slope);
    Tensor dy = gradients.of(y);
    if (!Operation.present(dx, dgamma, dbeta, dslope).isEmpty()) {
      x.graph().record(new Backward(this, dy, dx, dgamma, dbeta, dslope));
    }
    gradients.wrote(x, dx);
    gradients.wrote(gamma, dgamma);
    gradients.wrote(beta, dbeta);
    gradients.wrote(slope, dslope);
    gradients.wrote(residual, dy);
  }

  /** dx = gamma rstd dy: the same normalization, of dy, without mean and shift. */
  private void inferenceGradient(Gradients gradients) {
    boolean more = Stream.of(gamma, beta, slope).anyMatch(gradients::wants);
    if (slope != null || residual != null || more) {
      throw new EngineException(
          "batch_norm: with running statistics only x has a gradient, and only without PReLU");
    }
    Tensor dy = gradients.of(y);
    Tensor zero = x.graph().local("zero", DType.F32, List.of(gamma), x.dim(-1));
    x.graph().record(new Fill(zero, 0));
    Running scale = new Running(zero, running.variance);
    gradients.write(
        x,
        dx ->
            x.graph()
                .record(
                    new BatchNorm(
                        dy,
                        gamma,
                        zero,
                        null,
                        null,
                        scale,
                        false,
                        eps,
                        dx,
                        statistic(),
                        statistic())));
  }

  private Tensor statistic() {
    return x.graph().local("batch_norm.unused", DType.F32, List.of(gamma), x.dim(-1));
  }

  /** The gradients; each is null or has the shape of its tensor. */
  public record Backward(
      BatchNorm forward, Tensor dy, Tensor dx, Tensor dgamma, Tensor dbeta, Tensor dslope)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return Operation.present(
          dy, forward.x, forward.gamma, forward.beta, forward.slope, forward.mean, forward.rstd);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dx, dgamma, dbeta, dslope);
    }

    @Override
    public long flops() {
      return (forward.slope == null ? 9 : 14) * dy.elements();
    }

    /** x and dy are read twice, since dx needs sums over the whole batch. */
    @Override
    public long bytes() {
      return Operation.super.bytes() + (dx == null ? 0 : forward.x.bytes() + dy.bytes());
    }

    @Override
    public int inPlace() {
      return dx == null ? -1 : 0;
    }
  }
}
