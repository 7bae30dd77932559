package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.WeightedSum;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Distances of two batches of faces by a frozen network. The perceptual one is the squared distance
 * of its features, normalized at every pixel, averaged over pixels and summed over the feature maps
 * and the embedding (LPIPS, Zhang et al., CVPR 2018, without learned weights): between 0 and 4 for
 * each. That of identities is 1 - the mean cosine of the embeddings.
 */
final class PerceptualLoss {
  /**
   * The distances, f32 [1] each.
   *
   * @param features of all features, the embedding's included
   */
  record Distances(Tensor features, Tensor identity) {}

  private final Function<Tensor, List<Tensor>> network;
  private final DType type;
  private final List<Tensor> of;

  /**
   * @param network records the features of faces [B,S,S,3]: maps [B,H,W,C] and, last, the embedding
   *     [B,W]
   * @param target f32 [B,S,S,3] in [-1,1]; receives no gradient
   */
  PerceptualLoss(Function<Tensor, List<Tensor>> network, Tensor target) {
    this.network = network;
    this.type = target.graph().compute();
    of = features(target);
  }

  /** The distances to the target; {@code faces} have its shape and range. */
  Distances to(Tensor faces) {
    List<Tensor> features = features(faces);
    List<Float> weights = new ArrayList<>();
    List<Tensor> distances = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      weights.add((float) features.get(i).dim(1)); // turns the mean over channels into a sum
      distances.add(Loss.mse(features.get(i), of.get(i)));
    }
    int last = features.size() - 1;
    // |u - v|^2 = 2 (1 - u v) for unit vectors
    Tensor identity =
        WeightedSum.of(List.of(weights.get(last) / 2), distances.subList(last, last + 1));
    return new Distances(WeightedSum.of(weights, List.copyOf(distances)), identity);
  }

  private List<Tensor> features(Tensor faces) {
    return network.apply(Cast.of(faces, type)).stream().map(PerceptualLoss::unit).toList();
  }

  private static Tensor unit(Tensor map) {
    int channels = map.dim(-1);
    int rows = Math.toIntExact(map.elements() / channels);
    return L2Normalize.of(Cast.of(Reshape.of(map, rows, channels), DType.F32)).y();
  }
}
