package dev.fizzy.diffusion;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Plan;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.op.Cast;
import dev.fizzy.engine.op.ImageToTensor;
import dev.fizzy.engine.op.TensorToImage;
import dev.fizzy.engine.op.VectorQuantize;
import dev.fizzy.model.ModelFile;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Encodes, quantizes and decodes faces with the autoencoder of a model, and counts its codes. */
public final class RoundTrip implements AutoCloseable {
  private final Parameters weights;
  private final Program program;
  private final Tensor image;
  private final Tensor again;
  private final Tensor codes;
  private final long[] use;

  /**
   * @param batch faces at a time
   */
  public RoundTrip(Device device, ModelFile model, int batch, DType type) {
    VqAutoencoderConfig config = model.config().autoencoder();
    Graph graph = new Graph(type);
    int s = config.imageSize();
    image = graph.input("image", DType.U8, Stage.EVALUATION, batch, s, s, 3);
    VqAutoencoder autoencoder = new VqAutoencoder(graph, config);
    Tensor latents = autoencoder.encode(ImageToTensor.of(image, type));
    VectorQuantize quantized = autoencoder.quantize(Cast.of(latents, DType.F32));
    codes = graph.output(quantized.indices());
    Tensor decoded = autoencoder.decode(Cast.of(quantized.quantized(), type));
    again = graph.output(TensorToImage.of(decoded));
    use = new long[config.codes()];
    weights = new Parameters(device, graph.parameters(), Region.VALUES);
    try {
      model.fill(weights, Region.VALUES);
      program = new Program(new Plan(graph, device), device, weights);
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  public int batch() {
    return image.dim(0);
  }

  /**
   * @param images RGB pixels [B, S, S, 3]
   * @param count faces whose codes are counted; the others fill the batch
   * @return the pixels of the round trip, of the same shape
   */
  public byte[] of(byte[] images, int count) {
    program.write(image, images);
    program.run();
    ByteBuffer chosen = ByteBuffer.wrap(program.readBytes(codes)).order(ByteOrder.nativeOrder());
    long positions = codes.elements() / batch() * count;
    for (long i = 0; i < positions; i++) {
      use[chosen.getInt()]++;
    }
    return program.readBytes(again);
  }

  /** How often each code was chosen. */
  public long[] use() {
    return Arrays.copyOf(use, use.length);
  }

  @Override
  public void close() {
    program.close();
    weights.close();
  }
}
