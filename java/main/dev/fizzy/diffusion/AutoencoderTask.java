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
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.training.Epochs;
import dev.fizzy.training.TrainingTask;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Teaches the autoencoder: L1 reconstruction plus the quantisation loss, on faces half of the time
 * mirrored. The published one adds a perceptual and an adversarial term, which need networks of
 * their own; without them details come out softer.
 */
public final class AutoencoderTask implements TrainingTask {
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
   * @param count how many faces there are
   * @param faces RGB pixels of each, [S,S,3]
   */
  public AutoencoderTask(
      VqAutoencoderConfig config,
      int count,
      IntFunction<byte[]> faces,
      int batch,
      DType type,
      long seed) {
    if (count == 0) {
      throw new EngineException("there is no face to train on");
    }
    this.faces = faces;
    this.epochs = new Epochs(seed, count);
    this.seed = seed;
    this.batch = batch;
    this.size = config.imageSize();
    graph = new Graph(type);
    image = graph.input("image", DType.U8, Stage.EVALUATION, batch, size, size, 3);
    VqAutoencoder autoencoder = new VqAutoencoder(graph, config);
    Tensor x = ImageToTensor.of(image, DType.F32);
    VectorQuantize quantised = autoencoder.quantize(autoencoder.encode(Cast.of(x, type)));
    Tensor reconstruction = Loss.l1(autoencoder.decode(quantised.quantised()), x);
    Tensor loss = WeightedSum.of(new float[] {1, 1}, reconstruction, quantised.loss());
    metrics.put("loss", graph.output(loss));
    metrics.put("l1", graph.output(reconstruction));
    metrics.put("quantisation", graph.output(quantised.loss()));
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
