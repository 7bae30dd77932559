package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * The forward process and the target that the network must predict, with the noise drawn inside: xt
 * = alpha x0 + sigma noise (Ho et al. 2020), target = noise, or alpha noise - sigma x0 when {@code
 * velocity} (Salimans and Ho 2022). Random numbers are those of {@link RandomRows}, with purpose
 * Q_SAMPLE.
 *
 * @param x0 f32 [B,...]
 * @param alpha f32 [B], sqrt(alphaBar) at each row's time
 * @param sigma f32 [B], sqrt(1-alphaBar)
 * @param xt the graph's type, shape of x0
 * @param target f32, shape of x0
 */
public record QSample(
    Tensor x0,
    Tensor alpha,
    Tensor sigma,
    Tensor rows,
    Tensor random,
    boolean velocity,
    Tensor xt,
    Tensor target)
    implements Operation {
  public static QSample of(
      Tensor x0, Tensor alpha, Tensor sigma, Tensor rows, Tensor random, boolean velocity) {
    int batch = x0.dim(0);
    RandomRows.check("q_sample", batch, rows, random);
    if (x0.type() != DType.F32
        || alpha.type() != DType.F32
        || sigma.type() != DType.F32
        || alpha.elements() != batch
        || sigma.elements() != batch) {
      throw new EngineException(
          "q_sample: x0, alpha and sigma must be f32 with one alpha and sigma a row, not "
              + x0
              + ", "
              + alpha
              + ", "
              + sigma);
    }
    List<Tensor> from = List.of(x0, alpha, sigma, rows, random);
    Tensor xt = x0.graph().local("xt", x0.graph().compute(), from, x0.shape());
    Tensor target = x0.graph().local("target", DType.F32, from, x0.shape());
    return x0.graph().record(new QSample(x0, alpha, sigma, rows, random, velocity, xt, target));
  }

  @Override
  public String name() {
    return "q_sample";
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x0, alpha, sigma, rows, random);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(xt, target);
  }

  @Override
  public long flops() {
    return (velocity ? 26 : 23) * x0.elements();
  }
}
