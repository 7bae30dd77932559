package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.AddScaled;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.VectorQuantize;
import dev.fizzy.engine.op.WeightedSum;
import dev.fizzy.model.PatchDiscriminator;
import dev.fizzy.model.SmallDecoder;
import dev.fizzy.model.SmallDecoderConfig;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.training.Epochs;
import dev.fizzy.training.TrainingTask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * Trains the autoencoder. Loss: L1 reconstruction plus quantization and, if a recognizer is given,
 * a perceptual loss; from a step on, if asked, an adversarial loss, without which details are
 * softer (LDM, Rombach et al., CVPR 2022). Half of the faces are mirrored. The same losses, with
 * the images of a frozen autoencoder as target, train a small decoder.
 */
public final class AutoencoderTask implements TrainingTask {
  /**
   * What is trained, and with which loss.
   *
   * @param decoderOnly whether encoder and codebook are frozen, so that latents do not change and a
   *     U-Net trained on them stays usable
   * @param network records the features of faces for the perceptual loss, as {@link PerceptualLoss}
   *     takes it, or null; the task's parameters contain its weights, as states
   * @param weight of the perceptual loss; that of L1 is 1
   * @param identity weight of the distance of identities
   * @param adversarial or null
   * @param small a small decoder, which learns the images of the whole frozen autoencoder; null to
   *     train the autoencoder itself
   */
  public record Objective(
      boolean decoderOnly,
      Function<Tensor, List<Tensor>> network,
      double weight,
      double identity,
      Adversarial adversarial,
      SmallDecoderConfig small) {
    /** Trains the autoencoder. */
    public Objective(
        boolean decoderOnly,
        Function<Tensor, List<Tensor>> network,
        double weight,
        double identity,
        Adversarial adversarial) {
      this(decoderOnly, network, weight, identity, adversarial, null);
    }

    Objective withoutAdversarial() {
      return new Objective(decoderOnly, network, weight, identity, null, small);
    }

    boolean frozenEncoder() {
      return decoderOnly || small != null;
    }
  }

  /**
   * The adversarial loss.
   *
   * @param weight of it, beside the adaptive one
   * @param from the step, counted from 0, at which it begins
   */
  public record Adversarial(double weight, long from, PatchDiscriminator.Config discriminator) {}

  private final IntFunction<byte[]> faces;
  private final Epochs epochs;
  private final long from;
  private final AutoencoderTask before;
  private final long seed;
  private final int batch;
  private final int size;
  private final Graph graph;
  private final Tensor image;
  private final Map<String, Tensor> metrics = new LinkedHashMap<>();
  private final byte[] buffer;

  /**
   * @param count number of faces
   * @param faces returns the RGB pixels of a face, [S,S,3]
   */
  public AutoencoderTask(
      VqAutoencoderConfig config,
      Objective objective,
      int count,
      IntFunction<byte[]> faces,
      int batch,
      DType type,
      long seed) {
    if (count == 0) {
      throw new EngineException("there are no faces to train on");
    }
    this.faces = faces;
    this.epochs = new Epochs(seed, count);
    this.seed = seed;
    this.batch = batch;
    this.size = config.imageSize();
    this.from = objective.adversarial == null ? 0 : objective.adversarial.from;
    this.before =
        from == 0
            ? null
            : new AutoencoderTask(
                config, objective.withoutAdversarial(), count, faces, batch, type, seed);
    graph = new Graph(type);
    image = graph.input("image", DType.U8, Stage.EVALUATION, batch, size, size, 3);
    Tensor face = ImageToTensor.of(image, DType.F32);
    VqAutoencoder encoder = new VqAutoencoder(graph, config, objective.frozenEncoder());
    VectorQuantize quantized = encoder.quantize(encoder.encode(Cast.of(face, type)));
    Tensor codes = quantized.quantized();
    Tensor x = face;
    Tensor again;
    Tensor last;
    if (objective.small == null) {
      VqAutoencoder decoder = new VqAutoencoder(graph, config);
      again = decoder.decode(codes);
      last = decoder.lastWeights();
    } else {
      SmallDecoder decoder = new SmallDecoder(graph, objective.small);
      Tensor middle = encoder.middle(codes);
      x = Cast.of(encoder.draw(middle), DType.F32);
      again = decoder.decode(codes, middle);
      last = decoder.lastWeights();
    }
    Tensor quantization = objective.frozenEncoder() ? null : quantized.loss();
    Tensor reconstruction = reconstruction(objective, x, again);
    Tensor loss = reconstruction;
    if (quantization != null) {
      loss = WeightedSum.of(new float[] {1, 1}, reconstruction, quantization);
      metrics.put("quantization", quantization);
    }
    if (objective.adversarial == null) {
      graph.backward(loss);
    } else {
      AdversarialLoss adversarial =
          new AdversarialLoss(graph, objective.adversarial, Cast.of(x, type), again);
      Tensor weight = adversarial.backward(reconstruction, Operation.present(quantization), last);
      loss = AddScaled.of(loss, weight, adversarial.generator());
      metrics.putAll(adversarial.metrics());
      metrics.put("adaptive_weight", weight);
    }
    metrics.put("loss", loss);
    metrics.values().forEach(graph::output);
    buffer = new byte[Math.toIntExact(image.elements())];
  }

  /** L1 plus the losses of the frozen network, f32 [1]. */
  private Tensor reconstruction(Objective objective, Tensor x, Tensor again) {
    Tensor l1 = Loss.l1(again, x);
    metrics.put("loss", l1); // its place is the first
    metrics.put("l1", l1);
    if (objective.network == null) {
      return l1;
    }
    PerceptualLoss.Distances distances = new PerceptualLoss(objective.network, x).to(again);
    metrics.put("perceptual", distances.features());
    metrics.put("identity", distances.identity());
    float[] weights = {1, (float) objective.weight, (float) objective.identity};
    return WeightedSum.of(weights, l1, distances.features(), distances.identity());
  }

  @Override
  public TrainingTask at(long step) {
    return step < from ? before : this;
  }

  @Override
  public Graph graph() {
    return graph;
  }

  @Override
  public Map<String, Tensor> metrics() {
    return metrics;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public void feed(Program program, long step) {
    Philox flips = new Philox(seed, Philox.Purpose.FLIP, step);
    int pixels = size * size * 3;
    for (int i = 0; i < batch; i++) {
      byte[] face = faces.apply(epochs.example(step * batch + i));
      if (flips.nextInt() < 0) {
        Mirror.copy(face, size, buffer, i * pixels);
      } else {
        System.arraycopy(face, 0, buffer, i * pixels, pixels);
      }
    }
    program.write(image, buffer);
  }
}
