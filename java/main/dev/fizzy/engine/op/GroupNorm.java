package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Gradients;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Group normalization (Wu & He 2018), optionally with an adaptive scale and shift (AdaGN, Dhariwal
 * & Nichol 2021) and SiLU in the same pass: y = f((1 + scale) (gamma x_hat + beta) + shift).
 *
 * @param x [B, ..., C]
 * @param gamma f32 [C]
 * @param beta f32 [C]
 * @param scale [B or 1, C] in x's type, or null; a single row applies to the whole batch
 * @param shift as scale
 * @param row I32 [1], or null: the row of scale and shift, then [rows, C], for the whole batch
 * @param y as x
 * @param mean f32 [B, G], of x in each group
 * @param rstd f32 [B, G], 1 / sqrt(variance + eps)
 */
public record GroupNorm(
    Tensor x,
    Tensor gamma,
    Tensor beta,
    Tensor scale,
    Tensor shift,
    Tensor row,
    Tensor y,
    Tensor mean,
    Tensor rstd,
    int groups,
    float eps,
    boolean silu)
    implements Operation {

  public static Tensor of(
      Tensor x, Tensor gamma, Tensor beta, int groups, float eps, boolean silu) {
    return record(x, gamma, beta, null, null, null, groups, eps, silu);
  }

  public static Tensor adaptive(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor scale,
      Tensor shift,
      Tensor row,
      int groups,
      float eps,
      boolean silu) {
    for (Tensor t : List.of(scale, shift)) {
      boolean fits = t.rank() == 2 && t.dim(1) == x.dim(-1) && t.type() == x.type();
      boolean rows = row != null || t.dim(0) == 1 || t.dim(0) == x.dim(0);
      if (!fits || !rows || t.dim(0) != scale.dim(0)) {
        throw new EngineException("group_norm: " + t + " does not fit as scale or shift of " + x);
      }
    }
    if (row != null && (row.type() != DType.I32 || row.elements() != 1)) {
      throw new EngineException("group_norm: the number of a row must be I32 [1], not " + row);
    }
    return record(x, gamma, beta, scale, shift, row, groups, eps, silu);
  }

  private static Tensor record(
      Tensor x,
      Tensor gamma,
      Tensor beta,
      Tensor scale,
      Tensor shift,
      Tensor row,
      int groups,
      float eps,
      boolean silu) {
    if (x.rank() < 3 || groups < 1 || x.dim(-1) % groups != 0) {
      throw new EngineException("group_norm: " + x + " has no " + groups + " groups of channels");
    }
    for (Tensor p : List.of(gamma, beta)) {
      if (p.elements() != x.dim(-1) || p.type() != DType.F32) {
        throw new EngineException("group_norm: " + p + " does not fit the channels of " + x);
      }
    }
    List<Tensor> from = Operation.present(x, gamma, beta, scale, shift, row);
    Tensor y = x.graph().local("group_norm", x.type(), from, x.shape());
    Tensor mean = x.graph().local("group_norm.mean", DType.F32, from, x.dim(0), groups);
    Tensor rstd = x.graph().local("group_norm.rstd", DType.F32, from, x.dim(0), groups);
    return x.graph()
        .record(new GroupNorm(x, gamma, beta, scale, shift, row, y, mean, rstd, groups, eps, silu))
        .y;
  }

  @Override
  public List<Tensor> inputs() {
    return Operation.present(x, gamma, beta, scale, shift, row);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y, mean, rstd);
  }

  @Override
  public long flops() {
    return (silu ? 15 : 5) * x.elements();
  }

  @Override
  public int inPlace() {
    return 0;
  }

  @Override
  public void gradient(Gradients gradients) {
    if (row != null) {
      throw new EngineException("group_norm: no gradient of a row that is chosen by number");
    }
    Tensor dx = gradients.target(x);
    Tensor dgamma = gradients.target(gamma);
    Tensor dbeta = gradients.target(beta);
    Tensor dscale = gradients.target(scale);
    Tensor dshift = gradients.target(shift);
    x.graph().record(new Backward(this, gradients.of(y), dx, dgamma, dbeta, dscale, dshift));
    gradients.wrote(x, dx);
    gradients.wrote(gamma, dgamma);
    gradients.wrote(beta, dbeta);
    gradients.wrote(scale, dscale);
    gradients.wrote(shift, dshift);
  }

  /** The gradients; each is null or has the shape of its tensor. */
  public record Backward(
      GroupNorm forward,
      Tensor dy,
      Tensor dx,
      Tensor dgamma,
      Tensor dbeta,
      Tensor dscale,
      Tensor dshift)
      implements Operation {
    @Override
    public List<Tensor> inputs() {
      return Operation.present(
          dy,
          forward.x,
          forward.gamma,
          forward.beta,
          forward.scale,
          forward.shift,
          forward.mean,
          forward.rstd);
    }

    @Override
    public List<Tensor> outputs() {
      return Operation.present(dx, dgamma, dbeta, dscale, dshift);
    }

    @Override
    public long flops() {
      return (forward.silu ? 40 : 12) * dy.elements();
    }

    @Override
    public int inPlace() {
      return dx == null ? -1 : 0;
    }
  }
}
