package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Philox;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.VectorQuantize;
import dev.fizzy.engine.op.WeightedSum;
import dev.fizzy.model.IResNetConfig;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.training.Epochs;
import dev.fizzy.training.TrainingTask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Trains the autoencoder. Loss: L1 reconstruction plus quantization and, if a recognizer is given,
 * a perceptual loss; half of the faces are mirrored. The published training adds an adversarial
 * loss; without it details are softer.
 */
public final class AutoencoderTask implements TrainingTask {
  /**
   * What is trained, and with which loss.
   *
   * @param decoderOnly whether encoder and codebook are frozen, so that latents do not change and a
   *     U-Net trained on them stays usable
   * @param recognizer of the perceptual loss, or null; the task's parameters contain its weights by
   *     their published names
   * @param weight of the perceptual loss; that of L1 is 1
   */
  public record Objective(boolean decoderOnly, IResNetConfig recognizer, double weight) {}

  private final IntFunction<byte[]> faces;
  private final Epochs epochs;
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
    graph = new Graph(type);
    image = graph.input("image", DType.U8, Stage.EVALUATION, batch, size, size, 3);
    Tensor x = ImageToTensor.of(image, DType.F32);
    VqAutoencoder encoder = new VqAutoencoder(graph, config, objective.decoderOnly);
    VectorQuantize quantized = encoder.quantize(encoder.encode(Cast.of(x, type)));
    Tensor again = new VqAutoencoder(graph, config).decode(quantized.quantized());
    Map<String, Tensor> terms = new LinkedHashMap<>();
    List<Float> weights = new ArrayList<>();
    terms.put("l1", Loss.l1(again, x));
    weights.add(1f);
    if (!objective.decoderOnly) {
      terms.put("quantization", quantized.loss());
      weights.add(1f);
    }
    if (objective.recognizer != null) {
      terms.put("perceptual", new PerceptualLoss(graph, objective.recognizer, x).to(again));
      weights.add((float) objective.weight);
    }
    Tensor loss = WeightedSum.of(weights, List.copyOf(terms.values()));
    metrics.put("loss", graph.output(loss));
    terms.forEach((name, term) -> metrics.put(name, graph.output(term)));
    graph.backward(loss);
    buffer = new byte[Math.toIntExact(image.elements())];
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
