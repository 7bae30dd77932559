package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Folds the batch norms before and after a layer, with their running statistics, into its weights
 * and bias: the folded layer computes at inference what layer and norms compute together. Depends
 * on the model alone, so it runs once per model.
 *
 * <p>A norm {@code before} may be folded only into a matrix.
 *
 * @param w f32 [N, ...]
 * @param bias f32 [N], or null
 * @param before over the first dimension of a row of w, or null
 * @param after over N, or null
 * @param weights as w
 * @param shift f32 [N], the folded bias
 */
public record FoldBatchNorm(
    Tensor w, Tensor bias, Norm before, Norm after, Tensor weights, Tensor shift)
    implements Operation {
  /** A batch norm's parameters, f32 [C] each. */
  public record Norm(Tensor gamma, Tensor beta, BatchNorm.Running running, float eps) {
    int channels() {
      return Math.toIntExact(gamma.elements());
    }

    Stream<Tensor> tensors() {
      return Stream.of(gamma, beta, running.mean(), running.variance());
    }
  }

  public static FoldBatchNorm of(Tensor w, Tensor bias, Norm before, Norm after) {
    long row = w.elements() / w.dim(0);
    if (w.type() != DType.F32
        || before != null && w.rank() != 2
        || before != null && row % before.channels() != 0
        || after != null && after.channels() != w.dim(0)
        || bias != null && bias.elements() != w.dim(0)) {
      throw new EngineException(
          "fold_batch_norm: norms "
              + before
              + " and "
              + after
              + " with bias "
              + bias
              + " do not fit "
              + w);
    }
    List<Tensor> from = inputs(w, bias, before, after);
    Tensor weights = w.graph().local("folded", DType.F32, from, w.shape());
    Tensor shift = w.graph().local("folded.bias", DType.F32, from, w.dim(0));
    return w.graph().record(new FoldBatchNorm(w, bias, before, after, weights, shift));
  }

  private static List<Tensor> inputs(Tensor w, Tensor bias, Norm before, Norm after) {
    return Stream.concat(
            Stream.of(w, bias),
            Stream.of(before, after).filter(Objects::nonNull).flatMap(Norm::tensors))
        .filter(Objects::nonNull)
        .toList();
  }

  @Override
  public List<Tensor> inputs() {
    return inputs(w, bias, before, after);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(weights, shift);
  }

  @Override
  public long flops() {
    return 3 * w.elements();
  }
}
