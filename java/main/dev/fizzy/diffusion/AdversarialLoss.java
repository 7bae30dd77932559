package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.AddScaled;
import dev.fizzy.engine.op.Fill;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.NormRatio;
import dev.fizzy.engine.op.WeightedSum;
import dev.fizzy.model.PatchDiscriminator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The adversarial part of the training of an autoencoder, as in VQGAN (Esser et al., CVPR 2021) and
 * LDM: hinge loss for the discriminator, and for the autoencoder the negative mean logit of decoded
 * images, weighted so that its gradient at the decoder's last layer is as large as that of the
 * reconstruction. Both networks learn in the same step, from one evaluation of each.
 */
final class AdversarialLoss {
  private final Graph graph;
  private final double weight;
  private final Tensor decoded;
  private final Tensor generator;
  private final Tensor discriminator;
  private final Tensor realLogit;

  /**
   * @param images [B,S,S,3] in [-1,1]
   * @param decoded as images
   */
  AdversarialLoss(
      Graph graph, AutoencoderTask.Adversarial settings, Tensor images, Tensor decoded) {
    this.graph = graph;
    this.weight = settings.weight();
    this.decoded = decoded;
    PatchDiscriminator network = new PatchDiscriminator(graph, settings.discriminator());
    Tensor real = network.logits(images);
    Tensor fake = network.logits(decoded);
    Tensor one = filled(real.shape(), 1);
    Tensor minusOne = filled(real.shape(), -1);
    generator = Loss.linear(fake, one);
    discriminator =
        WeightedSum.of(new float[] {.5f, .5f}, Loss.hinge(real, one), Loss.hinge(fake, minusOne));
    realLogit = Loss.linear(real, minusOne);
  }

  private Tensor filled(int[] shape, float value) {
    Tensor y = graph.local("label", DType.F32, List.of(), shape);
    return graph.record(new Fill(y, value)).y();
  }

  /**
   * Records the gradients of all losses.
   *
   * @param reconstruction what the decoded images lose, f32 [1]
   * @param others losses that do not depend on the decoded images
   * @param last weights of the decoder's last layer
   * @return the adversarial loss's weight, f32 [1]
   */
  Tensor backward(Tensor reconstruction, List<Tensor> others, Tensor last) {
    List<Tensor> wanted = graph.gradients(reconstruction, decoded, last);
    List<Tensor> adversarial = graph.gradients(generator, decoded, last);
    Tensor scale = NormRatio.of(wanted.get(1), adversarial.get(1), (float) weight);
    Tensor total = AddScaled.of(wanted.get(0), scale, adversarial.get(0));
    graph.backwardFrom(Map.of(decoded, total), others);
    graph.backwardUpTo(Set.of(decoded), discriminator);
    return scale;
  }

  /** The adversarial loss of the autoencoder, f32 [1]. */
  Tensor generator() {
    return generator;
  }

  /** The losses and the mean logits, f32 [1] each. */
  Map<String, Tensor> metrics() {
    Tensor fakeLogit = WeightedSum.of(new float[] {-1}, generator);
    return new TreeMap<>(
        Map.of(
            "adversarial", generator,
            "discriminator", discriminator,
            "logits_real", realLogit,
            "logits_fake", fakeLogit));
  }
}
