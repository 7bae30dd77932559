package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.L2Normalize;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.WeightedSum;
import dev.fizzy.model.IResNet;
import dev.fizzy.model.IResNetConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Perceptual distance of two batches of faces by a frozen recognizer: the squared distance of its
 * features, normalized at every pixel, averaged over pixels and summed over its four stages and the
 * embedding (LPIPS, Zhang et al., CVPR 2018, without learned weights and with a recognizer instead
 * of VGG). Between 0 and 20.
 */
final class PerceptualLoss {
  private final List<Tensor> of;
  private final IResNet recognizer;
  private final DType type;

  /**
   * @param target f32 [B,S,S,3] in [-1,1]; receives no gradient
   */
  PerceptualLoss(Graph graph, IResNetConfig config, Tensor target) {
    if (config.size() != target.dim(1)) {
      throw new EngineException(
          "the recognizer takes faces of "
              + config.size()
              + " pixels, the autoencoder makes "
              + target.dim(1));
    }
    type = graph.compute();
    recognizer = new IResNet(graph, config, IResNet.Mode.FROZEN);
    of = features(target);
  }

  /** The distance to the target, f32 [1]; {@code faces} have its shape and range. */
  Tensor to(Tensor faces) {
    List<Tensor> features = features(faces);
    List<Float> weights = new ArrayList<>();
    List<Tensor> distances = new ArrayList<>();
    for (int i = 0; i < features.size(); i++) {
      weights.add((float) features.get(i).dim(1)); // turns the mean over channels into a sum
      distances.add(Loss.mse(features.get(i), of.get(i)));
    }
    return WeightedSum.of(weights, List.copyOf(distances));
  }

  private List<Tensor> features(Tensor faces) {
    return recognizer.features(Cast.of(faces, type)).stream().map(PerceptualLoss::unit).toList();
  }

  private static Tensor unit(Tensor map) {
    int channels = map.dim(-1);
    int rows = Math.toIntExact(map.elements() / channels);
    return L2Normalize.of(Cast.of(Reshape.of(map, rows, channels), DType.F32)).y();
  }
}
